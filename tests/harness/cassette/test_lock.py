"""One recorder at a time, in a folder that can be written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from flagbench.cassette import lock
from flagbench.errors import CouldNotRun

HOLD = """
import sys, time
from pathlib import Path
from flagbench.cassette import lock
with lock.held(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_second_recorder_says_who_records(tmp_path: Path) -> None:
    """Until the first has ended, however it ends: a killed one holds nothing."""
    cassette = tmp_path / "made" / "1.yaml"
    other = subprocess.Popen(
        [sys.executable, "-c", HOLD, cassette], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(CouldNotRun) as caught, lock.held(cassette):
        pass
    assert str(caught.value).startswith(
        f"{cassette}: process {other.pid} is recording this cassette\n    fix: wait until "
    )
    other.kill()
    other.communicate()
    assert lock.path_of(cassette).exists()
    with lock.held(cassette):
        assert lock.path_of(cassette).read_text() == f"process {os.getpid()}"
    assert list(cassette.parent.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    """Before anything is sent."""
    (tmp_path / "file").write_text("")
    told = r"cannot be written here \(.*\); nothing was sent"
    path = tmp_path / "file" / "x" / "1.yaml"
    with pytest.raises(CouldNotRun, match=told), lock.held(path):
        pass


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder that nobody can write")
def test_a_read_only_folder_is_an_error() -> None:
    """Also for root."""
    with pytest.raises(CouldNotRun, match="nothing was sent"), lock.held(Path("/proc/self/1.yaml")):
        pass


def test_a_folder_in_the_place_of_a_cassette_is_an_error(tmp_path: Path) -> None:
    """It could not be replaced by the cassette, which is paid for by then."""
    (tmp_path / "1.yaml").mkdir()
    with pytest.raises(CouldNotRun, match="this is a folder"), lock.held(tmp_path / "1.yaml"):
        pass


def test_a_lock_that_its_holder_deletes_in_between_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who opened the file before it was deleted would hold one that nobody else can see."""
    cassette, flock, taken = tmp_path / "1.yaml", lock.fcntl.flock, list[int]()

    def late(descriptor: int, how: int) -> None:
        if not taken:
            lock.path_of(cassette).unlink()
        taken.append(descriptor)
        flock(descriptor, how)

    monkeypatch.setattr(lock.fcntl, "flock", late)
    with lock.held(cassette):
        assert len(taken) == 2
        assert os.path.samestat(os.fstat(taken[-1]), lock.path_of(cassette).stat())


def test_nothing_of_an_earlier_holder_stays_in_a_lock(tmp_path: Path) -> None:
    """A killed one with a longer number left its name there."""
    cassette = tmp_path / "1.yaml"
    lock.path_of(cassette).write_text("process 123456789012345")
    with lock.held(cassette):
        assert lock.path_of(cassette).read_text() == f"process {os.getpid()}"


@pytest.mark.parametrize(("number", "expected"), [(errno.ENOSPC, "space"), (errno.EIO, "a folder")])
def test_a_lock_that_cannot_be_written_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, expected: str
) -> None:
    """On a full disk a file can be created, and nothing written to it."""

    def fail(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    cassette = tmp_path / "1.yaml"
    monkeypatch.setattr(os, "write", fail)
    with pytest.raises(CouldNotRun) as caught, lock.held(cassette):
        pass
    told = f"{cassette}.lock: a cassette cannot be written here ({os.strerror(number)}); nothing "
    assert str(caught.value).startswith(told)
    assert f"expected: {expected}" in str(caught.value)
    assert list(tmp_path.iterdir()) == []
