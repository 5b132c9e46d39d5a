"""Cumulative drift: accepted steps that add up, against the first value since a named release."""

from collections.abc import Mapping

from flagbench.verdict.baseline import Expected

UNNAMED = "since the first accepted value that is kept"


def lines(
    expected: Mapping[str, Expected], measured: Mapping[str, float], release: str
) -> list[str]:
    """A line for each metric that drifted, the largest first.

    A single step is left out, since whoever accepted it has seen it whole.
    """
    drifted = [
        (abs(value - first), of_metric(metric, accepted, value, release))
        for metric, accepted in expected.items()
        if (value := measured.get(metric)) is not None
        and (first := accepted.first) is not None
        and accepted.steps > 1
        and abs(value - first) > accepted.tolerance_of(first) + 1e-9
    ]
    return [line for _, line in sorted(drifted, reverse=True)]


def of_metric(metric: str, accepted: Expected, value: float, release: str) -> str:
    """The change of a metric from the first value, with the number of accepted steps."""
    first = accepted.value if accepted.first is None else accepted.first
    is_share = metric.endswith(("_rate", "_reduction"))
    change = f"{100 * (value - first):+z.1f} pp" if is_share or not first else ""
    change = change or f"{value / first - 1:+z.1%}"
    since = f"since release {release}" if release else UNNAMED
    return f"{metric} {change} {since} ({first:g} → {value:g}), in {accepted.steps} accepted steps"
