"""What is used of pydbml.

When it is imported it changes a setting of pyparsing for all of that library's users in the
process; here that is put back. It also calls pyparsing by names that are being retired, which is
nothing to a reader of DBML.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import pyparsing


@contextmanager
def _kept_apart() -> Iterator[None]:
    before = pyparsing.ParserElement.DEFAULT_WHITE_CHARS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            yield
    finally:
        pyparsing.ParserElement.set_default_whitespace_chars(before)


with _kept_apart():
    from pydbml import PyDBML
    from pydbml.classes import Column, Enum, Expression, Reference, Table
    from pydbml.database import Database

__all__ = ["Column", "Database", "Enum", "Expression", "Reference", "Table", "parse"]


def parse(text: str) -> Database:
    """The database of a text; its columns have no lines. Raises what pydbml raises."""
    with _kept_apart():
        pyparsing.ParserElement.set_default_whitespace_chars(" \t\r")  # a newline says something
        return PyDBML.parse(text)
