"""Self-check of a recording: its cells are replayed, and do what they did while it was recorded."""

import json
from collections.abc import Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from typing import Any

from flagbench.cassette import file, store
from flagbench.errors import CouldNotRun, NotRecorded, Problem
from flagbench.http_library import httpx
from flagbench.run.cell_run import CellRun, StoppedRun
from flagbench.run.replay import replay_cell
from flagbench.run.time_labels import EXACT
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario

# Characters of a text that are shown before and after the place at which it differs.
_BEFORE, _AFTER = 20, 60
_NOTHING = "nothing"
_FIX = (
    "look for the time of a program that it starts, random numbers of the system, values kept "
    "between cells"
)


def check(
    scenario: Scenario, trial: int, path: Path, recorded: Mapping[Combination, CellRun]
) -> None:
    """Replay the cells of a trial from its file and compare each with its recorded run.

    Raises `CouldNotRun` with the first difference of the first cell that has one.
    """
    command = store.record_command(scenario)
    cassette = file.load(path, record_command=command).matched_by(scenario.match)
    differing: list[tuple[str, str]] = []
    fix = _FIX
    with httpx.HTTPTransport(trust_env=False) as wire:
        for combination, run in recorded.items():
            try:
                replayed = replay_cell(scenario, combination, trial, cassette, wire=wire)
                what = difference(run, replayed)
            except CouldNotRun as error:
                what = _failure(error)
                own = error.problems[0].fix
                if isinstance(error, NotRecorded) and own != command and not differing:
                    fix = own  # rules for requests that vary
            if what:
                differing.append((f"{scenario.path}::{combination.id} trial {trial}", what))
    if differing:
        (where, what), *others = differing
        more = f"; {len(others)} more of its {len(recorded)} cells differ" if others else ""
        raise CouldNotRun(
            Problem(
                f"a replay differs from what was recorded: {what}{more}",
                where=where,
                expected="a subject that does the same with the same answers",
                fix=f"{fix}; the recording is kept, and no more was sent",
            )
        )


def _failure(error: CouldNotRun) -> str:
    """The reason for which a replay ended, with the call at which it did."""
    what = "; ".join(problem.what for problem in error.problems)
    if not isinstance(error, StoppedRun):
        return what
    who = _named(error.agent, error.phase, error.request_id)
    return f"call {len(error.calls) + 1}{who}: {what}"


def difference(recorded: CellRun, replayed: CellRun) -> str:
    """The first difference between two runs of a cell, "" without any."""
    for live, again in zip_longest(_steps(recorded), _steps(replayed), fillvalue=("", _NOTHING)):
        if live != again:
            return _shown_difference(live, again)
    return ""


def _named(*names: str) -> str:
    who = " ".join(filter(None, names))
    return f" ({who})" if who else ""


def _steps(run: CellRun) -> Iterator[tuple[str, str]]:
    """The steps of a cell, in order: each with its name.

    A command's are without times, fields of events and the order of calls, which may differ.
    """
    is_exact = run.time == EXACT
    calls = run.calls if is_exact else sorted(run.calls, key=lambda call: call.interaction.digest)
    for number, call in enumerate(calls, 1):
        sent = f"{call.interaction.method} {call.interaction.path}"
        yield (
            f"call {number}{_named(call.agent, call.phase, call.request_id)}",
            f"{sent} with answer {call.interaction.digest[:12]}"
            + f", {call.started_seconds:.6f} s to {call.ended_seconds:.6f} s" * is_exact
            + ", cancelled" * call.cancelled,
        )
    for number, timed in enumerate(run.events, 1):
        event, fields = timed.event, _canonical(timed.event.fields)
        text = f"{event.name} {event.request_id}"
        yield f"event {number}", text + f" at {timed.seconds:.6f} s with {fields}" * is_exact
    for artifact in run.outcome.artifacts:
        review = {True: "approved", False: "not approved", None: "not reviewed"}[artifact.approved]
        head = f"{artifact.kind}, {review}, request {artifact.request_id}"
        yield f"artifact {artifact.path}", f"{head}\n{artifact.text}"
    for name in ("rates", "metrics", "reported"):
        yield f"the {name}", _canonical(getattr(run.outcome, name, {}))
    if is_exact:
        yield "the end", f"after {run.seconds:.6f} s"


def _canonical(value: Any) -> str:
    return json.dumps(_plain(value), sort_keys=True)


def _plain(value: Any, depth: int = 8) -> Any:
    """A value without what has no text of its own, such as the address of an object."""
    if depth == 0 or not isinstance(value, (Mapping, list, tuple, str, int, float, type(None))):
        return type(value).__name__
    if isinstance(value, Mapping):
        return {str(name): _plain(item, depth - 1) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, depth - 1) for item in value]
    return value


def _shown_difference(live: tuple[str, str], again: tuple[str, str]) -> str:
    (name, was), (other, now) = live, again
    if name != other:
        return f"{name or _NOTHING} was recorded, {other or _NOTHING} is replayed"
    lines = zip_longest(was.split("\n"), now.split("\n"), fillvalue="")
    number, (old, new) = next((n, pair) for n, pair in enumerate(lines) if pair[0] != pair[1])
    line = f", line {number}" if number else ""
    return f"{name}{line}: {_excerpt(old, new)!r} was recorded, {_excerpt(new, old)!r} is replayed"


def _excerpt(text: str, other: str) -> str:
    """The part of a text round the first character that is not that of the other."""
    pairs = enumerate(zip(text, other, strict=False))
    place = next((n for n, (a, b) in pairs if a != b), min(len(text), len(other)))
    start = max(place - _BEFORE, 0)
    shown = text[start : place + _AFTER]
    return f"{'…' * (start > 0)}{shown}{'…' * (place + _AFTER < len(text))}"
