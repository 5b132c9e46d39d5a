"""What every series cost and saved: the rows and the filters of a scenario's table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flagbench.report.series_report import SeriesReport
from flagbench.report.text import table

# label, metric, form; a change is shown as what it does to the amount, like in every report.
_AMOUNTS = (
    ("tokens", "tokens", ",.0f", "token_reduction"),
    ("seconds", "seconds", ",.1f", "time_reduction"),
    ("US$", "usd", ".4f", "cost_reduction"),
)
_RATES = (("approved", "approval_rate"), ("accepted", "acceptance_rate"))
_BASELINE = table.COLUMNS.index("baseline")

COLUMNS = (
    "series",
    *(text for label, *_ in _AMOUNTS for text in (label, f"Δ {label}")),
    "calls",
    *(label for label, _ in _RATES),
    "baseline",
    "verdict",
)


@dataclass(frozen=True, slots=True)
class CostCell:
    """A text; `change` says that it is one, from -1 (all of it saved) upwards."""

    text: str
    change: float | None = None

    @property
    def bar_percent(self) -> float:
        """How much of its bar a change fills."""
        return round(min(abs(self.change or 0.0), 1.0) * 100, 1)


@dataclass(frozen=True, slots=True)
class CostRow:
    """A series: a cell for every column, and factor -> level for the filters."""

    name: str
    outcome: str
    cells: Sequence[CostCell]
    levels: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Costs:
    """A scenario's series. `factors` are (name, levels) that its rows can be filtered by."""

    rows: Sequence[CostRow]
    factors: Sequence[tuple[str, Sequence[str]]]
    outcomes: Sequence[str]


def costs(members: Sequence[SeriesReport]) -> Costs:
    """The table of one scenario, in the order of its design."""
    rows = [_row(member) for member in members]
    levels: dict[str, list[str]] = {}
    for row in rows:
        for factor, level in row.levels:
            known = levels.setdefault(factor, [])
            if level not in known:
                known.append(level)
    return Costs(
        rows=rows,
        factors=[(name, sorted(found)) for name, found in levels.items() if len(found) > 1],
        outcomes=sorted({member.outcome for member in members}),
    )


def _row(series: SeriesReport) -> CostRow:
    # What could not run was never asked what its flags are: the filters leave it in sight.
    flags = series.cells[0].flags if series.cells else {}
    return CostRow(series.combination, series.outcome, list(_cells(series)), list(flags.items()))


def _cells(series: SeriesReport) -> Iterator[CostCell]:
    metrics = series.metrics
    for _, amount, form, reduction in _AMOUNTS:
        yield CostCell(number(metrics.get(amount), form))
        if series.combination == "none":
            yield CostCell("control")
        else:
            yield change(metrics.get(reduction))
    yield CostCell(number(metrics.get("calls"), ",.1f"))
    for _, rate in _RATES:
        yield CostCell(number(metrics.get(rate), ".1%"))
    yield CostCell(table.cells(series)[_BASELINE])


def number(value: float | None, form: str) -> str:
    """A value in its form, or that there is none."""
    return "n/a" if value is None else format(value, form)


def change(reduction: float | None) -> CostCell:
    """A share that was saved, as the change of what it was saved of."""
    if reduction is None:
        return CostCell("n/a")
    changed = 0 - reduction
    return CostCell(f"{changed:+.1%}", changed)
