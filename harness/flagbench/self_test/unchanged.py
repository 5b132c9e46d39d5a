"""False alarms: unchanged code, run again and again under other conditions."""

import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flagbench.acceptance.proof_cache import PROOFS_FOLDER
from flagbench.atomic_file import write_whole
from flagbench.errors import InputError, Problem
from flagbench.self_test import patched_copy
from flagbench.self_test.observation import Observation
from flagbench.self_test.processes import Processes
from flagbench.self_test.series_process import Job, Project
from flagbench.verdict.verdict import Outcome

KEPT = Path(PROOFS_FOLDER, "self-test", "unchanged.json")
_ZONES = ("UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Kiritimati", "Europe/Lisbon")
_LOCALES = ("C", "C.UTF-8", "POSIX", "en_US.UTF-8", "de_DE.UTF-8")
_BUSY = "while True: pass"
_VERSION = "import flagbench, platform; print(platform.python_version())"
# More runs in a process are cheaper, and vary less.
_REPEATS = 25


class Unchanged(BaseModel):
    """Counts of runs of unchanged code; `others` had other cells than the first of their series.

    `alarms` are the runs that were not KEPT, or had a remark, in words.
    """

    model_config = ConfigDict(frozen=True)

    runs: int
    alarms: tuple[str, ...]
    others: int
    pythons: tuple[str, ...]
    processes: int

    @property
    def line(self) -> str:
        """The counts in a sentence."""
        return (
            f"Unchanged runs: {len(self.alarms)} false alarms of {self.runs:,}, and "
            f"{self.others} with other cells, in {self.processes} processes: other hash seeds, "
            f"orders, time zones, locales, one and two workers, with and without load, "
            f"Python {', '.join(self.pythons)}."
        )

    @property
    def is_met(self) -> bool:
        """True without any alarm or other cells."""
        return not self.alarms and not self.others


@dataclass(frozen=True, slots=True)
class _Round:
    """Some runs under the same conditions, on one or two processes at the same time."""

    number: int
    repeats: int
    python: str
    with_load: bool
    workers: int


def run(
    folder: Path,
    project: Project,
    series: Sequence[str],
    sources: Sequence[str],
    runs: int,
    pythons: Sequence[str],
    progress: Callable[[int], None],
) -> Unchanged:
    """Run series of a project until there are so many runs of a series.

    Interrupted, it returns the counts of what was run. Raises `InputError` for one of the `pythons`
    that does not have flagbench.
    """
    versions = {python: _version(python) for python in pythons or (sys.executable,)}
    processes, seen, done = Processes(), list[Observation](), 0
    rounds = list(_rounds(runs, len(series), list(versions)))
    try:
        for each in rounds:
            with _load(each.with_load):
                seen += _run_round(each, folder, project, series, sources, processes)
            done += each.workers
            progress(len(seen))
    except KeyboardInterrupt:
        pass
    finally:
        processes.stop()
    used = dict.fromkeys(versions[each.python] for each in rounds)
    result = _count(seen, tuple(used), done)
    path = folder / KEPT
    path.parent.mkdir(parents=True, exist_ok=True)
    write_whole(path, result.model_dump_json())
    return result


def last(folder: Path) -> Unchanged | None:
    """The counts of the last such run of a project, None without one."""
    path = folder / KEPT
    return Unchanged.model_validate_json(path.read_text("utf-8")) if path.exists() else None


def _rounds(runs: int, series: int, pythons: Sequence[str]) -> Iterator[_Round]:
    number = 0
    while runs > 0:
        workers = 1 + number % 2
        repeats = max(1, min(_REPEATS, -(-runs // (workers * series))))
        yield _Round(number, repeats, pythons[number % len(pythons)], number % 3 == 2, workers)
        runs -= repeats * workers * series
        number += 1


def _run_round(
    each: _Round,
    folder: Path,
    project: Project,
    series: Sequence[str],
    sources: Sequence[str],
    processes: Processes,
) -> list[Observation]:
    environment = {
        "PYTHONHASHSEED": str(each.number),
        "LC_ALL": _LOCALES[each.number % len(_LOCALES)],
    }

    def work(worker: int) -> tuple[Observation, ...]:
        with tempfile.TemporaryDirectory(prefix="flagbench-unchanged-") as name:
            job = Job(
                folder=folder, project=project, reports=Path(name, "reports"),
                proofs=folder / PROOFS_FOLDER, results=Path(name, "results.jsonl"),
                series=tuple(series), repeats=each.repeats,
                seed=1000 * each.number + 100 * worker, zones=_ZONES,
            )  # fmt: skip
            path = list(patched_copy.import_path(folder, sources))
            return processes.run(job, path, environment, each.python)

    with ThreadPoolExecutor(each.workers) as pool:
        futures = [pool.submit(work, worker) for worker in range(each.workers)]
        try:
            return [seen for future in as_completed(futures) for seen in future.result()]
        except BaseException:
            processes.stop()
            raise


def _count(seen: Sequence[Observation], pythons: tuple[str, ...], processes: int) -> Unchanged:
    first: dict[str, str] = {}
    others = sum(first.setdefault(each.series, each.digest) != each.digest for each in seen)
    alarms = Counter(
        f"{each.series}: {each.outcome}{': ' if each.told else ''}{' '.join(each.told[:1])}"
        for each in seen
        if each.outcome != Outcome.KEPT or each.told
    )
    told = tuple(text for text, count in alarms.items() for _ in range(count))
    return Unchanged(
        runs=len(seen), alarms=told, others=others, pythons=pythons, processes=processes
    )


@contextmanager
def _load(with_load: bool) -> Iterator[None]:
    """A process that keeps a core busy, if there is to be one."""
    if not with_load:
        yield
        return
    busy = subprocess.Popen([sys.executable, "-c", _BUSY], start_new_session=True)  # noqa: S603
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
