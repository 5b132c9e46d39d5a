"""A cell as one flat row, for tables of a notebook or of a paper."""

from collections.abc import Iterator, Mapping
from typing import Any

from flagbench.measurement.cell_result import CellResult

_NESTED = (
    "by_agent",
    "by_phase",
    "by_request",
    "artifacts",
    "refuted",
    "warnings",
    "rates",
    "metrics",
    "steps",
)


def flat_row(cell: CellResult) -> dict[str, Any]:
    """The plain fields of a cell, `flag.<name>` for each flag, `<name>` for each rate and metric.

    A rate is a fraction of 1, NaN where nothing was counted. Counts by name are
    `<field>.<name>`, those of a service `services.<name>.calls`. A metric that is called as another
    column is `metric.<name>`.
    """
    fields = {name: value for name, value in cell.row().items() if name not in _NESTED}
    flags = fields.pop("flags")
    row = {
        **{name: value for name, value in fields.items() if not isinstance(value, dict)},
        **{f"flag.{name}": level for name, level in flags.items()},
        **{name: value for field, counts in fields.items() if isinstance(counts, dict)
           for name, value in _counts(field, counts)},
        **{
            name: rate.part / rate.whole if rate.whole else float("nan")
            for name, rate in cell.rates.items()
        },
    }  # fmt: skip
    own = {name: metric.value for name, metric in cell.metrics.items()}
    return row | {f"metric.{name}" if name in row else name: own[name] for name in own}


def _counts(field: str, counts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each count below a field, by the names that lead to it."""
    for name, value in counts.items():
        if isinstance(value, dict):
            yield from _counts(f"{field}.{name}", value)
        else:
            yield f"{field}.{name}", value
