"""Reasons to end a cell for its threads; each names them and where they wait or work."""

from collections.abc import Collection

from flagbench.errors import CouldNotRun, Problem
from flagbench.run import native_waits
from flagbench.run.strand import Strand

_SHOWN_THREADS = 8


def stuck(main: Strand, others: Collection[Strand], seconds: float) -> CouldNotRun:
    """Nothing is ready, and no timer is pending."""
    what = f"it waited without a pending timer for {seconds:g} real seconds"
    if others:
        what += f"; {_shown(others)}"
        place = native_waits.place_of(main)
        what += f"; the thread of the event loop at {place}" if place else ""
    return _stuck(what, "a subject that awaits only its calls, own tasks and threads, and sleeps")


def overworked(holder: Strand, seconds: float) -> CouldNotRun:
    """A thread works for ever."""
    what = (
        f"{_shown([holder])} worked for {seconds:g} real seconds without a call, a wait or an end"
    )
    return _stuck(what, "work that ends")


def without_end(waiting: Collection[Strand], seconds: float) -> CouldNotRun:
    """Native code or a child process does not end."""
    who = _shown(waiting) or "it"
    what = f"{who} waited for something outside of the virtual clock for {seconds:g} real seconds"
    return _stuck(what, "child processes and native code that end")


def left_behind(others: Collection[Strand]) -> CouldNotRun:
    """The subject has returned, and its threads have not ended."""
    what = f"the subject returned while its threads were running: {_shown(others)}"
    expected = "threads joined, and pools shut down, before the subject returns"
    return CouldNotRun(Problem(what, expected=expected))


def _stuck(what: str, expected: str) -> CouldNotRun:
    return CouldNotRun(Problem(f"the subject is stuck: {what}", expected=expected))


def _shown(strands: Collection[Strand]) -> str:
    named = sorted(map(_described, strands))
    more = len(named) - _SHOWN_THREADS
    return ", ".join(named[:_SHOWN_THREADS]) + (f" and {more} others" if more > 0 else "")


def _described(strand: Strand) -> str:
    place = native_waits.place_of(strand)
    return f"{strand.name} at {place}" if place else strand.name
