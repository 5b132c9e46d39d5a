"""The table: each figure of the provider beside its source, and whether it fits."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flagbench.simulator.calibration.figures import FIGURES, Figure
from flagbench.simulator.calibration.samples import Samples


@dataclass(frozen=True, slots=True)
class Row:
    """A figure and its value as served now; `fits` is None where it does not claim to."""

    figure: Figure
    simulated: float

    @property
    def fits(self) -> bool | None:
        """True where the value lies in the interval of the source."""
        figure = self.figure
        return figure.low <= self.simulated <= figure.high if figure.calibrated else None


def measured(samples: Samples) -> list[Row]:
    """Measure every figure."""
    return [Row(figure, figure.measure(samples)) for figure in FIGURES]


def markdown(rows: Sequence[Row]) -> Iterator[str]:
    """The lines of the table in Markdown."""
    yield "| figure | real | interval | simulated | fits | source | note |"
    yield "|---|---|---|---:|---|---|---|"
    for row in rows:
        figure = row.figure
        interval = f"{figure.low:g} to {figure.high:g}" if figure.source else ""
        fits = {True: "yes", False: "**no**", None: "not calibrated"}[row.fits]
        yield (
            f"| {figure.name} | {figure.real} | {interval} | {row.simulated:.4g} | {fits} "
            f"| {figure.source} | {figure.note} |"
        )
