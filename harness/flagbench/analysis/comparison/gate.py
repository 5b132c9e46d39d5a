"""The gate: a condition that must not hold, such as `tokens > +2%` or `acceptance < -3pp`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from flagbench.subject import mistaken


class Answer(StrEnum):
    """The answer of a gate."""

    PASS = "PASS"  # noqa: S105  a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Unit(StrEnum):
    """The unit of a bound; `OWN` is the metric's own."""

    PERCENT = "%"
    POINTS = "pp"
    OWN = ""


AMOUNTS = ("tokens", "seconds", "usd", "calls")
RATES = ("approval", "acceptance")
_ALIASES = {"dollars": "usd", "approval_rate": "approval", "acceptance_rate": "acceptance"}
_FORM = re.compile(r"\s*([a-z_]+)\s*([<>]=?)\s*([+-]?\d+(?:\.\d+)?)\s*(%|pp|)\s*\Z")
# Values that are equal but for the rounding of floats, as a share of their size.
_TOLERANCE = 1e-9
_EXAMPLES = "such as 'tokens > +2%', 'seconds > +1.5' or 'acceptance < -3pp'"


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition that fails the gate.

    `bound` is a fraction for % (of A) and pp, else in the metric's own unit.
    """

    metric: str
    relation: str
    bound: float
    unit: Unit
    text: str


Chances = Sequence[tuple[float, Mapping[int, float]]]
"""A true effect, and the chance that the gate says FAIL by the number of repetitions."""
# Sizes of true effects in tables, as shares of A; those beyond the bound are shown.
EFFECTS = (0.02, 0.05, 0.10, 0.25, 0.50)
# Numbers of repetitions in tables, as multiples of those that there are.
MULTIPLES = (1, 2, 4, 8)


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer of a gate, with the measured value and limits in the unit of the bound.

    `chances` has true effects in the unit of the bound, each with the chances that so many
    `repetitions` FAIL. `smallest` is the smallest effect that 4 of 5 such comparisons FAIL.
    `to_pass` and `to_fail` are the `repetitions` (trials or scenarios) with which 4 of 5
    comparisons would PASS if nothing had changed, and FAIL if the effect were `target`.
    """

    condition: Condition
    answer: Answer
    measured: float | None
    low: float | None
    high: float | None
    smallest: float | None
    reason: str
    repetitions: str = ""
    to_pass: int | None = None
    to_fail: int | None = None
    target: float | None = None
    chances: Chances = ()


def parse(text: str) -> Condition:
    """Parse a condition. Raises `ValueError` with the expected form."""
    form = _FORM.match(text)
    if form is None:
        raise ValueError(f"{text!r} is not a condition; expected: {_EXAMPLES}")
    name, relation, number, unit = form.groups()
    metric = _ALIASES.get(name, name)
    if metric not in AMOUNTS + RATES and (known := mistaken(name, AMOUNTS + RATES)):
        raise ValueError(f"{text!r}: unknown metric {name!r}; expected: {known}")
    if metric in RATES and unit != Unit.POINTS:
        raise ValueError(f"{text!r}: {metric} is a rate; expected: percentage points, such as 3pp")
    if metric not in RATES and unit == Unit.POINTS:
        raise ValueError(f"{text!r}: {metric} is not a rate; expected: % or a plain number")
    bound = float(number) / (1 if unit == Unit.OWN else 100)
    if unit == Unit.PERCENT and bound <= -1:
        raise ValueError(
            f"{text!r}: nothing can fall by 100 % or more; expected: a bound above -100%"
        )
    if unit == Unit.POINTS and (abs(bound) > 1 or (relation, bound) in ((">", 1.0), ("<", -1.0))):
        raise ValueError(
            f"{text!r}: no rate changes by more than 100 pp; expected: a bound between -100pp and "
            "100pp"
        )
    return Condition(metric, relation, bound, Unit(unit), " ".join(text.split()))


def judge(
    condition: Condition,
    measured: float,
    limits: tuple[float | None, float | None],
    smallest: float | None,
    *,
    is_exact: bool,
    why_no_limits: str = "these recordings give no interval",
    scale: float = 0.0,
) -> Judgement:
    """FAIL if the whole interval fails, PASS if no part of it does, else INCONCLUSIVE.

    `scale` is the size of the amounts whose difference was measured, as in `fails`.

    With `is_exact`, the conclusion is about these recordings alone, and the measured value decides.
    Otherwise a missing interval is INCONCLUSIVE.
    """
    low, high = (measured, measured) if is_exact else limits
    if low is None or high is None:
        answer, reason = Answer.INCONCLUSIVE, why_no_limits
    elif fails(condition, low, scale) and fails(condition, high, scale):
        answer, reason = Answer.FAIL, "the whole interval is beyond the bound"
    elif not fails(condition, low, scale) and not fails(condition, high, scale):
        answer, reason = Answer.PASS, "no part of the interval is beyond the bound"
    else:
        answer, reason = Answer.INCONCLUSIVE, "the bound is within the interval"
    if is_exact:
        reason = "exact for these recordings only"
    return Judgement(condition, answer, measured, limits[0], limits[1], smallest, reason)


def combine(judgements: Sequence[Judgement]) -> Answer:
    """The answer of several gates: FAIL before INCONCLUSIVE before PASS."""
    answers = {judgement.answer for judgement in judgements}
    for worst in (Answer.FAIL, Answer.INCONCLUSIVE):
        if worst in answers:
            return worst
    return Answer.PASS


def fails(condition: Condition, value: float, scale: float = 0.0) -> bool:
    """True if a value, in the unit of the bound, is beyond the bound.

    A value that differs from the bound by no more than floats do is equal to it. `scale` is the
    size of amounts whose difference is the value, for a bound in their own unit.
    """
    size = max(abs(condition.bound), scale if condition.unit is Unit.OWN else 1.0)
    if abs(value - condition.bound) <= _TOLERANCE * size:
        return condition.relation.endswith("=")
    return value > condition.bound if condition.relation[0] == ">" else value < condition.bound
