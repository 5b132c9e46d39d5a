"""Recorders of trials: in this process one after another, or in several at the same time."""

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Protocol

from flagbench.errors import FlagbenchError, InputError, Problem
from flagbench.run import forecast as forecasts
from flagbench.run import interrupts
from flagbench.run import recording as recorder
from flagbench.run.interrupts import Interrupted
from flagbench.run.options import Options
from flagbench.run.pace import Pace
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.run.recording_process import (
    MOST_SECONDS_TO_END,
    RecordingProcess,
    Told,
    error_of,
)
from flagbench.run.trial_process import Job
from flagbench.scenario.loading import Scenario

Trial = tuple[Scenario, int]
"""A scenario and the number of its trial."""


class TrialRecorder(Protocol):
    """A recorder of trials."""

    @property
    def count(self) -> int:
        """The number of trials that it records at the same time."""

    def __call__(
        self,
        take: Callable[[], Trial | None],
        done: Callable[[Trial, RecordedUsage], None],
        on_cell: Callable[[Trial], None],
    ) -> None:
        """Record each trial that `take` returns, and say what it added.

        None is "no trial now": `take` is asked again when one is done, and the recording ends when
        none is running. Raises what a recording raises, once the trials that run have ended.
        """


@dataclass(frozen=True, slots=True)
class InThisProcess:
    """Records one trial after another; `endpoint` is None for the embedded provider."""

    endpoint: Endpoint | None
    options: Options
    fresh: bool = False
    pace: Pace | None = None
    count: int = 1

    def __call__(
        self,
        take: Callable[[], Trial | None],
        done: Callable[[Trial, RecordedUsage], None],
        on_cell: Callable[[Trial], None],
    ) -> None:
        """Record each trial that `take` returns."""
        while (each := take()) is not None:
            scenario, trial = each
            embedded = None if self.endpoint else forecasts.simulated(scenario)
            with embedded or nullcontext(self.endpoint) as used:
                assert used is not None  # noqa: S101  one of the two
                usage = recorder.record_trial(
                    scenario, trial, used, cassettes=self.options.cassettes, fresh=self.fresh,
                    on_cell=partial(on_cell, each), pace=self.pace,
                )  # fmt: skip
            done(each, usage)


@dataclass(frozen=True, slots=True)
class InProcesses:
    """Records up to `count` trials at the same time, each in a process of its own.

    A cell has the clock, the variables and the folder of its process, so that no two can share one.
    """

    count: int
    endpoint: Endpoint | None
    options: Options
    fresh: bool = False
    pace: Pace | None = None

    def __call__(
        self,
        take: Callable[[], Trial | None],
        done: Callable[[Trial, RecordedUsage], None],
        on_cell: Callable[[Trial], None],
    ) -> None:
        """Record the trials that `take` returns; a signal ends every process, with its grace."""
        told = Told()
        idle, running = list[RecordingProcess](), dict[RecordingProcess, Trial]()
        errors = list[FlagbenchError]()
        try:
            while True:
                while not errors and len(running) < self.count and (started := take()) is not None:
                    process = idle.pop() if idle else RecordingProcess(told)
                    running[process] = started
                    process.start(self._job(started))
                if not running:
                    break
                process, line = told.get()
                if process not in running:
                    continue
                if line is None:
                    errors.append(process.ended(running[process][0].path, running.pop(process)[1]))
                elif "cell" in line:
                    on_cell(running[process])
                elif "usage" in line:
                    idle.append(process)
                    done(running.pop(process), RecordedUsage(**line["usage"]))
                elif "problems" in line:
                    idle.append(process)
                    running.pop(process)
                    errors.append(error_of(line))
        except KeyboardInterrupt as interrupt:
            raise _interrupted(interrupt, list(running), told) from None
        finally:
            for process in [*idle, *running]:
                process.close()
        if errors:
            raise errors[0]

    def _job(self, started: Trial) -> Job:
        scenario, trial = started
        return Job(scenario.path, trial, self.options, self.endpoint, self.fresh, self.pace)


def _interrupted(
    interrupt: KeyboardInterrupt,
    running: Sequence[RecordingProcess],
    told: Told,
) -> Interrupted:
    """Pass a signal on, wait for what every process keeps, and say what they could not."""
    number = interrupt.number if isinstance(interrupt, Interrupted) else 2
    with interrupts.ignored():
        for process in running:
            process.process.send_signal(number)
        end = time.monotonic() + MOST_SECONDS_TO_END
        for process in running:
            process.wait_or_kill(end - time.monotonic())
    unanswered = list[str]()
    while not told.empty():
        _, line = told.get()
        if line and line.get("interrupted"):
            unanswered.append(line["interrupted"])
    return Interrupted(number, ", ".join(unanswered))


def recorder_of(
    parallel: int,
    per_minute: int | None,
    endpoint: Endpoint | None,
    options: Options,
    folder: Path,
    *,
    fresh: bool = False,
) -> TrialRecorder:
    """The recorder of so many trials at a time; the shared times of its requests are in `folder`.

    Raises `InputError` for several on a system that cannot keep their times together, and for a
    limit of requests without an endpoint.
    """
    if parallel > 1 and os.name != "posix":
        raise InputError(Problem("--parallel on this system", expected="1, or Linux or macOS"))
    pace = pace_of(per_minute, endpoint, folder, is_shared=parallel > 1)
    if parallel == 1:
        return InThisProcess(endpoint, options, fresh, pace)
    return InProcesses(parallel, endpoint, options, fresh, pace)


def pace_of(
    per_minute: int | None, endpoint: Endpoint | None, folder: Path, *, is_shared: bool
) -> Pace | None:
    """The pace of a recording, None where there is nothing to keep.

    Raises `InputError` for a limit of requests without an endpoint.
    """
    if per_minute is not None and endpoint is None:
        what = "--per-minute with the embedded provider, which has no limit"
        raise InputError(Problem(what, expected="it with --base-url"))
    is_kept = endpoint is not None and (is_shared or per_minute is not None)
    return Pace(folder / "pace", per_minute) if is_kept else None


def folder_of_times() -> "tempfile.TemporaryDirectory[str]":
    """A folder for the times that the processes of a recording share, which ends with it."""
    return tempfile.TemporaryDirectory(prefix="flagbench-")
