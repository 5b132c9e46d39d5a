"""Reproduction of the experiment's published statistics from the figures of its runs."""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.errors import InputError, Problem
from flagbench.reproduction.experiment import statistics
from flagbench.reproduction.experiment.statistics import ALL, GENERATORS, METRICS
from flagbench.reproduction.stated import Despite
from flagbench.reproduction.verdict import Reproduced, Verdict, refused

RUNS = Path(__file__).with_name("runs.csv")
PUBLISHED = Path(__file__).with_name("published.csv")
NAME = "experiment"
# The limits of a bootstrap: which random numbers the report drew is not published.
_DRAWN = ("cliffs_delta_low", "cliffs_delta_high")
_ERROR_OF_DRAWING = 0.015


@dataclass(frozen=True, slots=True)
class Figure:
    """A published figure, as it is printed, and the one that was made again."""

    metric: str
    group: str
    statistic: str
    published: str
    made: float

    @property
    def is_drawn(self) -> bool:
        """True for a figure that depends on random numbers."""
        return self.statistic in _DRAWN

    @property
    def printed(self) -> str:
        """The figure with as many digits as the published one."""
        return f"{self.made:.{len(self.published.partition('.')[2])}f}"

    @property
    def agrees(self) -> bool:
        """True for the same digits; of a drawn figure, for one within the error of drawing."""
        if self.is_drawn:
            return abs(float(self.published) - self.made) <= _ERROR_OF_DRAWING
        return float(self.printed) == float(self.published)


def figures(path: Path) -> Iterator[Figure]:
    """The published figures, each beside what the runs in `path` give. Raises `InputError`."""
    values = statistics.load(path)
    made = dict[tuple[str, str], dict[str, float]]()
    for metric in METRICS:
        groups = [values[metric, name] for name in GENERATORS]
        made[metric, ALL] = dict(statistics.across(groups))
        for place, name in enumerate(GENERATORS):
            made[metric, name] = dict(statistics.describe(values[metric, name]))
            for other in GENERATORS[place + 1 :]:
                pair = statistics.separation(values[metric, name], values[metric, other])
                made[metric, f"{name}-{other}"] = dict(pair)
    with PUBLISHED.open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            metric, group, statistic = row["metric"], row["group"], row["statistic"]
            yield Figure(metric, group, statistic, row["value"], made[metric, group][statistic])


def reproduce(paths: Sequence[Path], despite: Despite) -> Reproduced:
    """Make the published statistics again; `paths` may name another copy of the table of runs.

    Raises `InputError` for a file that is not that table.
    """
    if len(paths) > 1:
        raise InputError(Problem("more than one table of runs", ", ".join(map(str, paths))))
    path = paths[0] if paths else RUNS
    found = list(figures(path))
    stated, here = (hashlib.sha256(file.read_bytes()).hexdigest()[:12] for file in (RUNS, path))
    if stated != here and not despite.has(str(path), path.name):
        return refused(NAME, {str(path): (stated, here)})
    wrong = [figure for figure in found if not figure.agrees]
    fixed = [figure for figure in found if not figure.is_drawn]
    drawn = [figure for figure in found if figure.is_drawn]
    same = sum(figure.agrees for figure in fixed)
    near = sum(figure.agrees for figure in drawn)
    lines = [
        "published: gesad-lab/baes_berk_20251103, analysis/statistical_report_full.md",
        f"{same} of {len(fixed)} figures have the published digits: descriptive statistics, "
        "Shapiro-Wilk, Levene, Kruskal-Wallis and Cliff's delta of seven metrics",
        f"{near} of {len(drawn)} bootstrap limits are within {_ERROR_OF_DRAWING} "
        "(their random numbers were not published)",
        *(
            f"{figure.metric} {figure.group} {figure.statistic}: published {figure.published}, "
            f"made {figure.printed}"
            for figure in wrong
        ),
    ]
    return Reproduced(NAME, Verdict.DIFFERS if wrong else Verdict.SAME_FIGURES, tuple(lines))
