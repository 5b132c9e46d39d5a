"""The content of a view: the stored run, its scenarios and recordings, each read on demand."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import Any

from flagbench import strict_json, text_file
from flagbench.errors import FlagbenchError, InputError, Problem
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.results import StoredCells
from flagbench.report.data import series_file
from flagbench.report.series_report import SeriesReport
from flagbench.run.options import Options
from flagbench.scenario import designs
from flagbench.scenario import loading as scenarios
from flagbench.scenario.loading import Scenario
from flagbench.series.cell_runner import CellRunner
from flagbench.view import cell_view
from flagbench.view.cell_view import CallView, CellView
from flagbench.view.scenario_parts import ScenarioParts


class NotThere(FlagbenchError):  # noqa: N818  a page that does not exist is not a failure
    """A page of something that the run does not have."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A call of a recording in which a text was found, with the words around it."""

    scenario: str
    trial: int
    place: int
    where: str
    before: str
    found: str
    after: str


class Library:
    """The run in `options.latest`, and the scenarios at `paths`. A cell is replayed to be shown."""

    def __init__(self, options: Options, paths: Sequence[Path]) -> None:
        self.options = options
        self._paths = {path.stem: path for path in paths}
        self._runner = CellRunner(options)
        self.cell = cache(self._cell)
        self.scenario = cache(self._scenario)
        self.series = cache(self._series)
        self.parts = lru_cache(1)(self._parts)  # those of the scenario that is looked at

    @cached_property
    def summary(self) -> Mapping[str, Any]:
        """The content of `summary.json`. Raises `InputError` without a run."""
        path = self.options.latest / "summary.json"
        fix = "flagbench run"
        try:
            summary = strict_json.parse(text_file.read_bytes(path).decode())
        except FileNotFoundError:
            raise InputError(Problem("no run", where=str(path), fix=fix)) from None
        except ValueError as error:
            raise InputError(Problem(f"not JSON: {error}", where=str(path), fix=fix)) from error
        if not isinstance(summary, dict) or "scenarios" not in summary:
            raise InputError(Problem("not the summary of a run", where=str(path), fix=fix))
        return summary

    @cached_property
    def _stored(self) -> StoredCells:
        return StoredCells(self.options.latest)

    def keys(self, scenario: str) -> Sequence[tuple[str, int]]:
        """Combination and trial of the stored cells of a scenario; empty for one without any."""
        return self._stored.keys(scenario)

    def rows(
        self, scenario: str, wanted: Iterable[tuple[str, int]]
    ) -> Mapping[tuple[str, int], CellResult]:
        """Those of the wanted cells that are stored. Raises `InputError` for damaged ones."""
        return self._stored.load(scenario, wanted)

    def _series(self, scenario: str) -> Sequence[SeriesReport]:
        return series_file.load(self.options.latest, scenario)

    def _parts(self, scenario: str) -> ScenarioParts:
        def cells() -> list[CellResult]:
            return list(self.rows(scenario, self.keys(scenario)).values())

        return ScenarioParts(self.series(scenario), cells, self.options)

    def _scenario(self, name: str) -> Scenario:
        if name not in self._paths:
            raise NotThere([Problem(f"scenario {name!r} is not here", fix="name its folder")])
        return scenarios.load(self._paths[name])

    def _cell(self, name: str, combination: str, trial: int) -> CellView:
        """Replay a cell. Raises `NotThere`, `InputError` or `CouldNotRun`."""
        row = self.rows(name, [(combination, trial)]).get((combination, trial))
        if row is None:
            what = f"{name}::{combination} trial {trial} is not part of this run"
            raise NotThere([Problem(what, where=str(self.options.latest))])
        scenario = self.scenario(name)
        run = self._runner.run(scenario, designs.parse(combination, scenario.factors), trial)
        return cell_view.view_of(run, row)

    def recording(self, name: str, trial: int) -> list[CallView]:
        """The calls of a cassette. Raises `NotThere`, `InputError` or `CouldNotRun`."""
        cassette = self._runner.cassette(self.scenario(name), trial)
        return [
            cell_view.recorded_call(interaction, place)
            for place, interaction in enumerate(cassette.interactions)
        ]

    def search(self, text: str, name: str = "") -> Iterator[Hit]:
        """The recorded calls in whose prompt or answer a text is, in any case of letters."""
        wanted = text.casefold()
        for scenario in [name] if name else list(self.summary["scenarios"]):
            trials = sorted({trial for _, trial in self.keys(scenario)})
            for trial in trials:
                for call in self.recording(scenario, trial):
                    for where, said in (("prompt", call.prompt_text), ("answer", call.answer_text)):
                        at = said.casefold().find(wanted)
                        if at >= 0:
                            end = at + len(text)
                            around = said[max(0, at - 60) : at], said[at:end], said[end : end + 60]
                            yield Hit(scenario, trial, call.place, where, *around)
