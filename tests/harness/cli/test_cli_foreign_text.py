"""Any text in an argument or a result of a command: shown as it is, obeyed by no terminal."""

import io
import json
import re
import signal
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from flagbench.acceptance.proof import Proof
from flagbench.cli import accept_results, main
from flagbench.cli.accept_results import FileResult
from flagbench.errors import CouldNotRun, Problem
from flagbench.printable import printable

PIECES = [
    "\ud83d", "\udcff", "\x1b[31m", "\x1b]8;;http://x.invalid\x07", "\r", "\x9b2J", "\u202e",
    "\u2028", "\uffff", "\n", "\t", "[/x]", "[red]", "[link=http://x.invalid]", ":smile:", "👩‍👩‍👧",
    "%s", "{0}", "9" * 5000, "x" * 5000, "../", "::", "=", ",", " ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map("".join)
# What an operating system passes as an argument: no NUL, and bytes that are not UTF-8 as escapes.
ARGUMENTS = TEXTS.map(lambda text: re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "", text))
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\uffff]")
COMMANDS = (
    ("accept", "{}"), ("accept", "{}", "--scenario", "{}"), ("compare", "{}", "{}"),
    ("what-if", "{}", "latency={}"), ("what-if", "one.yaml", "--sweep", "{}"),
    ("record", "{}"), ("record", "{}", "--base-url", "{}"), ("attribute", "{}"),
    ("{}",), ("--{}",),
)  # fmt: skip


def said(act: Callable[[], object]) -> str:
    """What is printed, on either stream."""
    out = io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        act()
    return out.getvalue()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
@settings(max_examples=2, deadline=None)
@example(text="".join(PIECES[2:]).replace("\udcff", ""))
@given(text=ARGUMENTS)
def test_an_argument_is_an_error_at_most(words: tuple[str, ...], text: str) -> None:
    """One message without a traceback, and nothing in it that a terminal obeys."""
    before = signal.getsignal(signal.SIGTERM)
    argv = ["flagbench", *(word.replace("{}", text) for word in words)]

    def run() -> None:
        try:
            main.main()
        except SystemExit as ended:
            assert isinstance(ended.code, int)

    with TemporaryDirectory() as folder, chdir(folder), patch.object(sys, "argv", argv):
        try:
            shown = said(run)
        finally:
            signal.signal(signal.SIGTERM, before)
    assert "Traceback" not in shown
    assert RAW.search(shown) is None


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
