"""Targets and the dashboard: bounds that a scenario sets for its metrics."""

import operator
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from flagbench.errors import Place
from flagbench.scenario.designs import Combination
from flagbench.scenario.schema import DashboardPart, Threshold
from flagbench.subject import mistaken
from flagbench.yaml_lines import Problems

# Metrics of every summary; a subject adds the rates that it returns.
METRICS = (
    "token_reduction", "time_reduction", "cost_reduction", "approval_rate",
    "tokens", "prompt_tokens", "completion_tokens", "cached_prompt_tokens", "reasoning_tokens",
    "seconds", "usd", "calls", "service_calls", "local_cpu_ratio",
    "first_token_seconds", "first_token_seconds_p50", "tokens_per_second", "tokens_per_second_p50",
)  # fmt: skip

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_RATE, _REDUCTION = "_rate", "_reduction"
_FORM = re.compile(r"\s*(>=|<=|>|<)\s*(-?[0-9]+(?:\.[0-9]+)?)\s*(%?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a metric, such as `token_reduction: ">= 75 %"`.

    `bound` is in the metric's unit (a rate is a fraction of 1).
    """

    metric: str
    relation: str
    bound: float
    text: str

    def holds(self, measured: float) -> bool:
        """True for a measurement that keeps the bound."""
        return _OPERATORS[self.relation](measured, self.bound)


@dataclass(frozen=True, slots=True)
class Dashboard:
    """Thresholds by metric for the figures of a combination; the verdict ignores them."""

    combination: str
    thresholds: Mapping[str, Threshold]


def parse(metric: str, text: str) -> Target:
    """Parse a target such as ">= 75 %".

    Raises `ValueError`, also for a bound that no measurement is on both sides of: a rate is a
    fraction from 0 to 1, a reduction at most 1, and nothing else is a share.
    """
    form = _FORM.match(text)
    if form is None:
        raise ValueError(f"{text!r} is not a target")
    relation, number, percent = form.groups()
    bound = float(number) / 100 if percent else float(number)
    is_rate = metric.endswith(_RATE)
    if percent and not is_rate and not metric.endswith(_REDUCTION):
        raise ValueError(f"{metric} is not a share: {text!r}")
    if (is_rate and not 0 <= bound <= 1) or (metric.endswith(_REDUCTION) and bound > 1):
        raise ValueError(f"no {metric} is beyond {'0 to 100 %' if is_rate else '100 %'}: {text!r}")
    return Target(metric, relation, bound, " ".join(text.split()))


def targets_of(
    declared: Mapping[str, Mapping[str, str]],
    named: Mapping[str, Combination],
    run: Collection[Combination],
    problems: Problems,
) -> dict[str, tuple[Target, ...]]:
    """Parse targets, by the id of their combination, which must be among those that are `run`.

    `named` has the combinations by the texts that name them.
    """
    targets: dict[str, tuple[Target, ...]] = {}
    for text, bounds in declared.items():
        parsed = []
        for metric, bound in bounds.items():
            place = ("targets", text, metric)
            if not _is_metric(place, metric, problems):
                continue
            try:
                parsed.append(parse(metric, bound))
            except ValueError as error:
                problems.add(place, str(error), "a bound, e.g. '>= 75 %' or '<= 2000'")
        combination = named.get(text)
        if combination is None:
            continue
        if combination not in run:
            what = f"{text!r} has targets and is not run"
            problems.add(("targets", text), what, f"combinations: [{text}]")
        targets[combination.id] = (*targets.get(combination.id, ()), *parsed)
    return targets


def dashboard_of(
    declared: DashboardPart | None,
    named: Mapping[str, Combination],
    run: Collection[Combination],
    problems: Problems,
) -> Dashboard | None:
    """Check the dashboard of a scenario file, whose combination must be among those `run`."""
    if declared is None:
        return None
    for metric in declared.bars:
        _is_metric(("dashboard", "bars", metric), metric, problems)
    combination = named.get(declared.of)
    if combination is None:
        return None
    if combination not in run:
        expected = f"combinations: [{combination.id}]"
        problems.add(("dashboard", "of"), f"{declared.of!r} is not run", expected)
    return Dashboard(combination.id, declared.bars)


def _is_metric(place: Place, metric: str, problems: Problems) -> bool:
    """False, with a problem, for the name of a metric that is mistyped."""
    if metric in METRICS or metric.endswith(_RATE):
        return True
    # If the subject does not report a metric of its own, the target is broken.
    expected = mistaken(metric, METRICS)
    if expected:
        problems.add(place, f"unknown metric {metric!r}", expected)
    return not expected
