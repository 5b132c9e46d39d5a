"""Lines and documents of commands: every text on a terminal is printable, every document is JSON.

Tables are printed by a `plain_console`, which does the same.
"""

import json

import click

from flagbench import closed_pipe
from flagbench.printable import printable, printable_fields


def say(text: str, *, err: bool = False) -> None:
    """Print a text, also a foreign one, on standard output or standard error."""
    _echo(printable(text), err=err)


def say_json(document: object) -> None:
    """Print a document as JSON that any parser reads and any terminal shows.

    Raises `ValueError` for NaN and Infinity, which JSON does not have.
    """
    _echo(json.dumps(printable_fields(document), indent=1, allow_nan=False))


def _echo(text: str, *, err: bool = False) -> None:
    with closed_pipe.ends_quietly():
        click.echo(text, err=err)
