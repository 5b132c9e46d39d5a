"""Foreign text, such as a subject's or a model's, made fit for every terminal and every file."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from typing import Any, TypeVar, cast

# Control characters without tab and newline, halves of surrogate pairs (which UTF-8 cannot
# encode), characters that reorder the text around them or end a line for some programs only, and
# those that XML forbids.
_UNFIT = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    r"\ufffe\uffff]"
)


T = TypeVar("T")


def printable(text: str) -> str:
    r"""The text with every unfit character as its escape, such as `\x1b` or `\ud83d`."""
    return _UNFIT.sub(lambda found: ascii(found[0])[1:-1], text)


def shorten(text: str, most: int = 100_000) -> str:
    """The beginning and the end of a text of more than `most` characters, with what is left out."""
    left = len(text) - most
    if left <= 0:
        return text
    return f"{text[: most // 2]}\n[{left:,} characters left out]\n{text[-(most // 2) :]}"


def printable_line(text: str) -> str:
    r"""The printable text on one line, with `\n` and `\t` for its newlines and tabs."""
    return printable(text).replace("\n", r"\n").replace("\t", r"\t")


def printable_fields(value: T) -> T:
    """A copy of a dataclass with printable text in its fields, also in lists and mappings."""
    return cast("T", _printable(value))


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if is_dataclass(value) and not isinstance(value, type):
        changes = {each.name: _printable(getattr(value, each.name)) for each in fields(value)}
        return replace(value, **changes)
    if isinstance(value, Mapping):
        return {_printable(name): _printable(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        inside = map(_printable, value)
        return type(value)(*inside) if hasattr(value, "_fields") else type(value)(inside)
    return value
