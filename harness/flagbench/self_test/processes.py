"""Processes that run jobs of series, and their end when the command is interrupted."""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

from flagbench.self_test.observation import Observation
from flagbench.self_test.series_process import Job

# A regression may wait forever in real time.
_TIMEOUT_SECONDS = 900.0
# A process that is ended ends what it started, and may hang in it.
_GRACE_SECONDS = 5.0
ERROR = "ERROR"


class Processes:
    """Starts processes for jobs; `stop` ends those that still run."""

    def __init__(self) -> None:
        self._running: set[subprocess.Popen[str]] = set()
        self._stopped = False

    def run(
        self,
        job: Job,
        path: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
        python: str = sys.executable,
    ) -> tuple[Observation, ...]:
        """Run a job to its end; a series that ended in no outcome is one of outcome ERROR.

        `path` are folders to import from before all others.
        """
        variables = {**os.environ, **(environment or {})}
        variables["PYTHONPATH"] = os.pathsep.join(
            [*path, *filter(None, [os.environ.get("PYTHONPATH")])]
        )
        with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as errors:
            process = subprocess.Popen(  # noqa: S603  this very program
                [python, "-m", "flagbench.self_test.series_process"],
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=errors, text=True,
                env=variables, start_new_session=True,
            )  # fmt: skip
            self._running.add(process)
            if self._stopped:
                process.terminate()
            try:
                process.communicate(job.model_dump_json(), timeout=_TIMEOUT_SECONDS)
                reason = _last_lines(errors) if process.returncode else ""
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                reason = f"it did not end within {_TIMEOUT_SECONDS:.0f} seconds"
            finally:
                self._running.discard(process)
        seen = observations(job.results)
        if reason:
            seen += (Observation(series=", ".join(job.series), outcome=ERROR, told=(reason,)),)
        return seen

    @property
    def is_stopped(self) -> bool:
        """True once the processes were ended: their last series has the outcome ERROR."""
        return self._stopped

    def stop(self) -> None:
        """End the processes that still run, and those that are started from now on."""
        self._stopped = True
        running = list(self._running)
        for process in running:
            process.terminate()
        end = time.monotonic() + _GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()


def observations(path: Path) -> tuple[Observation, ...]:
    """The observations of a file of results, without a last one that was cut off."""
    lines = path.read_text("utf-8").splitlines(keepends=True) if path.exists() else []
    whole = (line for line in lines if line.endswith("\n"))
    return tuple(Observation.model_validate_json(line) for line in whole)


def _last_lines(errors: IO[str], count: int = 6) -> str:
    errors.seek(0)
    return "\n".join(errors.read().strip().splitlines()[-count:]) or "it ended without a message"
