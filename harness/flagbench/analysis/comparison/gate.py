"""The gate: `tokens > +2%` or `acceptance < -3pp` says what must not happen; three answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

# A test of 95 % sees this effect in four of five repetitions.
POWER = 0.80


class Answer(StrEnum):
    """What a gate says."""

    PASS = "PASS"  # noqa: S105  a verdict, not a password
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"


class Unit(StrEnum):
    """What a bound is counted in."""

    PERCENT = "%"
    POINTS = "pp"
    OWN = ""


AMOUNTS = ("tokens", "seconds", "usd", "calls")
RATES = ("approval", "acceptance")
_ALIASES = {"dollars": "usd", "approval_rate": "approval", "acceptance_rate": "acceptance"}
_FORM = re.compile(r"\s*([a-z_]+)\s*([<>]=?)\s*([+-]?\d+(?:\.\d+)?)\s*(%|pp|)\s*\Z")
_RIGHT = "e.g. 'tokens > +2%', 'seconds > +1.5' or 'acceptance < -3pp'"


@dataclass(frozen=True, slots=True)
class Condition:
    """What fails. `bound` is a fraction for % (of A) and pp, else in the metric's own unit."""

    metric: str
    relation: str
    bound: float
    unit: Unit
    text: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """The answer, what was measured in the bound's unit, and the smallest detectable effect."""

    condition: Condition
    answer: Answer
    measured: float | None
    low: float | None
    high: float | None
    smallest: float | None
    reason: str


def parse(text: str) -> Condition:
    """The condition that a text states. Raises `ValueError` that says what would be right."""
    form = _FORM.match(text)
    if form is None:
        raise ValueError(f"{text!r} is no condition; right would be {_RIGHT}")
    name, relation, number, unit = form.groups()
    metric = _ALIASES.get(name, name)
    if metric not in AMOUNTS + RATES:
        known = ", ".join(AMOUNTS + RATES)
        raise ValueError(f"{text!r}: unknown metric {name!r}; there are {known}")
    if metric in RATES and unit != Unit.POINTS:
        raise ValueError(f"{text!r}: {metric} is a rate; right would be percentage points, 3pp")
    if metric in AMOUNTS and unit == Unit.POINTS:
        raise ValueError(f"{text!r}: {metric} is no rate; right would be % or a number")
    bound = float(number) / (1 if unit == Unit.OWN else 100)
    return Condition(metric, relation, bound, Unit(unit), " ".join(text.split()))


def judge(
    condition: Condition,
    measured: float,
    limits: tuple[float | None, float | None],
    smallest: float | None,
    *,
    is_exact: bool,
) -> Judgement:
    """FAIL if the whole interval fails, PASS if none of it does, else INCONCLUSIVE.

    `is_exact` says that the measured value is all there is to know (these recordings alone), so
    that it decides by itself. Without it and without limits nothing can be concluded.
    """
    low, high = (measured, measured) if is_exact else limits
    if low is None or high is None:
        answer, reason = Answer.INCONCLUSIVE, "these recordings do not show how much they vary"
    elif _fails(condition, low) and _fails(condition, high):
        answer, reason = Answer.FAIL, "all of the interval is beyond the bound"
    elif not _fails(condition, low) and not _fails(condition, high):
        answer, reason = Answer.PASS, "none of the interval is beyond the bound"
    else:
        answer, reason = Answer.INCONCLUSIVE, "the bound is within the interval"
    if is_exact:
        reason = "exact for these recordings, and for no others"
    return Judgement(condition, answer, measured, limits[0], limits[1], smallest, reason)


def together(judgements: Sequence[Judgement]) -> Answer:
    """One answer of several gates: a failure counts most, then what is not known."""
    answers = {one.answer for one in judgements}
    for worst in (Answer.FAIL, Answer.INCONCLUSIVE):
        if worst in answers:
            return worst
    return Answer.PASS


def _fails(condition: Condition, value: float) -> bool:
    return {
        ">": value > condition.bound,
        ">=": value >= condition.bound,
        "<": value < condition.bound,
        "<=": value <= condition.bound,
    }[condition.relation]
