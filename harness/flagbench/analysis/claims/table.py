"""The ledger as a table of texts, which every report shows."""

from collections.abc import Sequence

from flagbench.analysis.claims.assessment import AssessedClaim, ClaimOutcome
from flagbench.analysis.claims.claim import Amount, Claim, Rate, Reduction

COLUMNS = ("flag", "claimed", "of", "where", "measured [95 %]", "finding", "source")
LEGEND = (
    "A claim is reproduced if the mean over the recordings is within what is claimed. "
    "Reductions are against `none` of the same recordings, unless another is named."
)
_UNITS = {"tokens": "tokens", "seconds": "s", "usd": "US$", "calls": "calls"}


def rows(ledger: Sequence[AssessedClaim]) -> list[tuple[str, ...]]:
    """A row of texts for every claim and scenario, in the order of `COLUMNS`."""
    return [
        (
            one.claim.flag,
            claimed(one.claim),
            subject(one.claim),
            one.scenario or "nowhere",
            measured(one),
            finding(one),
            f"{one.title}: {one.claim.section}",
        )
        for one in ledger
    ]


def claimed(claim: Claim) -> str:
    """The bounds, or the words where there are none."""
    low, high = claim.low, claim.high
    if claim.measure is None or (low is None and high is None):
        return f"“{claim.quote}”"
    if low is None or high is None:
        relation, bound = ("≤", high) if low is None else ("≥", low)
        return f"{relation} {_value(claim, bound or 0.0)}"
    return f"{_number(claim, low)} to {_value(claim, high)}"


def subject(claim: Claim) -> str:
    """What the figure is of."""
    measure = claim.measure
    if isinstance(measure, Reduction):
        against = "" if measure.before == "none" else f" after {measure.before}"
        only = " in the requests it changes" if measure.requests == "changed" else ""
        return f"{measure.metric} saved{only}{against}"
    if isinstance(measure, Amount):
        return f"{measure.metric} for each request"
    if isinstance(measure, Rate):
        return measure.metric.removesuffix("_rate").replace("_", " ")
    return claim.section


def measured(one: AssessedClaim) -> str:
    """The value and its limits."""
    if one.value is None:
        return "n/a"
    told = _value(one.claim, one.value)
    if one.low is None or one.high is None:
        return f"{told} (one recording)" if one.trials == 1 else told
    return f"{told} [{_number(one.claim, one.low)}, {_number(one.claim, one.high)}]"


def finding(one: AssessedClaim) -> str:
    """The finding, and by how much or why."""
    if one.finding is ClaimOutcome.NOT_MEASURABLE:
        return f"{one.finding}: {one.reason}"
    if not one.off:
        return str(one.finding)
    side = "above" if one.off > 0 else "below"
    unit = _unit(one.claim).replace("%", "pp")
    reaches = ", but the interval reaches it" if _reaches(one) else ""
    return f"{one.finding}: {_number(one.claim, abs(one.off))} {unit} {side}{reaches}"


def _reaches(one: AssessedClaim) -> bool:
    """Whether the interval overlaps with what is claimed."""
    if one.low is None or one.high is None:
        return False
    below = one.claim.low is not None and one.high < one.claim.low
    above = one.claim.high is not None and one.low > one.claim.high
    return not below and not above


def _unit(claim: Claim) -> str:
    return _UNITS[claim.measure.metric] if isinstance(claim.measure, Amount) else "%"


def _value(claim: Claim, value: float) -> str:
    return f"{_number(claim, value)} {_unit(claim)}"


def _number(claim: Claim, value: float) -> str:
    if not isinstance(claim.measure, Amount):
        return f"{round(100 * value, 1) + 0.0:.1f}"
    decimals = {"tokens": 0, "seconds": 1, "usd": 5, "calls": 1}[claim.measure.metric]
    return f"{value:,.{decimals}f}"
