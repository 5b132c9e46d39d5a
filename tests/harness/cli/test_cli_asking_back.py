"""`flagbench generate crud` asks back what it did not understand, and runs the tests it made."""

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from patience import PATIENCE_SECONDS

from flagbench.cli import own_tests


@dataclass(frozen=True)
class _Made:
    """An approved artifact."""

    entity: str
    approved: bool = True
    reason: str = ""


COMMAND = str(Path(sys.executable).with_name("flagbench"))
LOST = "Relate recipes to ingredients."
QUESTION = "go on? [y/N]: "
TELLS = "no request makes Ingredient, which Recipe points at"


def command(*more: str) -> list[str]:
    """The command for a request with a target that nobody makes."""
    return [COMMAND, "generate", "crud", LOST, "--out", "x", "--provider", "simulated", *more]


def environment() -> dict[str, str]:
    """The environment without a key."""
    return {name: text for name, text in os.environ.items() if "OPENAI" not in name}


def piped(folder: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """Run the command without a terminal."""
    return subprocess.run(
        command(*more), cwd=folder, env=environment(), stdin=subprocess.DEVNULL,
        capture_output=True, text=True, check=False,
    )  # fmt: skip


# A new session takes its standard input as its terminal, so that Ctrl-C is a signal.
_AT_TERMINAL = (
    "import fcntl, os, sys, termios\n"
    "fcntl.ioctl(0, termios.TIOCSCTTY, 0)\n"
    "os.execv(sys.argv[1], sys.argv[1:])\n"
)


def at_terminal(folder: Path, typed: bytes) -> tuple[int, str]:
    """Run the command at a terminal, and type once it asks; its exit code and what it showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", _AT_TERMINAL, *command()], cwd=folder, env=environment(),
        stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True,
    )  # fmt: skip
    os.close(theirs)
    shown, is_typed, ends = b"", False, time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < ends and select.select([ours], [], [], PATIENCE_SECONDS)[0]:
            try:
                part = os.read(ours, 4096)
            except OSError:  # the terminal is closed
                break
            shown += part
            if QUESTION.encode() in shown and not is_typed:
                # As a person does: between the question and its read, Python's `input` would not
                # see a Ctrl-C before the next key.
                time.sleep(0.5)
                os.write(ours, typed)
                is_typed = True
        code = process.wait(PATIENCE_SECONDS)
    finally:
        process.kill()
        os.close(ours)
    return code, shown.decode()


@pytest.mark.thorough
def test_without_a_terminal_it_ends_before_it_pays_for_files(tmp_path: Path) -> None:
    """One error with what was found, expected, and the fix; nothing is written."""
    done = piped(tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert "understood: relate Recipe\n  ingredients: many Ingredient (not made so far)\n" in (
        done.stderr
    )
    error = done.stderr[done.stderr.index("flagbench: ") :].splitlines()
    assert error[0].startswith("flagbench: a request was not understood: ")
    assert TELLS in error[0]
    assert [line.split(":")[0].strip() for line in error[1:]] == ["expected", "fix"]
    assert "artifact" not in done.stderr
    assert not (tmp_path / "x").exists()


@pytest.mark.thorough
def test_with_yes_it_goes_on_and_refuses_what_cannot_work(tmp_path: Path) -> None:
    """The files are there to look at; the target is named, and so are the tests that fail."""
    done = piped(tmp_path, "--yes")
    assert done.returncode == 1
    assert f"not understood: {TELLS}" in done.stderr
    assert "go on?" not in done.stderr
    assert "0 of 4 files approved" in done.stderr
    words = " ".join(done.stdout.split())
    assert "no request makes Ingredient, which Recipe points at" in words
    assert "own tests fail (" in words
    assert (tmp_path / "x/app/schemas/recipe.py").exists()


@pytest.mark.thorough
def test_own_tests_can_be_left_out(tmp_path: Path) -> None:
    """Then nothing is said of them."""
    assert "own tests" not in piped(tmp_path, "--yes", "--without-tests").stdout


@pytest.mark.parametrize(
    ("typed", "code", "told", "is_written"),
    [(b"y\n", 1, "0 of 4 files approved", True),
     (b"n\n", 1, "stopped, since a request was not understood; nothing was written", False),
     (b"\n", 1, "stopped, since a request was not understood; nothing was written", False),
     (b"\x03", 130, "flagbench: ", False)],
    ids=["yes", "no", "enter", "ctrl-c"],
)  # fmt: skip
def test_at_a_terminal_it_asks(
    tmp_path: Path, typed: bytes, code: int, told: str, is_written: bool
) -> None:
    """No is the default; Ctrl-C ends cleanly."""
    ended, shown = at_terminal(tmp_path, typed)
    assert shown.count(QUESTION) == 1
    assert TELLS in " ".join(shown.split())
    assert told in shown
    assert ended == code, shown
    assert "Traceback" not in shown
    assert (tmp_path / "x").exists() is is_written


@pytest.mark.thorough
def test_an_understood_request_is_not_asked_about(tmp_path: Path) -> None:
    """What was understood is shown."""
    words = "Add a Student with name and an optional email"
    done = subprocess.run(
        [COMMAND, "generate", "crud", words, "--out", "x", "--provider", "simulated"],
        cwd=tmp_path, env=environment(), stdin=subprocess.DEVNULL, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "understood: create Student\n  name: string\n  email: optional email\n" in done.stderr
    assert "not understood" not in done.stderr


def files_of(test: str) -> Mapping[str, str]:
    """An application whose tests are these."""
    return {
        "app/__init__.py": "",
        "app/main.py": "from fastapi import FastAPI\n\napp = FastAPI()\n",
        "tests/test_thing.py": test,
    }


def test_files_whose_own_tests_fail_are_not_approved() -> None:
    """With how many of them fail; files of other entities stay approved."""
    test = "def test_a(): pass\n\n\ndef test_b(): assert 1 == 2\n"
    made = [_Made("Thing"), _Made("Other")]
    outcome = SimpleNamespace(
        artifacts=made, entities=[SimpleNamespace(name="Thing", table="things")]
    )
    first, second = own_tests.held_against_own_tests(outcome, files_of(test), run_unsandboxed=False)
    assert not first.approved
    assert first.reason.startswith("own tests fail (1 of 2): ")
    assert second.approved


def test_an_outcome_without_entities_has_no_own_tests() -> None:
    """A backend of an ERD is no application of this kind: nothing is run."""
    made = [_Made("Thing")]
    outcome = SimpleNamespace(artifacts=made)
    assert own_tests.held_against_own_tests(outcome, {}, run_unsandboxed=False) == made
