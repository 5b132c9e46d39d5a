"""Runs of unchanged code in processes of their own, each under other conditions."""

import os
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from flagbench.acceptance.proof_cache import PROOFS_FOLDER
from flagbench.errors import InputError, Problem
from flagbench.self_test import patched_copy
from flagbench.self_test.observation import Observation
from flagbench.self_test.processes import ERROR, Processes
from flagbench.self_test.series_process import Job, Project
from flagbench.self_test.unchanged import Unchanged
from flagbench.verdict.verdict import Outcome

_ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "Europe/Lisbon")
_LOCALES = ("C", "C.UTF-8", "POSIX", "en_US.UTF-8", "de_DE.UTF-8")
# It ends with the process that started it, however that ends.
_BUSY = "import os\nwhile os.getppid() == {parent}: pass"
_VERSION = "import flagbench, platform; print(platform.python_version())"
# More runs in a process are cheaper, and vary less.
_REPEATS = 25


@dataclass(frozen=True, slots=True)
class _Round:
    """Some runs under the same conditions, on one or two processes at the same time."""

    number: int
    repeats: int
    python: str
    with_load: bool
    workers: int


class UnchangedRuns:
    """Runs of series of a project, until there are so many runs of a series.

    `counted` are the counts of what was run so far, also after an interrupt. Raises `InputError`
    for one of the `pythons` that does not have flagbench.
    """

    def __init__(
        self,
        folder: Path,
        project: Project,
        series: Sequence[str],
        sources: Sequence[str],
        runs: int,
        pythons: Sequence[str],
    ) -> None:
        self._folder, self._project = folder, project
        self._series, self._sources, self._asked = series, sources, runs
        self._versions = {each: _version(each) for each in pythons or (sys.executable,)}
        self._processes = Processes()
        self._done: list[tuple[_Round, Sequence[Observation]]] = []

    @property
    def counted(self) -> Unchanged:
        """The counts so far."""
        seen = [each for _, observations in self._done for each in observations]
        first: dict[str, str] = {}
        return Unchanged(
            asked=self._asked, runs=len(seen), processes=len(self._done),
            others=sum(first.setdefault(each.series, each.digest) != each.digest for each in seen),
            alarms=tuple(_alarms(seen)),
            conditions=tuple(_conditions([each for each, _ in self._done], self._versions)),
        )  # fmt: skip

    def run(self, progress: Callable[[int], None]) -> None:
        """Make the runs; `progress` is called with their number after each round."""
        try:
            for each in _rounds(self._asked, len(self._series), list(self._versions)):
                with _load(each.with_load):
                    self._run_round(each)
                progress(self.counted.runs)
        finally:
            self._processes.stop()

    def _run_round(self, each: _Round) -> None:
        with ThreadPoolExecutor(each.workers) as pool:
            futures = [pool.submit(self._work, each, worker) for worker in range(each.workers)]
            try:
                for future in as_completed(futures):
                    future.result()
            except BaseException:
                self._processes.stop()
                raise

    def _work(self, each: _Round, worker: int) -> None:
        environment = {
            "PYTHONHASHSEED": str(each.number),
            "LC_ALL": _LOCALES[each.number % len(_LOCALES)],
        }
        with tempfile.TemporaryDirectory(prefix="flagbench-unchanged-") as name:
            job = Job(
                folder=self._folder, project=self._project, reports=Path(name, "reports"),
                proofs=self._folder / PROOFS_FOLDER, results=Path(name, "results.jsonl"),
                series=tuple(self._series), repeats=each.repeats,
                seed=1000 * each.number + 100 * worker, zones=_ZONES,
            )  # fmt: skip
            path = list(patched_copy.import_path(self._folder, self._sources))
            seen = self._processes.run(job, path, environment, each.python)
            if self._processes.is_stopped:
                seen = tuple(run for run in seen if run.outcome != ERROR)
            if seen:
                self._done.append((each, seen))


def _rounds(runs: int, series: int, pythons: Sequence[str]) -> Iterator[_Round]:
    number = 0
    while runs > 0:
        workers = 1 + number % 2
        repeats = max(1, min(_REPEATS, -(-runs // (workers * series))))
        yield _Round(number, repeats, pythons[number % len(pythons)], number % 3 == 2, workers)
        runs -= repeats * workers * series
        number += 1


def _alarms(seen: Sequence[Observation]) -> Iterator[str]:
    """The runs that raised an alarm, the same ones beside each other."""
    alarms = Counter(
        f"{each.series}: {each.outcome}{': ' if each.told else ''}{' '.join(each.told[:1])}"
        for each in seen
        if each.outcome != Outcome.KEPT or each.told
    )
    return alarms.elements()


def _conditions(ran: Sequence[_Round], versions: Mapping[str, str]) -> Iterator[str]:
    """The conditions that differed between some rounds."""
    if any(each.repeats > 1 for each in ran):
        yield "other orders and time zones"
    if len({each.number for each in ran}) > 1:
        yield "other hash seeds and locales"
    workers = sorted({each.workers for each in ran})
    if workers:
        yield " and ".join({1: "one", 2: "two"}[count] for count in workers) + (
            " workers" if 2 in workers else " worker"
        )
    loads = sorted({each.with_load for each in ran})
    if loads:
        yield " and ".join("with" if load else "without" for load in reversed(loads)) + " load"
    if ran:
        yield "Python " + ", ".join(dict.fromkeys(versions[each.python] for each in ran))


@contextmanager
def _load(with_load: bool) -> Iterator[None]:
    """A process that keeps a core busy, if there is to be one."""
    if not with_load:
        yield
        return
    program = _BUSY.format(parent=os.getpid())
    busy = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)  # noqa: S603
    try:
        yield
    finally:
        busy.kill()
        busy.wait()


def _version(python: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603  an interpreter that the user names
            [python, "-c", _VERSION], capture_output=True, text=True, check=False
        )
    except OSError as error:
        raise InputError(Problem(str(error), "--python", "an interpreter")) from error
    if done.returncode:
        what = f"{python} cannot import flagbench: {done.stderr.strip().splitlines()[-1]}"
        raise InputError(Problem(what, "--python", "an interpreter that has flagbench"))
    return done.stdout.strip()
