"""Verdict on a series from its summary, its targets and its baseline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flagbench.measurement.self_report import Contradiction
from flagbench.measurement.summary import Summary
from flagbench.scenario.targets import Target
from flagbench.verdict.baseline import Expected

TARGET, BASELINE, MEASURED = "target", "baseline", "measured"
# The metric of a check on a series that has no baseline yet.
ANY_METRIC = "*"


class Outcome(StrEnum):
    """Outcome of a series. The last two are never counted as measurements."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    PROVISIONAL = "PROVISIONAL"
    COULD_NOT_RUN = "COULD NOT RUN"


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """A comparison with an `expected` value; `against` is "target", "baseline" or "measured".

    The last is that of a figure which the subject reports about itself.
    """

    metric: str
    against: str
    expected: str
    measured: float | None
    held: bool

    def __str__(self) -> str:
        if self.metric == ANY_METRIC:
            return "no measurement of this series was accepted yet"
        measured = (
            "was not measured"
            if self.measured is None
            else f"is {self.measured:.10g}"
            if self.against == MEASURED
            else f"is {self.measured:g}"
        )
        return f"{self.metric} {measured}, {self.against}: {self.expected}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a series with its checks."""

    outcome: Outcome
    checks: tuple[BoundCheck, ...]

    @property
    def broken(self) -> tuple[BoundCheck, ...]:
        """The checks that failed."""
        return tuple(check for check in self.checks if not check.held)

    def with_checks(self, checks: Iterable[BoundCheck]) -> "Verdict":
        """The verdict with more checks, each of which may break it."""
        more = tuple(checks)
        is_broken = self.outcome == Outcome.KEPT and not all(check.held for check in more)
        return Verdict(Outcome.BROKEN if is_broken else self.outcome, (*self.checks, *more))

    @property
    def left_baseline(self) -> bool:
        """True if a metric differs from its accepted value; without a baseline, none does."""
        return any(
            check.against == BASELINE and check.metric != ANY_METRIC for check in self.broken
        )

    @property
    def is_misreported(self) -> bool:
        """True if the measurement contradicts what the subject reports about itself."""
        return any(check.against == MEASURED for check in self.broken)


def judge(
    summary: Summary,
    targets: Sequence[Target],
    expected: Mapping[str, Expected] | None,
    contradictions: Mapping[int, Sequence[Contradiction]] | None = None,
) -> Verdict:
    """Compare a summary with its targets and its baseline.

    `expected` is None where no baseline applies (a combination typed by hand, other trials).
    `contradictions` are the figures that the subject reports and the measurement contradicts, by
    trial: each is a check that failed.
    """
    checks = (
        *_check_reports(contradictions or {}),
        *_check_targets(summary, targets),
        *_check_baseline(summary, expected),
    )
    held = all(check.held for check in checks)
    return Verdict(Outcome.KEPT if held else Outcome.BROKEN, checks)


def _check_reports(
    contradictions: Mapping[int, Sequence[Contradiction]],
) -> tuple[BoundCheck, ...]:
    """A failed check for each contradicted figure, with the numbers of its first trial."""
    first: dict[str, tuple[int, Contradiction]] = {}
    for trial, found in sorted(contradictions.items()):
        for contradiction in found:
            first.setdefault(contradiction.metric, (trial, contradiction))
    return tuple(
        BoundCheck(
            metric, MEASURED, f"{found.measured} (trial {trial})", found.reported, held=False
        )
        for metric, (trial, found) in first.items()
    )


def _check_targets(summary: Summary, targets: Iterable[Target]) -> tuple[BoundCheck, ...]:
    """Check every target; one on a metric without a measurement fails."""
    return tuple(
        BoundCheck(
            metric=target.metric,
            against=TARGET,
            expected=target.text,
            measured=summary.metrics.get(target.metric),
            held=target.metric in summary.metrics and target.holds(summary.metrics[target.metric]),
        )
        for target in targets
    )


def _check_baseline(
    summary: Summary, expected: Mapping[str, Expected] | None
) -> tuple[BoundCheck, ...]:
    """Check every measured or accepted metric; one that is not both fails."""
    if expected is None:
        return ()
    if not expected:
        return (BoundCheck(ANY_METRIC, BASELINE, "an accepted measurement", None, held=False),)
    checks = []
    for metric in sorted(summary.metrics.keys() | expected.keys()):
        measured, accepted = summary.metrics.get(metric), expected.get(metric)
        if accepted is None:
            checks.append(
                BoundCheck(metric, BASELINE, "no value accepted yet", measured, held=False)
            )
            continue
        bounds = f"{accepted.value:g} ± {accepted.tolerance:g}"
        held = measured is not None and accepted.holds(measured)
        checks.append(BoundCheck(metric, BASELINE, bounds, measured, held=held))
    return tuple(checks)
