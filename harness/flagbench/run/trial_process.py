"""A process that records trials, one after another, as lines on its standard input tell it.

It is started as `python -m flagbench.run.trial_process`. Its standard output has a line of JSON for
each cell, and one for the end of a trial; what a subject prints goes to standard error.
"""

import base64
import json
import os
import pickle
import queue
import signal
import sys
import threading
from contextlib import nullcontext, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from flagbench.errors import FlagbenchError
from flagbench.run import forecast as forecasts
from flagbench.run import recording as recorder
from flagbench.run.interrupts import Interrupted, interruptible
from flagbench.run.options import Options
from flagbench.run.pace import Pace
from flagbench.run.recording import Endpoint
from flagbench.scenario import loading as scenarios


@dataclass(frozen=True, slots=True)
class Job:
    """A trial to record; `endpoint` is None for the embedded provider."""

    scenario: Path
    trial: int
    options: Options
    endpoint: Endpoint | None
    fresh: bool
    pace: Pace | None

    def line(self) -> str:
        """The job as a line of text, for a process that this one started."""
        return base64.b64encode(pickle.dumps(self)).decode() + "\n"


# The line after the last job: an end of the input without it is the end of the command.
LAST = "last\n"


def main() -> None:
    """Record each job, until the last line."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    jobs = queue.Queue[str]()
    threading.Thread(target=_read, args=(sys.stdin, jobs), daemon=True).start()
    try:
        with interruptible():
            while (line := jobs.get()) != LAST:
                # Written by the process that started this one.
                _record(pickle.loads(base64.b64decode(line)), told)  # noqa: S301
    except Interrupted as ended:
        with suppress(OSError):  # nobody listens where the one that started it has ended
            _tell(told, interrupted=ended.unanswered)
        raise SystemExit(ended.exit_code) from None


def _read(stream: TextIO, jobs: "queue.Queue[str]") -> None:
    """Pass lines on; where the command ended without a word, this process ends as by a signal."""
    is_last = False
    for line in stream:
        is_last = line == LAST
        jobs.put(line)
    if not is_last:
        os.kill(os.getpid(), signal.SIGTERM)


def _record(job: Job, told: TextIO) -> None:
    try:
        scenario = job.options.applied_to(scenarios.load(job.scenario))
        with nullcontext(job.endpoint) if job.endpoint else forecasts.simulated(scenario) as used:
            usage = recorder.record_trial(
                scenario, job.trial, used, cassettes=job.options.cassettes, fresh=job.fresh,
                on_cell=lambda: _tell(told, cell=True), pace=job.pace,
            )  # fmt: skip
    except FlagbenchError as error:
        problems = [asdict(problem) for problem in error.problems]
        _tell(told, problems=problems, exit_code=int(error.exit_code))
    else:
        _tell(told, usage=asdict(usage))


def _tell(told: TextIO, **values: Any) -> None:
    told.write(json.dumps(values) + "\n")
    told.flush()


if __name__ == "__main__":
    main()
