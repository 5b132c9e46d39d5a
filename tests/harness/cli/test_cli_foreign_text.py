"""Any text in an argument or a result of a command: shown as it is, obeyed by no terminal."""

import json
import re
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from foreign_text import ARGUMENTS, PIECES, RAW, TEXTS, command, said
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flagbench.acceptance.proof import Proof
from flagbench.cli import accept_results
from flagbench.cli.accept_results import FileResult
from flagbench.errors import CouldNotRun, Problem
from flagbench.printable import printable

COMMANDS = (
    ("accept", "{}"), ("accept", "{}", "--scenario", "{}"), ("compare", "{}", "{}"),
    ("what-if", "{}", "latency={}"), ("what-if", "one.yaml", "--sweep", "{}"),
    ("record", "{}"), ("record", "{}", "--base-url", "{}"), ("attribute", "{}"),
    ("{}",), ("--{}",),
)  # fmt: skip


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@settings(max_examples=2, deadline=None)
@example(text="".join(PIECES[2:]).replace("\udcff", ""))
@given(text=ARGUMENTS)
def test_an_argument_is_an_error_at_most(words: tuple[str, ...], text: str) -> None:
    """One message without a traceback, and nothing in it that a terminal obeys."""
    with TemporaryDirectory() as folder:
        command(Path(folder), *(word.replace("{}", text) for word in words))


@settings(max_examples=30, deadline=None)
@example(file="\x7f", entity="\x7f", check="\x7f", message="\x7f", number=10**30)
@given(file=TEXTS, entity=TEXTS, check=TEXTS, message=TEXTS, number=st.integers())
def test_results_of_accept_are_shown_as_they_are(
    file: str, entity: str, check: str, message: str, number: int
) -> None:
    """Every field, in the table, in the reasons below it, and as JSON that can be read."""
    figures = {check: (number**40, number)}
    results = [
        FileResult(Path(file), entity, Proof(f"!{check}", message, figures)),
        FileResult(Path(file), entity, CouldNotRun(Problem(message, where=file))),
    ]
    shown = said(lambda: accept_results.print_table(results))
    assert RAW.search(shown) is None
    for text in (str(Path(file)), entity, check, message):
        assert squeezed(text) in squeezed(shown)
    as_json = said(lambda: accept_results.print_json(results))
    assert RAW.search(as_json) is None
    assert len(json.loads(as_json)) == 2


def squeezed(text: str) -> str:
    """The printable text without blanks and ends of lines, at which a table folds it."""
    return re.sub(r"\s", "", printable(text))
