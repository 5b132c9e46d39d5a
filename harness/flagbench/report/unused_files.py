"""Recordings that no combination used, and baselines and cassettes that belong to no scenario."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from flagbench.printable import printable_line
from flagbench.report.inputs import name_of
from flagbench.report.series_report import RunReport, SeriesReport
from flagbench.run.options import Options
from flagbench.scenario.loading import NOT_SCENARIOS


@dataclass(frozen=True, slots=True)
class Unused:
    """Cassette -> indexes of unused recordings, for scenarios whose series all ran.

    `strangers` are files that belong to no scenario; unknown, and so none, after part of a run.
    """

    places: Mapping[str, tuple[int, ...]]
    strangers: Sequence[str] = ()

    def lines(self) -> list[str]:
        """A line for each file."""
        lines = [
            *(
                f"{path}: {len(places)} recording(s) used by no combination: "
                + ", ".join(str(place + 1) for place in places[:12])
                + (", …" if len(places) > 12 else "")
                for path, places in self.places.items()
            ),
            *(f"{path}: belongs to no scenario" for path in self.strangers),
        ]
        return [printable_line(line) for line in lines]


def find(report: RunReport, options: Options, folders: Collection[Path], root: Path) -> Unused:
    """Find unused files of a run; those of the project are named from its `root`.

    `folders` are the project's folders of scenarios. Recordings are unused if all series of their
    scenario ran; files belong to no scenario if all scenarios of the folders ran.
    """
    return Unused(
        {
            name_of(path, root): places
            for path, places in _unused_recordings(report, options.cassettes)
        },
        []
        if report.interrupted
        else [name_of(path, root) for path in _strangers(report, options, folders)],
    )


def _unused_recordings(
    report: RunReport, cassettes: Path
) -> Iterator[tuple[Path, tuple[int, ...]]]:
    for name, members in report.by_scenario().items():
        first = members[0]
        complete = first.is_own_design and len(members) == len(first.declared)
        if not complete or any(not member.cells for member in members):
            continue
        for trial in range(1, first.trials + 1):
            path = cassettes / first.provider / name / f"{trial}.yaml"
            unused = sorted(set(range(first.recorded[str(trial)])) - _used_places(members, trial))
            if unused:
                yield path, tuple(unused)


def _used_places(members: list[SeriesReport], trial: int) -> set[int]:
    return {place for member in members for place in member.used.get(str(trial), ())}


def _strangers(report: RunReport, options: Options, folders: Collection[Path]) -> Iterator[Path]:
    """The baselines and cassettes of no scenario, if every scenario of the project was run."""
    run = report.by_scenario()
    searched = {*folders, *(Path(member.path).parent for member in report.series)}
    known = {
        path.stem
        for folder in searched
        for path in folder.glob("*.y*ml")
        if path.name not in NOT_SCENARIOS
    }
    if not run or not known <= run.keys():
        return
    for path in sorted(options.baselines.glob("*.json")):
        if not any(path.name.startswith(f"{name}.") for name in run):
            yield path
    for folder in sorted(options.cassettes.glob("*/*/")):
        if folder.name not in run and any(folder.glob("*.yaml")):
            yield folder
    if options.trials is None:
        for name, members in run.items():
            for path in sorted((options.cassettes / members[0].provider / name).glob("*.yaml")):
                if path.stem not in {str(trial + 1) for trial in range(members[0].trials)}:
                    yield path
