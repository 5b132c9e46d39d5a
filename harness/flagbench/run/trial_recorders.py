"""Recorders of trials: in this process one after another, or in several at the same time."""

import json
import os
import queue
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from flagbench.errors import CouldNotRun, ExitCode, FlagbenchError, InputError, Problem
from flagbench.run import forecast as forecasts
from flagbench.run import interrupts
from flagbench.run import recording as recorder
from flagbench.run.interrupts import Interrupted
from flagbench.run.options import Options
from flagbench.run.pace import Pace
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.run.trial_process import LAST, Job
from flagbench.scenario.loading import Scenario

Trial = tuple[Scenario, int]
"""A scenario and the number of its trial."""


class TrialRecorder(Protocol):
    """A recorder of trials."""

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
        told = queue.Queue[tuple[_Process, dict[str, Any] | None]]()
        idle, running = list[_Process](), dict[_Process, Trial]()
        errors = list[FlagbenchError]()
        try:
            while True:
                while not errors and len(running) < self.count and (started := take()) is not None:
                    process = idle.pop() if idle else _Process(told)
                    running[process] = started
                    process.start(self._job(started))
                if not running:
                    break
                process, line = told.get()
                if process not in running:
                    continue
                if line is None:
                    errors.append(_ended(process, running.pop(process)))
                elif "cell" in line:
                    on_cell(running[process])
                elif "usage" in line:
                    idle.append(process)
                    done(running.pop(process), RecordedUsage(**line["usage"]))
                elif "problems" in line:
                    idle.append(process)
                    running.pop(process)
                    errors.append(_error(line))
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


class _Process:
    """A process that records; each line that it tells goes into the queue, None is its end."""

    def __init__(self, told: "queue.Queue[tuple[_Process, dict[str, Any] | None]]") -> None:
        path = os.pathsep.join(filter(None, sys.path))
        # In a session of its own: the terminal sends a Ctrl-C to the command alone, which passes
        # it on. Its input ends with the command.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flagbench.run.trial_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": path}, start_new_session=True,
        )  # fmt: skip
        self._told = told
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def start(self, job: Job) -> None:
        """Give it a trial to record; the queue has the end of the process."""
        self._write(job.line())

    def close(self) -> None:
        """Let it end, and wait for it."""
        self._write(LAST)
        if self.process.stdin:
            with suppress(OSError):
                self.process.stdin.close()
        self.process.wait()
        self._reader.join()

    def _write(self, line: str) -> None:
        with suppress(OSError):  # it has ended
            if self.process.stdin and not self.process.stdin.closed:
                self.process.stdin.write(line)
                self.process.stdin.flush()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._told.put((self, json.loads(line)))
        self._told.put((self, None))


def _error(line: dict[str, Any]) -> FlagbenchError:
    problems = [Problem(**problem) for problem in line["problems"]]
    is_input = line["exit_code"] == ExitCode.WRONG_INPUT
    return InputError(problems) if is_input else CouldNotRun(problems)


def _ended(process: _Process, started: Trial) -> CouldNotRun:
    scenario, trial = started
    what = f"the process that recorded trial {trial} ended with code {process.process.wait()}"
    fix = "run the same command again: recorded answers are kept"
    return CouldNotRun(Problem(what, str(scenario.path), fix=fix))


# What a process needs beside the wait for its answer: to write what it has.
_WRITING_SECONDS = 10.0


def _interrupted(
    interrupt: KeyboardInterrupt,
    running: Sequence[_Process],
    told: "queue.Queue[tuple[_Process, dict[str, Any] | None]]",
) -> Interrupted:
    """Pass a signal on, wait for what every process keeps, and say what they could not."""
    number = interrupt.number if isinstance(interrupt, Interrupted) else 2
    with interrupts.ignored():
        for process in running:
            process.process.send_signal(number)
        end = time.monotonic() + interrupts.GRACE_SECONDS + _WRITING_SECONDS
        for process in running:
            try:
                process.process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.process.kill()
            process.close()
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
    if per_minute is not None and endpoint is None:
        what = "--per-minute with the embedded provider, which has no limit"
        raise InputError(Problem(what, expected="it with --base-url"))
    shares = endpoint is not None and (parallel > 1 or per_minute is not None)
    pace = Pace(folder / "pace", per_minute) if shares else None
    if parallel == 1:
        return InThisProcess(endpoint, options, fresh, pace)
    return InProcesses(parallel, endpoint, options, fresh, pace)


def folder_of_times() -> "tempfile.TemporaryDirectory[str]":
    """A folder for the times that the processes of a recording share, which ends with it."""
    return tempfile.TemporaryDirectory(prefix="flagbench-")
