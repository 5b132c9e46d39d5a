"""A process that runs series of a project or of its copy, as told by a job on its standard input.

It is started as `python -m flagbench.self_test.series_process`: a patched generator must not meet
modules of the original one.
"""

import os
import random
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from flagbench.errors import CouldNotRun, FlagbenchError, Problem
from flagbench.run.interrupts import interruptible
from flagbench.run.options import Options
from flagbench.self_test.observation import Observation, observe
from flagbench.series.runner import SeriesRunner
from flagbench.tokenizer_choice import with_folder


class Project(BaseModel):
    """Settings of a project: its import path, relative to it, and its tokenizer and prices."""

    model_config = ConfigDict(frozen=True)

    pythonpath: tuple[str, ...] = ()
    cassettes: str = "cassettes"
    baselines: str = "baselines"
    tokenizer: str = ""
    prices: str = ""


class Job(BaseModel):
    """Series to run `repeats` times; each observation is a line of the file `results`.

    `folder` is the project or its copy, `proofs` the folder of kept proofs, `originals` the files
    of the sources, from which nothing may be imported. Each repeat has the next of the `zones` and,
    from `seed` on, another order.
    """

    model_config = ConfigDict(frozen=True)

    folder: Path
    project: Project
    reports: Path
    proofs: Path
    results: Path
    series: tuple[str, ...]
    originals: tuple[Path, ...] = ()
    repeats: int = 1
    seed: int = 0
    zones: tuple[str, ...] = ()


def main() -> None:
    """Run the job. Exits with a message for an expected error."""
    job = Job.model_validate_json(sys.stdin.read())
    os.chdir(job.folder)
    for entry in reversed(job.project.pythonpath):
        sys.path.insert(0, str(job.folder / entry))
    try:
        with interruptible():  # what a series has started ends with it
            _run(job)
            _check_imports(job.originals)
    except KeyboardInterrupt as ended:
        raise SystemExit(str(ended)) from None
    except FlagbenchError as error:
        raise SystemExit(str(error)) from None


def _run(job: Job) -> None:
    with job.results.open("a", encoding="utf-8") as results:
        for repeat in range(job.repeats):
            _set_zone(job.zones, job.seed + repeat)
            for observation in _observe(job, job.seed + repeat):
                results.write(f"{observation.model_dump_json()}\n")
                results.flush()


def _observe(job: Job, seed: int) -> list[Observation]:
    order = list(job.series)
    if job.repeats > 1:
        random.Random(seed).shuffle(order)  # noqa: S311  an order, not a secret
    runner = SeriesRunner(_options(job))
    try:
        return [observe(series, runner) for series in order]
    finally:
        runner.close()


def _options(job: Job) -> Options:
    project = job.project
    return Options(
        cassettes=job.folder / project.cassettes,
        baselines=job.folder / project.baselines,
        reports=job.reports,
        proofs=job.proofs,
        tokenizer=with_folder(project.tokenizer, job.folder),
        prices=job.folder / project.prices if project.prices else None,
        provisional=True,
    )


def _set_zone(zones: Sequence[str], number: int) -> None:
    if zones and hasattr(time, "tzset"):
        os.environ["TZ"] = zones[number % len(zones)]
        time.tzset()


def _check_imports(originals: Sequence[Path]) -> None:
    """Raise `CouldNotRun` if a source was imported that is not the patched one."""
    files = frozenset(map(str, originals))
    for name, module in list(sys.modules.items()):
        path = getattr(module, "__file__", None)
        if path and os.path.abspath(path) in files:  # noqa: PTH100  links stay as they are
            what = f"{name} was imported from {path} in place of its patched copy"
            fix = "name the folder in `sources` of the catalogue from which it is imported"
            raise CouldNotRun(Problem(what, fix=fix))


if __name__ == "__main__":
    main()
