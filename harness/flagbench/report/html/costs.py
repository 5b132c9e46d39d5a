"""Cost and savings of every series: the rows and filters of a scenario's table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flagbench.report.series_report import SeriesReport
from flagbench.report.text import table
from flagbench.report.text.token_remark import remark
from flagbench.shown_numbers import number

# label, metric, format, reduction; a reduction is shown as a change of the amount.
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
    """A text; `change` is the relative change it shows, from -1 (all of it saved) upwards."""

    text: str
    change: float | None = None

    @property
    def bar_percent(self) -> float:
        """The width of the bar of a change, in percent."""
        return round(min(abs(self.change or 0.0), 1.0) * 100, 1)


@dataclass(frozen=True, slots=True)
class CostRow:
    """A series: a cell for every column, and (factor, level) pairs for the filters.

    `remark` is what its verdict says of its tokens.
    """

    name: str
    outcome: str
    remark: str
    cells: Sequence[CostCell]
    levels: Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Costs:
    """A scenario's series. `factors` are the (name, levels) that rows can be filtered by."""

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
        factors=[(name, sorted(known)) for name, known in levels.items() if len(known) > 1],
        outcomes=sorted({member.outcome for member in members}),
    )


def _row(series: SeriesReport) -> CostRow:
    # A series that could not run has no flags, so that filters never hide it.
    flags = series.cells[0].flags if series.cells else {}
    told = remark(series.cells)
    cells = list(_cells(series))
    return CostRow(series.combination, series.outcome, told, cells, list(flags.items()))


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


def change(reduction: float | None) -> CostCell:
    """A reduction, shown as the change of the reduced amount."""
    if reduction is None:
        return CostCell("n/a")
    changed = 0 - reduction
    return CostCell(f"{changed:+z.1%}", changed)
