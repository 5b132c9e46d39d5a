"""Execution of a cell: a subject under a combination, over a cassette, on a virtual clock."""

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
from flagbench.run import outcome_check
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.run.rate_limit import RateLimitedTransport
from flagbench.run.transport import Call, PacedTransport, client_over
from flagbench.run.virtual_clock import run_virtual
from flagbench.subject import Event, Outcome, Subject


@dataclass(frozen=True, slots=True)
class TimedEvent:
    """An event and its time, in seconds on the cell's clock."""

    seconds: float
    event: Event


@dataclass(frozen=True, slots=True)
class CellRun:
    """Outcome, calls and events of a cell. `seconds` is virtual, `cpu_seconds` real.

    `refused` counts the calls refused by a counterfactual rate limit.
    """

    outcome: Outcome
    calls: tuple[Call, ...]
    events: tuple[TimedEvent, ...]
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
    """Run a cell under the recorded or under counterfactual conditions.

    Raises `CouldNotRun` if the measurement cannot take place, and for any exception of the subject:
    it reports files that it failed to generate as artifacts that are not approved.
    """
    events: list[TimedEvent] = []
    started = time.process_time()
    with tempfile.TemporaryDirectory(prefix="flagbench-") as workdir, opened as cassette:
        transport = PacedTransport(wire, cassette, trial, wire_timeout_seconds)
        limited = RateLimitedTransport(transport, counterfactual)

        async def main() -> tuple[Outcome, float, int]:
            asyncio.get_running_loop().set_exception_handler(_report_exception)
            client = client_over(limited, base_url, api_key)
            clock = asyncio.get_running_loop().time
            outcome = await subject(
                requests,
                flags,
                client,
                model=model,
                workdir=Path(workdir),
                listener=lambda event: events.append(TimedEvent(clock(), event)),
            )
            return outcome, clock(), await transport.pending_calls()

        try:
            (outcome, seconds, pending), _ = run_virtual(main())
            outcome_check.check(outcome, [timed.event for timed in events])
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
        expected = "every call awaited or cancelled, through the client passed to the subject"
        if pending:
            what = f"the subject returned while {pending} calls were pending"
            raise CouldNotRun(Problem(what, expected=expected))
        if cassette.plays != len(transport.calls):
            what = f"{cassette.plays - len(transport.calls)} calls bypassed the client"
            raise CouldNotRun(Problem(what, expected=expected))
    return CellRun(
        outcome=outcome,
        calls=tuple(transport.calls),
        events=tuple(events),
        seconds=round(seconds, 6),
        cpu_seconds=time.process_time() - started,
        refused=limited.refused,
    )


def _report_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report exceptions of unawaited tasks, except those that `run_cell` raises itself."""
    if not isinstance(context.get("exception"), (CellStopped, KeyboardInterrupt)):
        loop.default_exception_handler(context)
