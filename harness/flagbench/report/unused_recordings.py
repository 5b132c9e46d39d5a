"""Recordings that no combination used."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from flagbench.report.series_report import RunReport, SeriesReport


@dataclass(frozen=True, slots=True)
class Unused:
    """Cassette -> indexes of unused recordings, for scenarios whose series all ran."""

    places: Mapping[str, tuple[int, ...]]

    def lines(self) -> list[str]:
        """A line for each cassette."""
        return [
            f"{path}: {len(places)} recording(s) used by no combination: "
            + ", ".join(str(place + 1) for place in places[:12])
            + (", …" if len(places) > 12 else "")
            for path, places in self.places.items()
        ]


def find(report: RunReport, cassettes: Path) -> Unused:
    """Find unused recordings of scenarios whose series all ran; of others they are unknown."""
    places: dict[str, tuple[int, ...]] = {}
    for name, members in report.by_scenario().items():
        first = members[0]
        complete = first.is_own_design and len(members) == len(first.declared)
        if not complete or any(not member.cells for member in members):
            continue
        for trial in range(1, first.trials + 1):
            path = cassettes / first.provider / name / f"{trial}.yaml"
            unused = sorted(set(range(first.recorded[str(trial)])) - _used_places(members, trial))
            if unused:
                places[str(path)] = tuple(unused)
    return Unused(places)


def _used_places(members: list[SeriesReport], trial: int) -> set[int]:
    return {place for member in members for place in member.used.get(str(trial), ())}
