"""Commands that are shown, written so that a shell takes them as they stand."""

import shlex
from pathlib import Path


def shell_command(*words: str | Path) -> str:
    """The words of a command in the quotes that a shell needs.

    A path that begins with a dash, which a command would take for an option, begins with `./`.
    """
    return shlex.join(operand(str(word)) if isinstance(word, Path) else word for word in words)


def operand(path: str) -> str:
    """The path as a word that no command takes for an option."""
    return f"./{path}" if path.startswith("-") else path
