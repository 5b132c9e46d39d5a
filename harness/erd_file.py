"""ERDs in files, in every notation that the generator of backends reads."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from harness.errors import InputError, Problem

_READER = "generator.erd"  # a subject's, and named like one: the harness knows no generator
_JSON = "json"


class Wrong(Protocol):
    """One thing that is wrong in an ERD."""

    where: str
    what: str
    right: str
    line: int | None
    column: int | None


class Lost(Protocol):
    """Something that an importer could not carry over."""

    line: int
    what: str


class Read(Protocol):
    """An ERD and what it lost on its way."""

    erd: Any
    warnings: Sequence[Lost]


class Reader(Protocol):
    """A module that reads ERDs: `NOTATIONS` has the endings of their files.

    `from_notation` raises a `ValueError` whose `problems` are everything that is wrong.
    """

    NOTATIONS: Mapping[str, Sequence[str]]

    def from_notation(self, text: str, notation: str, *, name: str) -> Read: ...  # noqa: D102
    def canonical(self, erd: Any) -> str: ...  # noqa: D102
    def schema(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Found:
    """The canonical text of an ERD, and a line for all that an import could not carry over."""

    text: str
    warnings: tuple[str, ...]


def schema() -> str:
    """The JSON Schema of an ERD."""
    return _reader().schema()


def read(file: Path, notation: str | None = None) -> Found:
    """The ERD of a file, or of the standard input for `-`; its notation is told by its ending,
    JSON without one.

    Raises `InputError` with everything that is wrong, each with its place.
    """
    reader, text = _reader(), _text(file)
    notation = notation or _told_by_ending(reader, file)
    name = "imported" if _is_piped(file) else file.stem
    try:
        found = reader.from_notation(text, notation, name=name)
    except ValueError as error:
        problems: Sequence[Wrong] | None = getattr(error, "problems", None)
        if problems is None:
            raise
        raise InputError(
            Problem(one.what, where=_place(file, one), expected=one.right) for one in problems
        ) from error
    losses = sorted(found.warnings, key=lambda each: each.line)
    warnings = tuple(f"{file}:{one.line}: {one.what}" for one in losses)
    return Found(reader.canonical(found.erd) + "\n", warnings)


def _reader() -> Reader:
    return cast("Reader", importlib.import_module(_READER))


def _place(file: Path, one: Wrong) -> str:
    """The file with line and column, else with the path in it."""
    if one.line is None:
        return f"{file}: {one.where}"
    return ":".join(str(part) for part in (file, one.line, one.column) if part is not None)


def _told_by_ending(reader: Reader, file: Path) -> str:
    if _is_piped(file) or not file.suffix:
        return _JSON
    for notation, endings in reader.NOTATIONS.items():
        if file.suffix.lower() in endings:
            return notation
    endings = [one for each in reader.NOTATIONS.values() for one in each]
    what = f"what notation it is in is not told by its ending {file.suffix!r}"
    fix = f"flagbench erd --from {'|'.join(reader.NOTATIONS)}"
    raise InputError(Problem(what, where=str(file), expected=", ".join(endings), fix=fix))


def _is_piped(file: Path) -> bool:
    return str(file) == "-"


def _text(file: Path) -> str:
    try:
        if _is_piped(file):
            return sys.stdin.buffer.read().decode("utf-8")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(file))) from error
