"""`flagbench erd`: an ERD checked, or imported, and printed in its one form."""

from pathlib import Path

import click

from harness import erd_file, files
from harness.errors import InputError, Problem


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
    if wants_schema:
        if file is not None:
            raise InputError(Problem(f"--schema goes without {file}"))
        _put(erd_file.schema(), out)
        return
    if file is None:
        raise InputError(Problem("there is no FILE", expected="flagbench erd blog.json"))
    found = erd_file.read(file, notation)
    for warning in found.warnings:
        click.echo(f"warning: {warning}", err=True)
    _put(found.text, out)


def _put(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        files.write_whole(out, text)
    except OSError as error:
        raise InputError(Problem(f"cannot be written: {error}", where=str(out))) from error
