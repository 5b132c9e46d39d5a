"""Numbers of the subject's own in every readable report: a line each, with their change."""

from collections.abc import Iterator, Sequence

from flagbench.report.series_report import SeriesReport
from flagbench.report.text.table import rows
from flagbench.shown_numbers import number


def own_number(value: float, sign: str = "") -> str:
    """A number with six digits, since its unit may be any; `sign` "+" gives a difference."""
    return f"{value + 0.0:{sign},.6g}"


def lines(members: Sequence[SeriesReport]) -> Iterator[str]:
    """A line for each number that the subject of a scenario reports, with the shown series."""
    own = [metric for member in members for cell in member.cells for metric in cell.metrics.items()]
    control = next((member.metrics for member in members if member.combination == "none"), {})
    for name in sorted({name for name, _ in own}):
        units = sorted({metric.unit for other, metric in own if other == name} - {""})
        directions = sorted({metric.better for other, metric in own if other == name})
        about = ", ".join([*units, f"{' or '.join(directions)} is better"])
        figures = ", ".join(
            f"{member.combination} {number(member.metrics.get(name), ',.6g')}"
            f"{_change(member.metrics.get(name), control.get(name), directions)}"
            for member in rows(members, whole=False)[0]
        )
        yield f"{name} ({about}): {figures}"


def _change(value: float | None, control: float | None, directions: Sequence[str]) -> str:
    """The change against the control, "" for none, and whether it is for the better if known."""
    if value is None or control is None or value == control:
        return ""
    change = f"{value / control - 1:+z.1%}" if control > 0 else own_number(value - control, "+")
    if len(directions) > 1:
        return f" ({change})"
    is_better = (value < control) == (directions == ["lower"])
    return f" ({change}, {'better' if is_better else 'worse'})"
