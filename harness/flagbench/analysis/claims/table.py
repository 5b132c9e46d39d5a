"""Assessed claims as a table of texts, shown by every report."""

from collections.abc import Sequence

from flagbench.analysis.claims.assessment import AssessedClaim, ClaimOutcome
from flagbench.analysis.claims.claim import AMOUNTS, Amount, Claim, Rate, Reduction
from flagbench.shown_numbers import rate

COLUMNS = ("flag", "claimed", "quantity", "scenario", "measured [95 %]", "finding", "source")
LEGEND = (
    "By the 95 % interval: confirmed if it lies within the claimed bounds, refuted if it lies "
    "below (or above a mere upper bound), exceeded if it lies above a range, undecided if it "
    "includes a bound. "
    "Reductions are against `none` of the same recordings, unless another baseline is named."
)
_UNITS = {"tokens": "tokens", "seconds": "s", "usd": "US$", "calls": "calls"}


def rows(ledger: Sequence[AssessedClaim]) -> list[tuple[str, ...]]:
    """A row of texts for every claim and scenario, in the order of `COLUMNS`."""
    return [
        (
            assessed.claim.flag,
            claim_text(assessed.claim),
            quantity(assessed.claim),
            assessed.scenario or "nowhere",
            measurement(assessed),
            finding(assessed),
            f"{assessed.title}: {assessed.claim.section}",
        )
        for assessed in ledger
    ]


def claim_text(claim: Claim) -> str:
    """The claimed bounds, or the quotation if it has none."""
    low, high = claim.low, claim.high
    if claim.measure is None or (low is None and high is None):
        return f"“{claim.quote}”"
    if low is None or high is None:
        relation, bound = ("≤", high) if low is None else ("≥", low)
        return f"{relation} {_value(claim, bound or 0.0)}"
    return f"{_number(claim, low)} to {_value(claim, high)}"


def quantity(claim: Claim) -> str:
    """The quantity that a claim is about, such as `tokens saved`."""
    measure = claim.measure
    if isinstance(measure, Reduction):
        against = "" if measure.before == "none" else f" after {measure.before}"
        only = " in the requests it changes" if measure.requests == "changed" else ""
        return f"{measure.metric} saved{only}{against}"
    if isinstance(measure, Amount):
        return measure.metric + " for each request" * (measure.metric in AMOUNTS)
    if isinstance(measure, Rate):
        return measure.metric.removesuffix("_rate").replace("_", " ")
    return claim.section


def measurement(assessed: AssessedClaim) -> str:
    """The measured value with its limits."""
    if assessed.value is None:
        return "n/a"
    value = _value(assessed.claim, assessed.value)
    if assessed.low is None or assessed.high is None:
        return f"{value} (one recording)" if assessed.trials == 1 else value
    low, high = (_number(assessed.claim, limit) for limit in (assessed.low, assessed.high))
    return f"{value} [{low}, {high}]"


def finding(assessed: AssessedClaim) -> str:
    """The outcome, with the distance of the mean from the claimed range, or the reason."""
    if assessed.finding is ClaimOutcome.NOT_MEASURABLE:
        return f"{assessed.finding}: {assessed.reason}"
    if assessed.finding is ClaimOutcome.UNDECIDED and assessed.low is None:
        why = "one recording" if assessed.trials == 1 else "the same in every recording"
        return f"{assessed.finding}: {why}"
    if not assessed.off:
        return str(assessed.finding)
    side = "above" if assessed.off > 0 else "below"
    unit = _unit(assessed.claim).replace("%", "pp")
    return f"{assessed.finding}: {_number(assessed.claim, abs(assessed.off))} {unit} {side}"


def _unit(claim: Claim) -> str:
    return _UNITS.get(claim.measure.metric, "") if isinstance(claim.measure, Amount) else "%"


def _value(claim: Claim, value: float) -> str:
    return f"{_number(claim, value)} {_unit(claim)}".rstrip()


def _number(claim: Claim, value: float) -> str:
    if isinstance(claim.measure, Rate):
        return rate(value, 1).rstrip("%")
    if not isinstance(claim.measure, Amount):
        return f"{round(100 * value, 1) + 0.0:.1f}"
    decimals = {"tokens": 0, "seconds": 1, "usd": 5, "calls": 1}.get(claim.measure.metric)
    if decimals is None:
        return f"{value:,.6g}"
    return f"{value:,.{decimals}f}"
