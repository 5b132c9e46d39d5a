"""Stored runs: a small line for each whole run of a scenario, so that trends can be drawn."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench import git
from flagbench.atomic_file import write_whole
from flagbench.cassette.cassette import canonical, sha256
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.counterfactual import RECORDED
from flagbench.run.options import Options

# The series that people look for; what a session costs with all flags off, on, and as delivered.
SERIES = ("none", "all", "default")
METRICS = ("tokens", "seconds", "usd", "approval_rate", "acceptance_rate")
# The oldest lines go: about 600 bytes each.
KEPT_LINES = 200


class Run(BaseModel):
    """A stored run of a scenario; `series` has the `METRICS` of those of `SERIES` that it has.

    Of a series with a dashboard it has the metrics of its thresholds, too. `digest` is that of all
    cells, `commit` is "" where git has none.
    """

    model_config = ConfigDict(extra="ignore", frozen=True)

    schema_version: int = 1
    date: datetime
    commit: str
    digest: str
    provider: str
    model: str
    requests: int
    trials: int
    series: Mapping[str, Mapping[str, float]]


def path_of(options: Options, scenario: str) -> Path:
    """The file of a scenario's runs."""
    return options.reports / "history" / f"{scenario}.jsonl"


def load(path: Path) -> tuple[Run, ...]:
    """The runs of a file, the oldest first; none without a file. A damaged line is passed over."""
    found = []
    for line in _lines(path):
        try:
            found.append(Run.model_validate_json(line))
        except ValidationError:
            continue  # one line less is a point less in a picture
    return tuple(found)


def comparable(options: Options, series: SeriesReport) -> Sequence[Run]:
    """The stored runs of a series' scenario with its provider and model, the oldest first.

    None where another world was measured: no stored run did that.
    """
    if options.counterfactual != RECORDED:
        return ()
    runs = load(path_of(options, series.scenario))
    return [run for run in runs if (run.provider, run.model) == (series.provider, series.model)]


def remember(report: RunReport, options: Options) -> None:
    """Add a line for each scenario that ran whole, unless it found what its last line says.

    A part of a scenario is not added, nor what another world would measure. Raises `OSError`.
    """
    if report.interrupted or options.trials is not None or options.counterfactual != RECORDED:
        return
    whole = {name: members for name, members in report.by_scenario().items() if _is_whole(members)}
    new = {
        name: digest
        for name, members in whole.items()
        if (digest := _digest(members)) != _last_digest(path_of(options, name))
    }
    if not new:
        return
    date, commit = datetime.now(UTC).replace(microsecond=0), _commit()
    for name, digest in new.items():
        run = _run(whole[name], date, commit, digest)
        path = path_of(options, name)
        lines = [*_lines(path), canonical(run.model_dump(mode="json"))]
        write_whole(path, "".join(f"{line}\n" for line in lines[-KEPT_LINES:]))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except FileNotFoundError:
        return []


def _is_whole(members: Sequence[SeriesReport]) -> bool:
    """Whether every series of the scenario's own design was measured."""
    measured = {member.combination for member in members if member.cells and member.is_own_design}
    return bool(measured) and measured >= set(members[0].declared)


def _digest(members: Sequence[SeriesReport]) -> str:
    return sha256(canonical([[cell.row() for cell in member.cells] for member in members]))


def _last_digest(path: Path) -> str:
    runs = load(path)
    return runs[-1].digest if runs else ""


def _run(members: Sequence[SeriesReport], date: datetime, commit: str, digest: str) -> Run:
    first = members[0]
    return Run(
        date=date,
        commit=commit,
        digest=digest,
        provider=first.provider,
        model=first.model,
        requests=first.requests,
        trials=first.trials,
        series={
            member.combination: {
                name: member.metrics[name]
                for name in (*METRICS, *member.thresholds)
                if name in member.metrics
            }
            for member in members
            if member.combination in SERIES or member.thresholds
        },
    )


def _commit() -> str:
    try:
        return git.describe()
    except LookupError:
        return ""
