"""Command `flagbench erd`: check an ERD and print it in canonical form."""

from pathlib import Path

import click

from flagbench_generators.django_rest.erd.erd import canonical
from flagbench_generators.django_rest.erd.problem import ErdErrors
from flagbench_generators.django_rest.erd.read import read
from flagbench_generators.django_rest.erd.schema import schema
from flagbench_generators.kernel.problem import Problem


class WrongInput(click.ClickException):
    """An error in a file given by the user."""

    exit_code = 2


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False),
              help="Write to this file instead of the standard output.")  # fmt: skip
@click.option("--schema", "wants_schema", is_flag=True,
              help="Print the JSON Schema of an ERD, for editors and validators.")  # fmt: skip
def erd(file: str | None, out: Path | None, wants_schema: bool) -> None:
    """Check an ERD and print it.

    FILE is JSON; - reads the standard input. The output is the canonical form, which is equal for
    equal ERDs. All problems are reported together.

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
    flagbench erd blog.json
    flagbench erd - < blog.json
    flagbench erd --schema --out erd.schema.json

    Exit codes: 0 valid, 2 wrong usage or input.
    """
    if wants_schema and file is not None:
        raise click.UsageError(f"--schema and {file} were given\n    expected: one of them")
    if wants_schema:
        _write(schema(), out)
        return
    if file is None:
        raise click.UsageError("FILE is missing\n    fix: flagbench erd blog.json")
    try:
        document = read(_text(file))
    except ErdErrors as error:
        raise WrongInput("\n".join(_line(file, problem) for problem in error.problems)) from error
    _write(canonical(document) + "\n", out)


def _text(file: str) -> str:
    try:
        with click.open_file(file, encoding="utf-8") as stream:
            return str(stream.read())
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"{file}: cannot be read: {error}") from error


def _line(file: str, problem: Problem) -> str:
    where = f":{problem.line}:{problem.column}" if problem.line else f": {problem.where}"
    expected = f"\n    expected: {problem.expected}" if problem.expected else ""
    fix = f"\n    fix: {problem.fix}" if problem.fix else ""
    return f"{file}{where}: {problem.what}{expected}{fix}"


def _write(text: str, out: Path | None) -> None:
    if out is None:
        click.echo(text, nl=False)
        return
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        with click.open_file(str(out), "w", encoding="utf-8", atomic=True) as stream:
            stream.write(text)
    except OSError as error:
        raise WrongInput(f"{out}: cannot be written: {error}") from error
