"""A self-test that a signal ends leaves no process behind."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from house import EXAMPLES, House
from patience import PATIENCE_SECONDS

pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals")
# Import of the subject waits forever, in the process of a series alone.
WAITS = """
import os, pathlib, sys, threading
if "flagbench.self_test.series_process" in " ".join(sys.orig_argv):
    pathlib.Path(os.environ["OWN_PID"]).write_text(f"{os.getpid()}.")
    threading.Event().wait()
"""
CATALOGUE = """
sources: [src]
unchanged: [scenarios/tiny.yaml::none]
cases:
  - {name: x, about: x, file: src/tiny.py, old: "Take your time. ", new: "", expect: harmless,
     run: [scenarios/tiny.yaml::none]}
"""
LOADED = """
import signal
from flagbench.self_test import unchanged_runs
with unchanged_runs._load(True):
    print("busy", flush=True)
    signal.pause()
"""


def written(path: Path) -> int:
    """The process id that is written to a file, once it is there."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not (path.exists() and path.read_text().endswith(".")):
        assert time.monotonic() < end
        time.sleep(0.05)
    return int(path.read_text().removesuffix("."))


def ends(pid: int) -> bool:
    """True for a process that ends soon; one that is not waited for has ended, too."""
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        status = Path(f"/proc/{pid}/stat")
        if status.exists() and status.read_text().rpartition(")")[2].split()[0] == "Z":
            return True
        time.sleep(0.05)
    return False


def killed(pid: int) -> None:
    """End a process that may have ended."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "results of whole cases are kept"),
        (("--unchanged", "3"), "Unchanged runs: 0 false alarms of 0 (3 were asked for)"),
    ],
)
def test_a_signal_ends_the_processes_of_series(
    house: House, tmp_path: Path, arguments: tuple[str, ...], told: str
) -> None:
    """And the exit code is that of the signal."""
    source = house.path / "src" / "tiny.py"
    source.parent.mkdir()
    source.write_text(WAITS + (EXAMPLES / "tiny.py").read_text())
    (house.path / "pytest.ini").write_text("[pytest]\npythonpath = src\n")
    (house.path / "own.yaml").write_text(CATALOGUE)
    pid_file = tmp_path / "pid"
    command = [Path(sys.executable).with_name("flagbench"), "self-test", "own.yaml", *arguments]
    started = subprocess.Popen(
        command, cwd=house.path, env={**os.environ, "OWN_PID": str(pid_file)},
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    )  # fmt: skip
    pid = written(pid_file)
    started.send_signal(signal.SIGTERM)
    try:
        assert ends(pid)
    finally:
        killed(pid)
    said, _ = started.communicate(timeout=PATIENCE_SECONDS)
    assert started.returncode == 143, said
    assert told in said
    assert "recorded answers" not in said


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_the_load_ends_with_its_parent() -> None:
    """Also where that has no time to end it."""
    started = subprocess.Popen([sys.executable, "-c", LOADED], stdout=subprocess.PIPE, text=True)
    assert started.stdout is not None
    assert started.stdout.readline() == "busy\n"
    children = Path(f"/proc/{started.pid}/task/{started.pid}/children").read_text().split()
    started.kill()
    try:
        assert [ends(int(child)) for child in children] == [True]
    finally:
        for child in children:
            killed(int(child))
        started.communicate()
