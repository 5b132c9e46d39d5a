"""A target: what a scenario promises of a metric, such as `token_reduction: ">= 75 %"`."""

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_OPERATORS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM = re.compile(r"\s*(>=|<=|>|<)\s*(-?\d+(?:\.\d+)?)\s*(%?)\s*\Z")


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a metric; `bound` is in the metric's unit (a rate is a fraction of 1)."""

    metric: str
    relation: str
    bound: float
    text: str

    def holds(self, measured: float) -> bool:
        """Whether a measurement keeps the promise."""
        return _OPERATORS[self.relation](measured, self.bound)


def parse(metric: str, text: str) -> Target:
    """The target that a text states. Raises `ValueError` for another form."""
    form = _FORM.match(text)
    if form is None:
        raise ValueError(f"{text!r} is no target; right would be e.g. '>= 75 %' or '<= 2000'")
    relation, number, percent = form.groups()
    bound = float(number) / 100 if percent else float(number)
    return Target(metric, relation, bound, " ".join(text.split()))
