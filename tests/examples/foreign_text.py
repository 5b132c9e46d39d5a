"""Text of others that no terminal may obey and no format may lose, for tests of what is shown."""

import io
import re
import signal
import sys
from collections.abc import Callable
from contextlib import chdir, redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from hypothesis import strategies as st

from flagbench.cli import main

PIECES = [
    "\ud83d", "\udcff", "\x1b[31m", "\x1b]8;;http://x.invalid\x07", "\r", "\x9b2J", "\u202e",
    "\u2028", "\uffff", "\n", "\t", "[/x]", "[red]", "[link=http://x.invalid]", ":smile:", "👩‍👩‍👧",
    "%s", "{0}", "9" * 5000, "x" * 5000, "../", "::", "=", ",", " ",
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=5).map("".join)
# What an operating system passes as an argument: no NUL, and bytes that are not UTF-8 as escapes.
ARGUMENTS = TEXTS.map(lambda text: re.sub("[\0\ud800-\udc7f\udd00-\udfff]", "", text))
# What rich sends to a terminal by itself: styles, and the lines of a progress bar drawn again.
OWN = re.compile(r"\x1b\[(?:[0-9;]*m|\?25[lh]|2K|\d*A)|\r")
RAW = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\u2028-\u202e\u2066-\u2069\uffff]")


class Terminal(io.StringIO):
    """A text that says it is a terminal."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def said(act: Callable[[], object], *, at_terminal: bool = False) -> str:
    """What is printed, on either stream."""
    out = Terminal() if at_terminal else io.StringIO()
    with redirect_stdout(out), redirect_stderr(out):
        act()
    return out.getvalue()


def command(folder: Path, *words: str, at_terminal: bool = False) -> tuple[int, str]:
    """Run `flagbench` in a folder: its exit code, and what it said, which no terminal obeys."""
    before = signal.getsignal(signal.SIGTERM)
    codes = [0]

    def run() -> None:
        try:
            main.main()
        except SystemExit as ended:
            assert isinstance(ended.code, int)
            codes.append(ended.code)

    with chdir(folder), patch.object(sys, "argv", ["flagbench", *words]):
        try:
            shown = OWN.sub("", said(run, at_terminal=at_terminal)) if at_terminal else said(run)
        finally:
            signal.signal(signal.SIGTERM, before)
    assert "Traceback" not in shown
    assert RAW.search(shown) is None
    shown.encode()
    return codes[-1], shown
