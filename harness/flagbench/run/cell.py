"""One cell: the subject, under one combination, over one tape, on a virtual clock."""

import asyncio
import tempfile
import time
import traceback
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flagbench.cassette.vcr_adapter import IndexedCassette
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.run.rate_limit import RateLimitedTransport
from flagbench.run.transport import Call, PacedTransport, client_over
from flagbench.run.virtual_clock import run_virtual
from flagbench.subject import Event, Outcome, Subject


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and when it happened, in seconds on the cell's clock."""

    seconds: float
    event: Event


@dataclass(frozen=True, slots=True)
class CellRun:
    """What happened in a cell. `seconds` is virtual, `cpu_seconds` what replaying it cost here.

    `refused` are the calls that another world's rate limit turned away.
    """

    outcome: Outcome
    calls: tuple[Call, ...]
    moments: tuple[TimedEvent, ...]
    seconds: float
    cpu_seconds: float
    refused: int = 0


def run_cell(
    subject: Subject,
    requests: tuple[str, ...],
    flags: Mapping[str, str],
    *,
    model: str,
    opened: AbstractContextManager[IndexedCassette],
    base_url: str,
    api_key: str,
    trial: int,
    wire: httpx.HTTPTransport,
    wire_timeout_seconds: float | None = None,
    counterfactual: Counterfactual = RECORDED,
) -> CellRun:
    """Run one cell, in the world that was recorded or in another.

    Raises `CouldNotRun` when the measurement cannot take place.

    An exception of the subject itself is a `CouldNotRun` too: a subject reports what it failed to
    make as artifacts that are not approved.
    """
    moments: list[TimedEvent] = []
    started = time.process_time()
    with tempfile.TemporaryDirectory(prefix="flagbench-") as workdir, opened as cassette:
        transport = PacedTransport(wire, cassette, trial, wire_timeout_seconds)
        admitting = RateLimitedTransport(transport, counterfactual)

        async def main() -> tuple[Outcome, float, int]:
            asyncio.get_running_loop().set_exception_handler(_report)
            client = client_over(admitting, base_url, api_key)
            clock = asyncio.get_running_loop().time
            outcome = await subject(
                requests,
                flags,
                client,
                model=model,
                workdir=Path(workdir),
                listener=lambda event: moments.append(TimedEvent(clock(), event)),
            )
            return outcome, clock(), await transport.left_under_way()

        try:
            (outcome, seconds, left), _ = run_virtual(main())
            _check(outcome)
        except CellStopped as stopped:
            raise stopped.reason from stopped
        except (CouldNotRun, KeyboardInterrupt):
            raise
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            frame = traceback.extract_tb(error.__traceback__)[-1]
            what = f"the subject raised {type(error).__name__}: {error}"
            raise CouldNotRun(Problem(what, where=f"{frame.filename}:{frame.lineno}")) from error
        finally:
            if transport.is_interrupted:
                raise KeyboardInterrupt
        if cassette.stopped is not None:
            raise cassette.stopped.reason
        expected = "every call awaited or cancelled, through the client that the subject was given"
        if left:
            what = f"the subject returned while {left} calls were under way"
            raise CouldNotRun(Problem(what, expected=expected))
        if cassette.plays != len(transport.calls):
            what = f"{cassette.plays - len(transport.calls)} calls went past the client"
            raise CouldNotRun(Problem(what, expected=expected))
    return CellRun(
        outcome=outcome,
        calls=tuple(transport.calls),
        moments=tuple(moments),
        seconds=round(seconds, 6),
        cpu_seconds=time.process_time() - started,
        refused=admitting.refused,
    )


def _report(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """What asyncio says about tasks that nobody awaited; how a cell ends is told by `run_cell`."""
    if not isinstance(context.get("exception"), (CellStopped, KeyboardInterrupt)):
        loop.default_exception_handler(context)


def _check(outcome: Outcome) -> None:
    """An outcome of another shape is told here, and not somewhere in the arithmetic.

    Raises `CouldNotRun`.
    """
    try:
        for one in outcome.artifacts:
            str(one.kind + one.path + one.text + one.request_id), bool(one.approved)
        for part, whole in outcome.rates.values():
            int(part), int(whole)
    except (AttributeError, TypeError, ValueError) as error:
        expected = "what the protocol Outcome in harness/flagbench/subject.py says"
        raise CouldNotRun(
            Problem(f"the subject returned {outcome!r}: {error}", expected=expected)
        ) from error
