"""What a run found: it is pickled on its way from test processes, and feeds every format."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from flagbench.acceptance.sandbox.sandbox import Isolation
from flagbench.cassette.cassette import canonical, sha256
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.trace import Span, TraceStep
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.scenario.schema import Threshold
from flagbench.series.series import Series
from flagbench.verdict.verdict import Outcome


@dataclass(frozen=True, slots=True)
class SeriesReport:
    """One series. `reason` says why it could not run, `broken` what it did not keep.

    `used` maps a trial to the places of its cassette that the series or its control played,
    `recorded` to how many there are. `proving` is what proving the artifacts cost; `walls` and
    `walls_missing` tell the sandbox in which they ran, if any did. `place` is the series' place
    in its scenario's design, `declared` the whole design. `timeline` is that of one trial,
    `why` what explains a metric that left its baseline: lines, each with the diff of a prompt or
    "". `steps` are there where baselines are accepted, `thresholds` (by metric) where the scenario
    wants a dashboard of the series. `swept` are the provider's settings that differ by trial:
    name -> the value for each trial.
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
    proving: Mapping[str, float] = field(default_factory=dict)
    walls: str = ""
    walls_missing: Sequence[str] = ()
    timeline: Sequence[Span] = ()
    why: Sequence[tuple[str, str]] = ()
    steps: Sequence[TraceStep] = ()
    thresholds: Mapping[str, Threshold] = field(default_factory=dict)
    swept: Mapping[str, Sequence[float]] = field(default_factory=dict)


@dataclass(frozen=True)  # no slots: the digest is kept once computed
class RunReport:
    """A run: series by scenario and design, never by the order in which they ran."""

    series: tuple[SeriesReport, ...]
    interrupted: bool = False

    @classmethod
    def of(cls, series: Iterable[SeriesReport], *, interrupted: bool = False) -> "RunReport":
        """A report in its one order."""
        ordered = sorted(series, key=lambda one: (one.scenario, one.place))
        return cls(tuple(ordered), interrupted)

    def by_scenario(self) -> dict[str, list[SeriesReport]]:
        """Scenario -> its series."""
        groups: dict[str, list[SeriesReport]] = {}
        for one in self.series:
            groups.setdefault(one.scenario, []).append(one)
        return groups

    def count(self, outcome: Outcome) -> int:
        """How many series ended so."""
        return sum(one.outcome == outcome for one in self.series)

    @cached_property
    def digest(self) -> str:
        """One digest of everything that was measured."""
        return sha256(canonical([[cell.row() for cell in one.cells] for one in self.series]))


def report_of(
    scenario: Scenario,
    combination: Combination,
    *,
    is_own_design: bool,
    series: Series | None,
    reason: str,
    isolation: Isolation | None = None,
    with_steps: bool = False,
) -> SeriesReport:
    """The report of one series; without a `series` it could not run, for this `reason`."""
    cells = series.cells if series else ()
    return SeriesReport(
        **_of(scenario),
        combination=combination.id,
        place=scenario.combinations.index(combination),
        is_own_design=is_own_design,
        outcome=series.verdict.outcome.value if series else Outcome.COULD_NOT_RUN.value,
        reason=reason,
        broken=[str(finding) for finding in series.verdict.broken] if series else [],
        metrics=dict(series.summary.metrics) if series else {},
        accepted={metric: one.value for metric, one in (series.expected or {}).items()}
        if series
        else {},
        cells=[cell.measurement for cell in cells],
        used={
            str(cell.measurement.trial): sorted({*cell.used, *control.used})
            for cell, control in zip(cells, series.control if series else (), strict=True)
        },
        recorded={str(cell.measurement.trial): cell.recorded for cell in cells},
        cpu_seconds=sum(cell.cpu_seconds for cell in cells),
        proving=asdict(series.proving) if series else {},
        walls=isolation.words if isolation else "",
        walls_missing=isolation.missing if isolation else (),
        timeline=[span for cell in cells for span in cell.timeline],
        why=[(cause.text, cause.diff) for cause in series.causes] if series else (),
        thresholds=_thresholds(scenario, combination),
        swept=scenario.swept_settings,
        steps=[step for cell in cells for step in cell.trace] if with_steps else (),
    )


def _thresholds(scenario: Scenario, combination: Combination) -> Mapping[str, Threshold]:
    board = scenario.dashboard
    if board is None or board.combination != combination.id:
        return {}
    return board.thresholds


def of_no_series(scenario: Scenario, name: str, broken: Sequence[str]) -> SeriesReport:
    """The report of an item that measures nothing and found something broken."""
    return SeriesReport(
        **_of(scenario),
        combination=name,
        place=len(scenario.combinations),
        is_own_design=True,
        outcome=Outcome.BROKEN.value,
        broken=list(broken),
    )


def _of(scenario: Scenario) -> dict[str, Any]:
    """What every report of a scenario's series says of the scenario."""
    return {
        "scenario": scenario.name,
        "title": scenario.title,
        "path": str(scenario.path),
        "provider": scenario.provider,
        "model": scenario.model,
        "requests": len(scenario.requests),
        "trials": scenario.trials,
        "declared": [one.id for one in scenario.combinations],
    }
