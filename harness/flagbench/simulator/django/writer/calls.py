"""Calls, sequences and imports as text, of at most 79 columns for names of usual length."""

import re
from collections.abc import Iterable, Sequence

WIDTH = 79


def call(indent: int, head: str, items: Sequence[str], tail: str = ")") -> list[str]:
    """`head` + items + `tail` on one line, else one item a line; an item may have several lines."""
    space = " " * indent
    line = f"{space}{head}{', '.join(items)}{tail}"
    if not items or ("\n" not in line and len(line) <= WIDTH):
        return [line]
    lines = [space + head]
    for item in items:
        lines += [f"{space}    {line}" for line in f"{item},".split("\n")]
    return [*lines, space + tail]


def sequence(items: Sequence[str], brackets: tuple[str, str], room: int) -> str:
    """A list or tuple as one expression, on one line where it fits into `room` columns."""
    opening, closing = brackets
    comma = "," if len(items) == 1 and opening == "(" else ""
    line = f"{opening}{', '.join(items)}{comma}{closing}"
    if len(line) <= room and "\n" not in line:
        return line
    lines = [f"    {line}" for item in items for line in f"{item},".split("\n")]
    return "\n".join([opening, *lines, closing])


def assigned(indent: int, name: str, expression: str) -> list[str]:
    """`name = expression`, which may have several lines."""
    space = " " * indent
    return [space + line if line else line for line in f"{name} = {expression}".split("\n")]


def from_import(module: str, names: Iterable[str]) -> list[str]:
    """`from module import a, b`, in brackets where too long; no lines without names."""
    names = sorted(set(names))
    if not names:
        return []
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"    {name}," for name in names), ")"]


def standard_imports(text: str) -> list[str]:
    """Imports of the standard library that the text needs for its defaults."""
    lines = []
    if re.search(r"\bdatetime\.(?:date|datetime|time|timezone)\b", text):
        lines.append("import datetime")
    if "uuid.UUID(" in text:
        lines.append("import uuid")
    if "Decimal(" in text:
        lines.append("from decimal import Decimal")
    return lines
