"""Execution of a cell: a subject under a combination, over a cassette, on a virtual clock."""

import asyncio
import os
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, chdir, nullcontext
from typing import Any

from flagbench.cassette.vcr_adapter import IndexedCassette
from flagbench.errors import CellStopped, CouldNotRun, NotRecorded, Problem
from flagbench.http_library import httpx
from flagbench.observed_inputs import observed
from flagbench.run import (
    environment,
    network,
    outcome_check,
    own_clients,
    own_files,
    service_environment,
    subject_call,
    subject_errors,
    subject_output,
)
from flagbench.run.cell_run import CellRun, StoppedRun, TimedEvent
from flagbench.run.command.clock import run_held
from flagbench.run.command.program import CommandRun, Program
from flagbench.run.counterfactual import RECORDED, Counterfactual
from flagbench.run.credentials import provider_variables
from flagbench.run.randomness import seeded
from flagbench.run.rate_limit import RateLimitedTransport
from flagbench.run.time_labels import EXACT
from flagbench.run.transport import PacedTransport
from flagbench.run.virtual_clock import run_virtual
from flagbench.run.workdir import workdir
from flagbench.scenario.command import Command
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.subject import module_of


def run_cell(
    scenario: Scenario,
    combination: Combination,
    trial: int,
    *,
    opened: AbstractContextManager[IndexedCassette],
    base_url: str,
    api_key: str,
    wire: httpx.HTTPTransport,
    wire_timeout_seconds: float | None = None,
    counterfactual: Counterfactual = RECORDED,
) -> CellRun:
    """Run a cell over its opened cassette, under the recorded or under counterfactual conditions.

    Raises `CouldNotRun` if the measurement cannot take place, as `StoppedRun` for a request without
    a recording, and for any exception of the subject: it reports files that it failed to generate
    as artifacts that are not approved.
    """
    from flagbench.run.openai_client import client_over  # noqa: PLC0415  known cells need none

    subject, services, flags = (
        scenario.tested, scenario.services, scenario.environment(combination),
    )  # fmt: skip
    events, is_command = list[TimedEvent](), isinstance(subject, Command)
    started = time.process_time()
    with workdir() as folder, opened as cassette:
        transport = PacedTransport(wire, cassette, trial, wire_timeout_seconds, folder, api_key)
        limited = RateLimitedTransport(transport, counterfactual, cassette.is_of_model)
        own = service_environment.variables(services, is_recording=cassette.is_recording)

        async def main() -> tuple[Any, float, int]:
            loop = asyncio.get_running_loop()
            loop.set_exception_handler(_report_exception)
            client = client_over(limited, base_url, api_key)
            offered = {
                "requests": scenario.requests,
                "flags": flags,
                "client": client,
                "base_url": base_url,
                "model": scenario.model,
                "workdir": folder.path,
                "listener": lambda event: events.append(
                    TimedEvent(loop.time(), folder.in_event(event))
                ),
            }
            with own_clients.intercepted(limited, wire, loop, cassette.stop):
                returned = await (
                    Program(subject, limited, base_url, folder, offered, services, own).run()
                    if isinstance(subject, Command)
                    else subject_call.call(subject, offered)
                )
            return returned, loop.time(), await transport.pending_calls()

        # A recorder writes, too; what a subject writes is seen in the replay that follows it.
        is_walled = not (is_command or cassette.is_recording)
        files = own_files.FileWatch(folder.path.parent, cassette.stop) if is_walled else None
        began = _cpu_seconds(children_alone=is_command)
        try:
            with (
                subject_output.shown(),
                network.sealed(cassette.stop, files.watches if files else ()) as watch,
                nullcontext() if is_command else own_files.no_end(cassette.stop),
                # The combinations of a trial draw the same numbers.
                seeded("\n".join((str(trial), *scenario.requests))),
                environment.holding({**provider_variables(base_url), **own, **flags}),
                chdir("."),  # back to it, wherever the subject went
                observed(
                    "" if isinstance(subject, Command) else module_of(subject), in_cell=True
                ) as inputs,
            ):
                try:
                    (returned, seconds, pending), _ = (run_held if is_command else run_virtual)(
                        main()
                    )
                    if files is not None:
                        files.check_databases()
                    outcome = subject_call.outcome_of(returned, folder.path, scenario.requests)
                    outcome_check.check(outcome, [timed.event for timed in events])
                finally:
                    attempted = watch.reason()
                    if attempted is not None and cassette.stopped is None:
                        raise attempted
            outcome = folder.in_outcome(outcome)
        except CellStopped as stopped:
            raise _reason(stopped, transport, events) from stopped
        except (CouldNotRun, KeyboardInterrupt) as ended:
            raise _first(ended, cassette.stopped, transport, events) from ended.__cause__
        except BaseException as error:  # SystemExit, GeneratorExit, or a class of the subject's
            problem = subject_errors.problem_of(error, scenario, transport.calls)
            raise CouldNotRun(problem) from error
        finally:
            if transport.interrupted is not None:
                raise transport.interrupted
        if cassette.stopped is not None:
            raise _reason(cassette.stopped, transport, events)
        _check_calls(pending, cassette.plays + transport.refused_again - len(transport.calls))
    return CellRun(
        outcome=outcome,
        calls=tuple(transport.calls),
        events=tuple(events),
        seconds=round(seconds, 6),
        cpu_seconds=time.process_time() - started,
        local_cpu_seconds=_cpu_seconds(children_alone=is_command)
        - began
        - (0.0 if is_command else transport.exchange_cpu_seconds),
        refused=limited.refused,
        unknown_refusals=transport.unknown_refusals,
        time=returned.time if isinstance(returned, CommandRun) else EXACT,
        own_seconds=returned.own_seconds if isinstance(returned, CommandRun) else 0.0,
        starts_programs=inputs.programs,
    )


def _check_calls(pending: int, bypassed: int) -> None:
    """Raise `CouldNotRun` for calls that did not end, or did not pass the client."""
    expected = "every call awaited or cancelled, through the client passed to the subject"
    if pending:
        what = f"the subject returned while {pending} calls were pending"
        raise CouldNotRun(Problem(what, expected=expected))
    if bypassed:
        raise CouldNotRun(Problem(f"{bypassed} calls bypassed the client", expected=expected))


def _reason(
    stopped: CellStopped, transport: PacedTransport, events: Sequence[TimedEvent]
) -> CouldNotRun:
    reason = stopped.reason
    if not isinstance(reason, NotRecorded):
        return reason
    return StoppedRun(reason, transport.calls, events, transport.latest)


def _first(
    ended: BaseException,
    stopped: CellStopped | None,
    transport: PacedTransport,
    events: Sequence[TimedEvent],
) -> BaseException:
    """The first end of the cell: a thread that was stopped leaves others waiting for it."""
    if stopped is None or isinstance(ended, KeyboardInterrupt):
        return ended
    return _reason(stopped, transport, events)


def _cpu_seconds(*, children_alone: bool) -> float:
    """CPU time of this process and of its children that have ended."""
    times = os.times()
    of_children = times.children_user + times.children_system
    return of_children if children_alone else time.process_time() + of_children


def _report_exception(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Report exceptions of unawaited tasks, except those that `run_cell` raises itself."""
    if not isinstance(context.get("exception"), (CellStopped, KeyboardInterrupt)):
        loop.default_exception_handler(context)
