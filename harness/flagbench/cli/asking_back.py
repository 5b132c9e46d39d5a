"""Display of what a generator understood of each request, and a question where there is a doubt."""

import signal
import sys
from collections.abc import Iterator, Sequence

import click
from rich.console import Console

from flagbench.errors import ExitCode, FlagbenchError, Problem
from flagbench.measurement.event_details import UNDERSTOOD_EVENT
from flagbench.printable import printable
from flagbench.subject import Event

FAILED_EVENT = "recognition_failed"
_PARTS = ("attributes", "relations", "rules")
_FIX = "say it in other words; or --yes, which takes it as it was understood"


class Doubted(FlagbenchError):  # noqa: N818  no error of the user's
    """A request that was not understood as a whole, and that nobody has confirmed."""

    exit_code = ExitCode.BROKEN


class AskingBack:
    """Listener that tells what was understood, and asks at a terminal whether to go on.

    With `takes_doubts` it goes on without asking. Raises `Doubted` where the answer is no, or where
    nobody can answer.
    """

    def __init__(self, console: Console, *, takes_doubts: bool) -> None:
        self._console = console
        self._takes_doubts = takes_doubts

    def __call__(self, event: Event) -> None:
        """Tell of an event, if it is about what was understood."""
        if event.name == UNDERSTOOD_EVENT:
            for line in _understood(event):
                self._console.print(line)
            self._doubt([str(doubt) for doubt in event.fields.get("doubts", ())])
        elif event.name == FAILED_EVENT:
            self._failed(str(event.fields.get("reason", "")))

    def _failed(self, reason: str) -> None:
        """A request without an answer to read: the model asks back, or the provider failed."""
        fix = "say it in other words, or see to the provider; or --yes, which goes on without it"
        self._doubt([reason], fix)

    def _doubt(self, doubts: Sequence[str], fix: str = _FIX) -> None:
        for doubt in doubts:
            self._console.print(f"not understood: {doubt}", style="yellow")
        if not doubts or self._takes_doubts:
            return
        if sys.stdin.isatty():
            if not _confirm():
                what = "stopped, since a request was not understood; nothing was written"
                raise Doubted(Problem(what, fix="say it in other words"))
            return
        raise Doubted(
            Problem(
                printable(f"a request was not understood: {'; '.join(doubts)}"),
                expected="a request of which every word has an effect; nothing was written",
                fix=fix,
            )
        )


def _understood(event: Event) -> Iterator[str]:
    yield f"understood: {event.fields.get('intent', '')} {event.fields.get('entity', '')}"
    for name in _PARTS:
        for part in event.fields.get(name, ()):
            yield f"  {'rule: ' if name == 'rules' else ''}{part}"


def _confirm() -> bool:
    """Ask on standard error; Ctrl-C ends the question, which asyncio would only note."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return click.confirm("go on?", default=False, err=True)
    finally:
        signal.signal(signal.SIGINT, before)
