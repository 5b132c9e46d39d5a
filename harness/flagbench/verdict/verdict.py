"""Summary, targets and baseline become a verdict."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flagbench.measurement.summary import Summary
from flagbench.scenario.targets import Target
from flagbench.verdict.baseline import Expected

TARGET, BASELINE = "target", "baseline"
# Stands for a whole series that has no baseline yet.
ANY_METRIC = "*"


class Outcome(StrEnum):
    """What is said of a series. COULD NOT RUN is no statement about what was measured."""

    KEPT = "KEPT"
    BROKEN = "BROKEN"
    COULD_NOT_RUN = "COULD NOT RUN"


@dataclass(frozen=True, slots=True)
class BoundCheck:
    """One comparison: `against` is "target" or "baseline", `expected` what was promised."""

    metric: str
    against: str
    expected: str
    measured: float | None
    held: bool

    def __str__(self) -> str:
        if self.metric == ANY_METRIC:
            return "no measurement of this series was accepted yet"
        measured = "was not measured" if self.measured is None else f"is {self.measured:g}"
        return f"{self.metric} {measured}, {self.against}: {self.expected}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The verdict on a series and what it rests on."""

    outcome: Outcome
    findings: tuple[BoundCheck, ...]

    @property
    def broken(self) -> tuple[BoundCheck, ...]:
        """What was not kept."""
        return tuple(one for one in self.findings if not one.held)

    @property
    def left_baseline(self) -> bool:
        """Whether something accepted was not kept; what was never accepted cannot be left."""
        return any(one.against == BASELINE and one.metric != ANY_METRIC for one in self.broken)


def judge(
    summary: Summary,
    targets: Sequence[Target],
    expected: Mapping[str, Expected] | None,
) -> Verdict:
    """Hold a summary against its targets and its baseline.

    `expected` is None where no baseline applies (a combination typed by hand, other trials).
    """
    findings = (*_against_targets(summary, targets), *_against_baseline(summary, expected))
    held = all(one.held for one in findings)
    return Verdict(Outcome.KEPT if held else Outcome.BROKEN, findings)


def _against_targets(summary: Summary, targets: Iterable[Target]) -> tuple[BoundCheck, ...]:
    """A metric that was not measured keeps no promise."""
    return tuple(
        BoundCheck(
            metric=one.metric,
            against=TARGET,
            expected=one.text,
            measured=summary.metrics.get(one.metric),
            held=one.metric in summary.metrics and one.holds(summary.metrics[one.metric]),
        )
        for one in targets
    )


def _against_baseline(
    summary: Summary, expected: Mapping[str, Expected] | None
) -> tuple[BoundCheck, ...]:
    """Every metric on both sides; one that is on one side only is a change."""
    if expected is None:
        return ()
    if not expected:
        return (BoundCheck(ANY_METRIC, BASELINE, "an accepted measurement", None, held=False),)
    findings = []
    for metric in sorted(summary.metrics.keys() | expected.keys()):
        measured, accepted = summary.metrics.get(metric), expected.get(metric)
        if accepted is None:
            findings.append(
                BoundCheck(metric, BASELINE, "no value accepted yet", measured, held=False)
            )
            continue
        spread = max(accepted.absolute, abs(accepted.value) * accepted.relative)
        told = f"{accepted.value:g} ± {spread:g}"
        held = measured is not None and accepted.holds(measured)
        findings.append(BoundCheck(metric, BASELINE, told, measured, held=held))
    return tuple(findings)
