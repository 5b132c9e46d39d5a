"""Commands that are shown reach a program as they were meant, whatever is in them."""

import shlex
import subprocess
from pathlib import Path

import pytest

from flagbench.shell_command import operand, shell_command

ODD = ("a b", "it's", 'say "x"', "$HOME", "`id`", "a;b", "*", "~", "prôject", "-n", "--help", "#1")


def arguments(command: str) -> list[str]:
    """The arguments of a command as a program gets them of a shell."""
    done = subprocess.run(
        ["sh", "-c", f"set -- {command}\n printf '%s\\0' \"$@\""],
        capture_output=True, check=True, text=True,
    )  # fmt: skip
    return done.stdout.split("\0")[:-1]


@pytest.mark.parametrize("name", ODD)
def test_a_shell_takes_a_path_as_it_is(name: str) -> None:
    """And no program takes it for an option."""
    program, word = arguments(shell_command("cd", Path(name)))
    assert (program, Path(word)) == ("cd", Path(name))
    assert not word.startswith("-")
    assert Path(operand(f"{name}::all")) == Path(f"{name}::all")


@pytest.mark.parametrize("name", ODD)
def test_a_shell_takes_a_word_as_it_is(name: str) -> None:
    """An option stays one."""
    assert arguments(shell_command("flagbench", "run", name)) == ["flagbench", "run", name]
    assert shlex.split(shell_command(name)) == [name]
