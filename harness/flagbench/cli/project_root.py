"""The root of a project whose files workers get, and paths as they are called in a copy of it."""

from pathlib import Path

from flagbench.cli import ini_lines
from flagbench.errors import InputError, Problem
from flagbench.shell_command import shell_command


def check(root: Path) -> None:
    """Raise `InputError` where pytest's configuration is that of a folder above."""
    if not ini_lines.configured(root)[2]:
        for above in root.parents:
            if ini_lines.configured(above)[2]:
                expected = "the root of the project, all of whose files the workers get"
                raise InputError(
                    Problem(f"run in {root}", "--on", expected, shell_command("cd", above))
                )


def inside(root: Path, text: str, what: str) -> str:
    """A path of the project as it is called in a copy, relative to its root."""
    path, separator, rest = text.partition("::")
    found = (root / path).resolve()
    if not found.is_relative_to(root):
        expected = "a path in the project, whose files the workers get"
        raise InputError(Problem(f"{text} is not in {root}", what, expected))
    return found.relative_to(root).as_posix() + separator + rest
