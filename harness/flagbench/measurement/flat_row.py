"""A cell as one flat row, for tables of a notebook or of a paper."""

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
    """The plain fields of a cell, `flag.<name>` with each level, `<name>` with each rate.

    A rate is a fraction of 1, NaN where nothing was counted.
    """
    plain = {name: value for name, value in cell.row().items() if name not in _NESTED}
    flags = plain.pop("flags")
    nested = {name: plain.pop(name) for name in list(plain) if isinstance(plain[name], dict)}
    return {
        **plain,
        **{f"flag.{name}": level for name, level in flags.items()},
        **{
            f"{name}.{key}": count
            for name, counts in nested.items()
            for key, count in counts.items()
        },
        **{
            name: rate.part / rate.whole if rate.whole else float("nan")
            for name, rate in cell.rates.items()
        },
        **{name: metric.value for name, metric in cell.metrics.items()},
    }
