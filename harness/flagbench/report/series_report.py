"""The results of a run, pickled by test processes and read by every report format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from flagbench.acceptance.sandbox.sandbox import Isolation
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.split import Split
from flagbench.measurement.trace import Span
from flagbench.measurement.trace_rows import Trace
from flagbench.printable import printable, printable_fields
from flagbench.report import split_text
from flagbench.report.cells_digest import CellsDigest, part_of
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.scenario.schema import Threshold
from flagbench.series.provisional import Provisional
from flagbench.series.series import Series
from flagbench.verdict.verdict import Outcome

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """The results of one series.

    `reason` says why it could not run, `broken` lists missed targets and baselines. `used` maps a
    trial to the indexes of its recordings that the series or its control played, `recorded` to
    their number. `local_work` is the subject's own CPU time in words, "" where it is small.
    `proving` is the cost of proving the artifacts; `walls` and `walls_missing` describe the
    sandbox, if one was used. `place` is the index of the series in its scenario's design,
    `declared` the whole design, shared by its series. `attempts` is how often the series was run;
    it is reported as the last time. `timeline` is that of one trial. `causes` explain a metric that
    left its baseline: lines, each with the diff of a prompt or file, or "". `stale` are such lines
    of a series that kept its baseline and does other things than accepted all the same. `trace` and
    `texts` (the files by digest) and `noise` are set where baselines are accepted, `thresholds` (by
    metric) where the scenario has a dashboard of the series. `swept` has the provider settings that
    differ by trial: name -> a value for each trial. `provisional` is what is known of a PROVISIONAL
    series, which has neither cells nor metrics: these are for measurements. `split` is the exact
    split of its tokens against the accepted ones, where they differ. `known_cells` were not
    replayed in this run: their inputs are as they were when they were measured. `drift` says how
    far accepted steps have led together. `unseen` are files of the project for which no cell can be
    known, `reads` those that the subject has read.
    """

    scenario: str
    title: str
    path: str
    provider: str
    model: str
    requests: int
    trials: int
    combination: str
    place: int
    declared: Sequence[str]
    is_own_design: bool
    outcome: str
    reason: str = ""
    broken: Sequence[str] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    accepted: Mapping[str, float] = field(default_factory=dict)
    cells: Sequence[CellResult] = ()
    used: Mapping[str, Sequence[int]] = field(default_factory=dict)
    recorded: Mapping[str, int] = field(default_factory=dict)
    cpu_seconds: float = 0.0
    local_cpu_seconds: float = 0.0
    local_work: str = ""
    proving: Mapping[str, float] = field(default_factory=dict)
    walls: str = ""
    walls_missing: Sequence[str] = ()
    timeline: Sequence[Span] = ()
    causes: Sequence[tuple[str, str]] = ()
    stale: Sequence[str] = ()
    trace: Trace | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    swept: Mapping[str, Sequence[float]] = field(default_factory=dict)
    attempts: int = 1
    provisional: Provisional | None = None
    split: Split | None = None
    known_cells: int = 0
    unseen: Sequence[str] = ()
    reads: Sequence[str] = ()
    drift: Sequence[str] = ()


@dataclass(frozen=True)  # no slots: cached_property needs a __dict__
class RunReport:
    """The results of a run, ordered by scenario and design, not by execution.

    `crashes` is the number of test processes that ended before their work, by a signal or `_exit`.
    `shard` names the part of a run that this is, "" for a whole one.
    """

    series: tuple[SeriesReport, ...]
    interrupted: bool = False
    crashes: int = 0
    shard: str = ""

    @classmethod
    def of(
        cls,
        series: Iterable[SeriesReport],
        *,
        interrupted: bool = False,
        crashes: int = 0,
        shard: str = "",
    ) -> "RunReport":
        """A report of the series, sorted."""
        ordered = sorted(series, key=lambda member: (member.scenario, member.place))
        return cls(tuple(ordered), interrupted, crashes, shard)

    @property
    def headline(self) -> str:
        """The number of series with each outcome, and what kept the run from being a plain one."""
        counts = ", ".join(
            f"{self.count(outcome)} {outcome.value}" for outcome in Outcome if self.count(outcome)
        )
        again = sum(member.attempts > 1 for member in self.series)
        notes = [
            *([f"shard {self.shard}"] if self.shard else []),
            *(["interrupted: not everything was run"] if self.interrupted else []),
            *([f"crashed processes: {self.crashes}"] if self.crashes else []),
            *([f"series run again: {again}"] if again else []),
        ]
        return (counts or "nothing was run") + (f" ({'; '.join(notes)})" if notes else "")

    def by_scenario(self) -> dict[str, list[SeriesReport]]:
        """Scenario -> its series."""
        groups: dict[str, list[SeriesReport]] = {}
        for member in self.series:
            groups.setdefault(member.scenario, []).append(member)
        return groups

    def count(self, outcome: Outcome) -> int:
        """The number of series with an outcome."""
        return sum(member.outcome == outcome for member in self.series)

    @property
    def digest(self) -> str:
        """The digest of all measured cells."""
        return self._digests[0]

    @property
    def scenario_digests(self) -> Mapping[str, str]:
        """Scenario -> the digest of its measured cells."""
        return self._digests[1]

    @cached_property
    def _digests(self) -> tuple[str, Mapping[str, str]]:
        """Both, in one pass: to write the row of a cell takes longer than to digest it."""
        whole, scenarios = CellsDigest(), dict[str, CellsDigest]()
        for member in self.series:
            part = part_of(member.cells)
            whole.add(part)
            scenarios.setdefault(member.scenario, CellsDigest()).add(part)
        return whole.value, {name: digest.value for name, digest in scenarios.items()}


def digest_of(members: Iterable[SeriesReport]) -> str:
    """The digest of the cells of some series."""
    digest = CellsDigest()
    for member in members:
        digest.add(part_of(member.cells))
    return digest.value


def report_of(
    scenario: Scenario,
    combination: Combination,
    *,
    place: int,
    is_own_design: bool,
    series: Series | None,
    reason: str,
    declared: Sequence[str] = (),
    isolation: Isolation | None = None,
    with_trace: bool = False,
) -> SeriesReport:
    """The report of one series; without a `series`, it could not run, for the given `reason`.

    What a subject or a model has written is made printable, so that no format fails on it.
    """
    is_measured = series is not None and series.provisional is None
    cells = series.cells if series and is_measured else ()
    return SeriesReport(
        **_scenario_fields(scenario),
        combination=combination.id,
        place=place,
        declared=declared,
        is_own_design=is_own_design,
        outcome=series.verdict.outcome.value if series else Outcome.COULD_NOT_RUN.value,
        reason=printable(reason),
        broken=[printable(str(finding)) for finding in series.verdict.broken]
        if series and is_measured
        else [],
        metrics=dict(series.summary.metrics) if series and is_measured else {},
        accepted={metric: accepted.value for metric, accepted in (series.expected or {}).items()}
        if series
        else {},
        cells=[cell.measurement for cell in cells],
        used={
            str(cell.measurement.trial): sorted({*cell.used, *control.used})
            for cell, control in zip(cells, series.control if cells and series else (), strict=True)
        },
        recorded={str(cell.measurement.trial): cell.recorded for cell in cells},
        cpu_seconds=sum(cell.cpu_seconds for cell in cells),
        local_cpu_seconds=sum(cell.local_cpu_seconds for cell in cells),
        local_work=series.local_work if series else "",
        proving=asdict(series.proving) if series else {},
        walls=isolation.words if isolation else "",
        walls_missing=isolation.missing if isolation else (),
        timeline=[printable_fields(span) for cell in cells for span in cell.timeline],
        causes=_causes(series) if series else (),
        split=_printable(series.split) if series else None,
        noise=series.summary.noise if series else {},
        thresholds=_thresholds(scenario, combination),
        swept=scenario.swept_settings,
        stale=[printable(text) for text in series.stale] if series else (),
        drift=[printable(line) for line in series.drift] if series and is_measured else (),
        trace=Trace.joined(cell.trace for cell in cells) if series and with_trace else None,
        texts={digest: text for cell in cells for digest, text in cell.texts.items()}
        if with_trace
        else {},
        provisional=_printable(series.provisional) if series else None,
        known_cells=sum(cell.is_known for cell in cells),
        unseen=[printable(path) for path in series.unseen] if series else (),
        reads=sorted({path for cell in cells for path in cell.reads}),
    )


def _causes(series: Series) -> list[tuple[str, str]]:
    """The exact split of tokens, then the causes, each with a diff or ""."""
    split = _printable(series.split)
    exactly = [(f"exactly: {split_text.line(split)}", "")] if split else []
    causes = [(printable(cause.text), printable(cause.diff)) for cause in series.causes]
    return exactly + causes


def _printable(value: T | None) -> T | None:
    return None if value is None else printable_fields(value)


def _thresholds(scenario: Scenario, combination: Combination) -> Mapping[str, Threshold]:
    dashboard = scenario.dashboard
    if dashboard is None or dashboard.combination != combination.id:
        return {}
    return dashboard.thresholds


def report_without_series(
    scenario: Scenario,
    name: str,
    outcome: Outcome,
    *,
    broken: Sequence[str] = (),
    reason: str = "",
    declared: Sequence[str] = (),
) -> SeriesReport:
    """The report of an item that measures no series and was broken or could not run."""
    return SeriesReport(
        **_scenario_fields(scenario),
        combination=name,
        place=len(scenario.combinations),
        declared=declared,
        is_own_design=True,
        outcome=outcome.value,
        broken=[printable(text) for text in broken],
        reason=printable(reason),
    )


def _scenario_fields(scenario: Scenario) -> dict[str, Any]:
    """The fields of a report that are the same for all series of a scenario."""
    return {
        "scenario": scenario.name,
        "title": printable(scenario.title),
        "path": printable(str(scenario.path)),
        "provider": scenario.provider,
        "model": printable(scenario.model),
        "requests": len(scenario.requests),
        "trials": scenario.trials,
    }
