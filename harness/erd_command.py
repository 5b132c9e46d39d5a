"""`flagbench erd`: an ERD checked, or imported, and printed in its one form."""

import importlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

import click

from harness import files
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


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--from", "notation", type=click.Choice(["json", "dbml", "mermaid"]),
              help="The notation of FILE; else told by its ending: .json, .dbml, .mmd, .mermaid.",
              )  # fmt: skip
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="Write to this file instead of the standard output.")  # fmt: skip
@click.option("--schema", "wants_schema", is_flag=True,
              help="Print the JSON Schema of an ERD, for editors and validators.")  # fmt: skip
def erd(file: Path | None, notation: str | None, out: Path | None, wants_schema: bool) -> None:
    """Check an ERD, or import one, and print it as JSON.

    FILE is JSON, DBML or a Mermaid erDiagram; - reads the standard input. What is printed is the
    canonical form: the same for the same ERD, however it was written. Everything wrong is told at
    once; what an import could not carry over is a warning.

    \b
    {
      "name": "blog",
      "entities": [
        {"name": "Author", "fields": [{"name": "email", "type": "email", "unique": true}]},
        {"name": "Post",
         "fields": [{"name": "title", "type": "string", "max_length": 120},
                    {"name": "published", "type": "date", "null": true}],
         "relations": [{"name": "author", "kind": "foreign_key", "to": "Author"}]}
      ]
    }

    \b
    flagbench erd blog.json                       is it right?
    flagbench erd shop.dbml --out shop.json       import from DBML
    flagbench erd --from mermaid - < diagram.txt
    flagbench erd --schema > erd.schema.json

    Exit codes: 0 right, 2 wrong usage or input.
    """
    reader = cast("Reader", importlib.import_module(_READER))
    if wants_schema:
        if file is not None:
            raise InputError(Problem(f"--schema goes without {file}"))
        _put(reader.schema(), out)
        return
    if file is None:
        raise InputError(Problem("there is no FILE", right="flagbench erd blog.json"))
    found = _read(reader, file, notation or _told_by_ending(reader, file))
    for one in sorted(found.warnings, key=lambda each: each.line):
        click.echo(f"warning: {file}:{one.line}: {one.what}", err=True)
    _put(reader.canonical(found.erd) + "\n", out)


def _read(reader: Reader, file: Path, notation: str) -> Read:
    text = _text(file)
    name = "imported" if _is_piped(file) else file.stem
    try:
        return reader.from_notation(text, notation, name=name)
    except ValueError as error:
        problems: Sequence[Wrong] | None = getattr(error, "problems", None)
        if problems is None:
            raise
        raise InputError(
            Problem(one.what, where=_place(file, one), right=one.right) for one in problems
        ) from error


def _place(file: Path, one: Wrong) -> str:
    """The file with line and column, else with the path in it."""
    if one.line is None:
        return f"{file}: {one.where}"
    return ":".join(str(part) for part in (file, one.line, one.column) if part is not None)


def _told_by_ending(reader: Reader, file: Path) -> str:
    if _is_piped(file):
        return _JSON
    for notation, endings in reader.NOTATIONS.items():
        if file.suffix.lower() in endings:
            return notation
    endings = [one for each in reader.NOTATIONS.values() for one in each]
    what = f"what notation it is in is not told by its ending {file.suffix!r}"
    right = f"--from {'|'.join(reader.NOTATIONS)}, or one of {', '.join(endings)}"
    raise InputError(Problem(what, where=str(file), right=right))


def _is_piped(file: Path) -> bool:
    return str(file) == "-"


def _text(file: Path) -> str:
    try:
        if _is_piped(file):
            return sys.stdin.buffer.read().decode("utf-8")
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(file))) from error


def _put(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        files.write_whole(out, text)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error}", where=str(out))) from error
