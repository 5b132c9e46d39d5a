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
            assessed.claim.flag,
            claimed(assessed.claim),
            subject(assessed.claim),
            assessed.scenario or "nowhere",
            measured(assessed),
            finding(assessed),
            f"{assessed.title}: {assessed.claim.section}",
        )
        for assessed in ledger
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


def measured(assessed: AssessedClaim) -> str:
    """The value and its limits."""
    if assessed.value is None:
        return "n/a"
    told = _value(assessed.claim, assessed.value)
    if assessed.low is None or assessed.high is None:
        return f"{told} (one recording)" if assessed.trials == 1 else told
    return f"{told} [{_number(assessed.claim, assessed.low)}, {_number(assessed.claim, assessed.high)}]"


def finding(assessed: AssessedClaim) -> str:
    """The finding, and by how much or why."""
    if assessed.finding is ClaimOutcome.NOT_MEASURABLE:
        return f"{assessed.finding}: {assessed.reason}"
    if not assessed.off:
        return str(assessed.finding)
    side = "above" if assessed.off > 0 else "below"
    unit = _unit(assessed.claim).replace("%", "pp")
    reaches = ", but the interval reaches it" if _reaches(assessed) else ""
    return (
        f"{assessed.finding}: {_number(assessed.claim, abs(assessed.off))} {unit} {side}{reaches}"
    )


def _reaches(assessed: AssessedClaim) -> bool:
    """Whether the interval overlaps with what is claimed."""
    if assessed.low is None or assessed.high is None:
        return False
    below = assessed.claim.low is not None and assessed.high < assessed.claim.low
    above = assessed.claim.high is not None and assessed.low > assessed.claim.high
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
