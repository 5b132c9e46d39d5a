"""Layout of Python within 79 columns: long brackets and strings are split."""

import json
from collections.abc import Iterable, Sequence

WIDTH = 71
"""Columns of a line: 79 less two levels of indentation that a caller may add."""


def quoted(text: str) -> str:
    """The text as a Python literal in double quotes."""
    return json.dumps(text, ensure_ascii=False)


def bracket(indent: int, head: str, items: Iterable[str], tail: str) -> list[str]:
    """`head` + items + `tail` on one line, or one item a line where that is too long."""
    items = list(items)
    space = " " * indent
    line = f"{space}{head}{', '.join(items)}{tail}"
    if len(line) <= WIDTH or not items:
        return [line]
    inner = [f"{space}    {item}," for item in items]
    return [space + head, *inner, space + tail]


def literal(indent: int, head: str, text: str, tail: str) -> list[str]:
    """A string between `head` (which ends in a bracket) and `tail`, in pieces when too long."""
    space = " " * indent
    line = f"{space}{head}{quoted(text)}{tail}"
    if len(line) <= WIDTH:
        return [line]
    pieces = [f"{space}    {quoted(piece)}" for piece in _pieces(text, WIDTH - indent - 8)]
    return [space + head, *pieces, space + tail]


def _pieces(text: str, width: int) -> list[str]:
    lines, line = [], ""
    for word in text.split(" "):
        if line and len(line) + len(word) + 1 > width:
            lines.append(line + " ")
            line = word
        else:
            line = f"{line} {word}" if line else word
    return [*lines, line]


def wrapped_comment(indent: int, text: str) -> list[str]:
    """A comment in lines of at most 79 columns."""
    space = " " * indent + "# "
    return [space + piece.rstrip() for piece in _pieces(" ".join(text.split()), WIDTH - len(space))]


def indented(lines: Sequence[str], by: int = 4) -> list[str]:
    """The lines with `by` more spaces; empty lines stay empty."""
    return [" " * by + line if line else line for line in lines]


def module_text(blocks: Iterable[Sequence[str]]) -> str:
    """Top-level blocks with two empty lines between them, and a final newline."""
    return "\n\n\n".join("\n".join(block) for block in blocks if block) + "\n"
