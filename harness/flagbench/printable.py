"""Foreign text, such as a subject's or a model's, made fit for every terminal and every file."""

import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from functools import cache
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
    if text.isprintable():  # most are, and this is quicker than to search them
        return text
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
    """A dataclass with printable text in its fields, also in lists and mappings.

    What is printable already is not copied.
    """
    return cast("T", _printable(value))


def _printable(value: Any) -> Any:
    if isinstance(value, str):
        return printable(value)
    if value is None or isinstance(value, int | float):
        return value
    kind: type = type(value)
    if names := _fields_of(kind):
        own = {name: getattr(value, name) for name in names}
        changes = {name: new for name, old in own.items() if (new := _printable(old)) is not old}
        return replace(value, **changes) if changes else value
    if isinstance(value, Mapping):
        pairs = [(_printable(name), _printable(inner)) for name, inner in value.items()]
        is_same = all(
            name is old_name and inner is old
            for (name, inner), (old_name, old) in zip(pairs, value.items(), strict=True)
        )
        return value if is_same else dict(pairs)
    if isinstance(value, list | tuple):
        inside = [_printable(each) for each in value]
        if any(new is not old for new, old in zip(inside, value, strict=True)):
            return type(value)(*inside) if hasattr(value, "_fields") else type(value)(inside)
    return value


@cache
def _fields_of(kind: type) -> tuple[str, ...]:
    """The names of the fields of a dataclass, none of any other."""
    return tuple(each.name for each in fields(kind)) if is_dataclass(kind) else ()
