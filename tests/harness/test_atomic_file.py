"""Files are written whole or not at all."""

import errno
import os
import stat
from pathlib import Path

import pytest

from flagbench.atomic_file import write_whole


def test_folders_are_made_and_text_is_utf8(tmp_path: Path) -> None:
    """The file is readable by others, and nothing else is left beside it."""
    path = tmp_path / "a b" / "é" / "file.txt"
    write_whole(path, "größer\n")
    assert path.read_bytes() == "größer\n".encode()
    assert path.stat().st_mode & 0o777 == 0o644
    assert list(path.parent.iterdir()) == [path]


def test_bytes_stay_bytes(tmp_path: Path) -> None:
    """No newline is translated."""
    write_whole(tmp_path / "f", b"\r\n\x00\xff")
    assert (tmp_path / "f").read_bytes() == b"\r\n\x00\xff"


def test_parts_are_written_one_by_one(tmp_path: Path) -> None:
    """Text and bytes, of a generator; one that fails leaves nothing."""
    write_whole(tmp_path / "f", (part for part in ("ä", b"\xff", "\ud83d")))
    assert (tmp_path / "f").read_bytes() == b"\xc3\xa4\xff\\ud83d"
    with pytest.raises(ZeroDivisionError):
        write_whole(tmp_path / "g", (str(1 / number) for number in (1, 0)))
    assert [path.name for path in tmp_path.iterdir()] == ["f"]


@pytest.mark.parametrize("error", [OSError("disk full"), KeyboardInterrupt()])
def test_a_write_that_fails_leaves_the_old_content_and_no_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    """A full disk or Ctrl-C between writing and renaming."""
    path = tmp_path / "file.txt"
    write_whole(path, "old")

    def fail(_descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(type(error)):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name == "nt", reason="a named pipe of Unix")
@pytest.mark.parametrize("name", ["named", "number", "link"])
def test_a_pipe_is_written_and_stays_one(tmp_path: Path, name: str) -> None:
    """A named one, that of `>(program)`, and that of `/dev/stdout`: no file takes its place."""
    named = tmp_path / "pipe"
    os.mkfifo(named)
    reading = os.open(named, os.O_RDONLY | os.O_NONBLOCK)
    writing = os.open(named, os.O_WRONLY)
    (tmp_path / "stdout").symlink_to(f"/dev/fd/{writing}")
    path = {"named": named, "number": Path(f"/dev/fd/{writing}"), "link": tmp_path / "stdout"}[name]
    write_whole(path, ["some", b" bytes"])
    assert os.read(reading, 99) == b"some bytes"
    assert stat.S_ISFIFO(path.stat().st_mode)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["pipe", "stdout"]
    os.close(reading)
    os.close(writing)


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="names of open files")
def test_a_file_that_is_open_under_a_number_is_written(tmp_path: Path) -> None:
    """That of `--out /dev/stdout > file`: the link is not replaced, which others use, too."""
    with (tmp_path / "file").open("wb") as stream:
        link = tmp_path / "stdout"
        link.symlink_to(f"/proc/self/fd/{stream.fileno()}")
        write_whole(link, "text")
    assert link.is_symlink()
    assert (tmp_path / "file").read_text() == "text"


def test_an_error_names_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also one of the disk, which comes without a name."""

    def fail(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match=r"file\.txt") as error:
        write_whole(tmp_path / "file.txt", "new")
    assert error.value.filename == str(tmp_path / "file.txt")
