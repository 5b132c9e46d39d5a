"""The split of a difference in a line: what the prompts, the answers and the calls make of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from flagbench.measurement import split as splits
from flagbench.measurement.split import Cause, Split

_FORMS = {"tokens": ",.0f", "seconds": ",.2f", "usd": ",.5f"}
_NEGLIGIBLE = {"tokens": 0.5, "seconds": 0.005, "usd": 5e-6}
_SHOWN = 3


def line(split: Split) -> str:
    """The parts that are not negligible, for the mean recording."""
    parts = [
        f"{name} {_number(split, amount)}"
        for name, amount in (
            (splits.PROMPTS, split.prompts),
            (splits.LATENCIES if split.metric == "seconds" else splits.ANSWERS, split.answers),
        )
        if _counts(split, amount)
    ]
    for name, causes in ((splits.CAME, split.came), (splits.WENT, split.went)):
        amount = sum(cause.amount for cause in causes)
        if causes:
            told = "; ".join(_causes(split, causes))
            parts.append(f"{name} {_number(split, amount)} ({told})")
    if _counts(split, split.rest):
        parts.append(f"{splits.REST[split.metric]} {_number(split, split.rest)}")
    total = f"{split.metric} {_number(split, split.total)} a recording"
    return f"{total} = {' + '.join(parts)}" if parts else f"{total}: every call is the same"


def document(split: Split) -> Mapping[str, Any]:
    """The values for JSON: sums over the recordings."""
    return {**asdict(split), "moved": split.moved, "rest": split.rest}


def _causes(split: Split, causes: Sequence[Cause]) -> Iterator[str]:
    for cause in causes[:_SHOWN]:
        yield f"{cause.name}: {cause.calls} calls, {_number(split, cause.amount)}"
    if len(causes) > _SHOWN:
        yield f"{len(causes) - _SHOWN} more causes"


def _counts(split: Split, amount: float) -> bool:
    return abs(amount) / split.recordings >= _NEGLIGIBLE[split.metric]


def _number(split: Split, amount: float) -> str:
    return f"{amount / split.recordings + 0.0:+{_FORMS[split.metric]}}"
