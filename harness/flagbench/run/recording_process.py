"""A process that records trials, as the one sees it that started it."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from flagbench.errors import CouldNotRun, ExitCode, FlagbenchError, InputError, Problem
from flagbench.run import interrupts
from flagbench.run.trial_process import LAST, Job

# What a process needs beside the wait for its answer: to write what it has.
_WRITING_SECONDS = 10.0
MOST_SECONDS_TO_END = interrupts.GRACE_SECONDS + _WRITING_SECONDS

Told = queue.Queue[tuple["RecordingProcess", dict[str, Any] | None]]
"""What processes have told: each line of one, and None for its end."""


class RecordingProcess:
    """A process that records; each line that it tells goes into the queue, None is its end.

    It works in `folder`, imports from the folders of `path` before all others, and has the open
    files `inherited` of this process.
    """

    def __init__(
        self,
        told: Told,
        *,
        folder: Path | None = None,
        path: Sequence[str] = (),
        inherited: Sequence[int] = (),
    ) -> None:
        importable = os.pathsep.join([*path, *filter(None, sys.path)])
        # In a session of its own: the terminal sends a Ctrl-C to the command alone, which passes
        # it on. Its input ends with the command.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "flagbench.run.trial_process"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8",
            env={**os.environ, "PYTHONPATH": importable}, start_new_session=True,
            cwd=folder, pass_fds=inherited,
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

    def wait_or_kill(self, seconds: float) -> None:
        """Wait so long for its end, after a signal, and kill it then."""
        try:
            self.process.wait(max(0.0, seconds))
        except subprocess.TimeoutExpired:
            self.process.kill()
        self.close()

    def ended(self, scenario: Path, trial: int) -> CouldNotRun:
        """The error of a process that has ended in the middle of a trial."""
        what = f"the process that recorded trial {trial} ended with code {self.process.wait()}"
        fix = "run the same command again: recorded answers are kept"
        return CouldNotRun(Problem(what, str(scenario), fix=fix))

    def _write(self, line: str) -> None:
        with suppress(OSError):  # it has ended
            if self.process.stdin and not self.process.stdin.closed:
                self.process.stdin.write(line)
                self.process.stdin.flush()

    def _read(self) -> None:
        for line in self.process.stdout or ():
            self._told.put((self, json.loads(line)))
        self._told.put((self, None))


def error_of(line: dict[str, Any]) -> FlagbenchError:
    """The error that a process has told."""
    problems = [Problem(**problem) for problem in line["problems"]]
    is_input = line["exit_code"] == ExitCode.WRONG_INPUT
    return InputError(problems) if is_input else CouldNotRun(problems)
