"""Reports of collected items that have no result: a crash, an interrupt, an error, a skip."""

from collections.abc import Collection, Mapping
from functools import cached_property
from pathlib import Path

import pytest

from flagbench.errors import InputError
from flagbench.pytest_plugin.heads import COULD_NOT_RUN, WRONG_INPUT
from flagbench.pytest_plugin.items import load_scenario
from flagbench.pytest_plugin.options import folders_of, options_of
from flagbench.pytest_plugin.scenario_files import is_scenario_text
from flagbench.report import series_report
from flagbench.report.series_report import SeriesReport
from flagbench.run.options import Options
from flagbench.scenario.loading import Scenario
from flagbench.verdict.verdict import Outcome


class UnfinishedItems:
    """Items without a result, by their node ids; each scenario is read once.

    `known` maps the paths of scenarios that have results to the names of their series.
    """

    def __init__(self, config: pytest.Config, known: Mapping[str, Collection[str]]) -> None:
        self._config = config
        self._known = known
        self._scenarios: dict[str, tuple[Scenario, tuple[str, ...]] | None] = {}

    @cached_property
    def _options(self) -> Options:
        return options_of(self._config)

    def report(self, nodeid: str, reason: str, *, failed: bool) -> SeriesReport | None:
        """The report of an item that could not run.

        None for a check that passed or was not reached, and for an item of another plugin.
        """
        file, _, name = nodeid.partition("::")
        if not failed and name not in self._known.get(file, (name,)):
            return None
        if file not in self._scenarios:
            self._scenarios[file] = self._load(file)
        loaded = self._scenarios[file]
        if loaded is None:
            return None
        scenario, declared = loaded
        for head in (WRONG_INPUT, COULD_NOT_RUN):
            reason = reason.removeprefix(f"{head}\n")
        if name in declared:
            place = declared.index(name)
            return series_report.report_of(
                scenario,
                scenario.combinations[place],
                place=place,
                is_own_design=self._options.is_own_design,
                series=None,
                reason=reason,
                declared=declared,
            )
        if not failed:
            return None
        return series_report.report_without_series(
            scenario, name, Outcome.COULD_NOT_RUN, reason=reason, declared=declared
        )

    def _load(self, file: str) -> tuple[Scenario, tuple[str, ...]] | None:
        path = self._config.rootpath / file
        if file not in self._known and not self._is_scenario(path):
            return None
        try:
            scenario = self._options.applied_to(
                load_scenario(path, self._config.invocation_params.dir)
            )
        except InputError:
            return None  # it was collected, so it is another plugin's
        return scenario, tuple(combination.id for combination in scenario.combinations)

    def _is_scenario(self, path: Path) -> bool:
        return path.parent in folders_of(self._config) or is_scenario_text(path)
