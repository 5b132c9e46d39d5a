"""The pairs as flat rows, and their means by scenario and by request."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from flagbench.analysis.comparison.gate import AMOUNTS, RATES
from flagbench.analysis.comparison.pairing import Pair, Paired, files, request_usage

WHOLE_CELL = ""
# The name of calls that name no request, beside others that do.
NO_REQUEST = "(no request)"


@dataclass(frozen=True, slots=True)
class PairedValue:
    """One metric of one pair. Amounts of a whole cell are per request; rates are fractions.

    A number of the subject's own is that of the session.
    """

    scenario: str
    trial: int
    request: str
    metric: str
    a: float
    b: float


def rows(paired: Paired) -> list[PairedValue]:
    """Every metric of every pair of cells, then tokens and calls of each of its requests.

    A row of a whole cell has an empty `request`. A metric that was not measured on both sides has
    no row.
    """
    own = paired.own_metrics
    return [
        row
        for pair in paired.pairs
        for row in (*_cell(pair, own), *_requests(pair, paired.declared))
    ]


Means = dict[str, dict[str, tuple[float, float]]]


def by_scenario(values: Iterable[PairedValue]) -> Means:
    """Scenario -> metric -> the means of A and B over its trials."""
    return _means((row.scenario, row) for row in values if row.request == WHOLE_CELL)


def by_request(values: Iterable[PairedValue]) -> Means:
    """Request -> metric -> the means of A and B over the trials."""
    return _means((row.request, row) for row in values if row.request != WHOLE_CELL)


def _means(keyed: Iterable[tuple[str, PairedValue]]) -> Means:
    groups: dict[str, dict[str, list[PairedValue]]] = {}
    for key, row in keyed:
        groups.setdefault(key, {}).setdefault(row.metric, []).append(row)
    return {
        key: {
            metric: (
                math.fsum(row.a for row in group) / len(group),
                math.fsum(row.b for row in group) / len(group),
            )
            for metric, group in metrics.items()
        }
        for key, metrics in groups.items()
    }


def _cell(pair: Pair, own: Sequence[str]) -> Iterator[PairedValue]:
    for metric in (*AMOUNTS, *own):
        a, b = (cell.per_request(metric) for cell in (pair.a, pair.b))
        if a is not None and b is not None:
            yield PairedValue(pair.scenario, pair.trial, WHOLE_CELL, metric, a, b)
    for metric in RATES:
        try:
            counts = files(pair, metric)
        except ValueError:
            continue
        if counts.whole:
            yield PairedValue(pair.scenario, pair.trial, WHOLE_CELL, metric, counts.a, counts.b)


def _requests(pair: Pair, declared: tuple[str, ...]) -> Iterator[PairedValue]:
    if "requests" in declared:
        return
    ids = pair.requests()
    if pair.a.requests > 1 and any("" in cell.by_request for cell in (pair.a, pair.b)):
        ids = list(dict.fromkeys([*ids, ""]))
    for request in ids:
        for metric in ("tokens", "calls"):
            a, b = (float(request_usage(cell, request, metric)) for cell in (pair.a, pair.b))
            yield PairedValue(pair.scenario, pair.trial, request or NO_REQUEST, metric, a, b)
