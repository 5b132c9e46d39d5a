"""Stored runs: one short line per complete run of a scenario, for trends.

Each line has a checksum; a damaged line is reported and counts as a run that was not stored.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict

from flagbench import git, strict_json, text_file
from flagbench.atomic_file import write_whole
from flagbench.cassette.cassette import canonical, sha256
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.counterfactual import RECORDED
from flagbench.run.options import Options

# All flags off, all on, and the levels that the subject is delivered with.
SERIES = ("none", "all", "default")
METRICS = ("tokens", "seconds", "usd", "approval_rate", "acceptance_rate")
# A line has about 600 bytes; the oldest lines are dropped.
MAX_LINES = 200


class Run(BaseModel):
    """A stored run of a scenario; `series` has the available `METRICS` of each of `SERIES`.

    `crashes` counts the test processes of the run that crashed, `reruns` the series of the scenario
    that were run again. A series with a dashboard also has the metrics of its thresholds.
    `digest` is over all cells; `commit` is "" outside a git repository.
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
    crashes: int = 0
    reruns: int = 0
    series: Mapping[str, Mapping[str, float]]


def path_of(options: Options, scenario: str) -> Path:
    """The file of a scenario's runs."""
    return options.reports / "history" / f"{scenario}.jsonl"


def load(path: Path) -> tuple[Run, ...]:
    """Load the runs of a file, oldest first; none without a file. Damaged lines are left out."""
    return tuple(run for run in _parsed(path) if run is not None)


def damaged_lines(options: Options, scenario: str) -> list[str]:
    """A remark for each line of a scenario's file that differs from its checksum."""
    path = path_of(options, scenario)
    return [
        f"{path}:{number}: this stored run is damaged and left out; delete the line or restore it"
        for number, run in enumerate(_parsed(path), 1)
        if run is None
    ]


def comparable_runs(options: Options, series: SeriesReport) -> Sequence[Run]:
    """The stored runs of the series' scenario with the same provider and model, oldest first.

    Empty under a counterfactual, since only recorded conditions are stored.
    """
    if options.counterfactual != RECORDED:
        return ()
    runs = load(path_of(options, series.scenario))
    return [run for run in runs if (run.provider, run.model) == (series.provider, series.model)]


def remember(report: RunReport, options: Options) -> None:
    """Add a line for each scenario that ran completely, unless its results equal the last line's.

    Partial runs and counterfactuals are not stored. Raises `OSError`.
    """
    if report.interrupted or options.trials is not None or options.counterfactual != RECORDED:
        return
    complete = {
        name: members for name, members in report.by_scenario().items() if _is_complete(members)
    }
    new = {
        name: digest
        for name, digest in report.scenario_digests.items()
        if name in complete and digest != _last_digest(path_of(options, name))
    }
    if not new:
        return
    date, commit = datetime.now(UTC).replace(microsecond=0), _commit()
    for name, digest in new.items():
        run = _run(complete[name], date, commit, digest, report.crashes)
        path = path_of(options, name)
        lines = [*_lines(path), line_of(run.model_dump(mode="json"))]
        write_whole(path, "".join(f"{line}\n" for line in lines[-MAX_LINES:]))


def line_of(content: Mapping[str, Any]) -> str:
    """The line of a stored run, with its checksum."""
    return canonical({"checksum": sha256(canonical(content)), **content})


def _parsed(path: Path) -> Iterator[Run | None]:
    """The run of each line, None for a damaged one."""
    for line in _lines(path):
        try:
            content = strict_json.parse(line)
            is_whole = content.pop("checksum") == sha256(canonical(content))
            yield Run.model_validate(content) if is_whole else None
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            yield None  # a chart with one point less is better than none


def _lines(path: Path) -> list[str]:
    """The lines of a file; only a line feed ends one, so that damage stays in its line."""
    try:
        text = text_file.read_bytes(path).decode("utf-8", "replace")
        return text.removesuffix("\n").split("\n") if text else []
    except FileNotFoundError:
        return []


def _is_complete(members: Sequence[SeriesReport]) -> bool:
    """True if every series of the scenario's own design was measured."""
    measured = {member.combination for member in members if member.cells and member.is_own_design}
    return bool(measured) and measured >= set(members[0].declared)


def _last_digest(path: Path) -> str:
    runs = load(path)
    return runs[-1].digest if runs else ""


def _run(
    members: Sequence[SeriesReport], date: datetime, commit: str, digest: str, crashes: int
) -> Run:
    first = members[0]
    return Run(
        date=date,
        commit=commit,
        digest=digest,
        provider=first.provider,
        model=first.model,
        requests=first.requests,
        trials=first.trials,
        crashes=crashes,
        reruns=sum(member.attempts > 1 for member in members),
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
