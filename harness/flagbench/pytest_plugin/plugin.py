"""The hooks of the pytest plugin: collection, and what goes along with a report. No arithmetic.

It is imported in every pytest run of an environment that has flagbench installed, whether or not
the project uses it. So it imports nothing of flagbench until a scenario is collected, registers no
option without its prefix, and collects only files in folders that the project names.
"""

from __future__ import annotations

import gc
import pickle
from collections.abc import Generator
from pathlib import Path

import pytest

from flagbench.pytest_plugin import options
from flagbench.pytest_plugin.carried import CARRIED, DECLARED
from flagbench.pytest_plugin.collector import Collector
from flagbench.pytest_plugin.division import DIVISION, OUTPUT
from flagbench.pytest_plugin.progress import Progress
from flagbench.pytest_plugin.scenario_files import SUFFIXES, is_scenario_text

_NOT_SCENARIOS = ("claims.yaml",)


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the YAML files of the named folders, and scenarios named on the command line."""
    if file_path.suffix not in SUFFIXES or not _is_scenario(file_path, parent.session):
        return None
    from flagbench.printable import printable_line
    from flagbench.pytest_plugin.items import RUNNER, ScenarioFile
    from flagbench.series.runner import SeriesRunner

    if RUNNER not in parent.config.stash:
        parent.config.stash[RUNNER] = SeriesRunner(options.options_of(parent.config))
        parent.config.pluginmanager.register(Scenarios(parent.config), "flagbench-scenarios")
    # Ids are written as UTF-8, which an undecodable name is not, and are taken apart at "::".
    shown = file_path.with_name(printable_line(file_path.name).replace("::", ":"))
    return ScenarioFile.from_parent(parent, path=shown, source=file_path)


def _is_scenario(path: Path, session: pytest.Session) -> bool:
    if path.name in _NOT_SCENARIOS:
        return False
    if path.parent in options.folders_of(session.config):
        return True
    return session.isinitpath(path) and is_scenario_text(path)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run, and the ini options of the project."""
    options.add(parser)


def pytest_configure(config: pytest.Config) -> None:
    """Check the options; register the marker and, where the results come together, a collector."""
    config.addinivalue_line("markers", "series: a flagbench scenario under one combination")
    options.check(config)
    if not hasattr(config, "workerinput"):
        if config.getoption("--flagbench-shard") is not None:
            from flagbench.pytest_plugin.exit_status import ExitStatusPlugin

            config.pluginmanager.register(ExitStatusPlugin(), ExitStatusPlugin.NAME)
        config.pluginmanager.register(Collector(config), "flagbench-collector")
        config.pluginmanager.register(Progress(config), "flagbench-progress")


class Scenarios:
    """The hooks of a process that runs scenarios; registered with the first one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_collection_finish(self) -> None:
        """Let the garbage collector pass over the items, which live until the end."""
        gc.freeze()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Send the report of a series along with pytest's, also from an xdist worker."""
        from flagbench.printable import printable, shorten
        from flagbench.pytest_plugin.items import OURS, REPORT, failure_text

        report = yield
        if not isinstance(item, OURS):
            return report
        if call.when == "setup" and call.excinfo:
            # pytest asks an item for its failure's text only for its call, not for its setup.
            report.longrepr = failure_text(call.excinfo) or report.longrepr
        if (shown := printable(report.longreprtext)) != report.longreprtext:
            report.longrepr = shown  # a traceback without colours
        # What a subject prints has no bound, and every report is a part of the run's output.
        report.sections = [(title, printable(shorten(text))) for title, text in report.sections]
        if REPORT in item.stash and (call.when == "call" or call.excinfo):
            series, declared = item.stash[REPORT]
            # pytest-xdist carries plain values and bytes between processes.
            is_worker = hasattr(self._config, "workerinput")
            setattr(report, CARRIED, pickle.dumps(series) if is_worker else series)
            setattr(report, DECLARED, declared)
            del item.stash[REPORT]  # an item may be run again
        return report

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_collection_modifyitems(
        self, config: pytest.Config, items: list[pytest.Item]
    ) -> Generator[None, None, None]:
        """Leave the items of other shards out, after every other selection."""
        from flagbench.pytest_plugin.shard_items import in_shard

        yield
        choice = config.getoption("--flagbench-shard")
        if choice is None:
            return
        division, others = in_shard(items, choice)
        if others:
            config.hook.pytest_deselected(items=others)
            items[:] = [item for item in items if item not in others]
        if division.items:
            config.stash[DIVISION] = division
            if (output := getattr(config, "workeroutput", None)) is not None:
                output[OUTPUT] = division.plain

    def pytest_unconfigure(self) -> None:
        """Close the sandbox and the connections of the series' runner."""
        from flagbench.pytest_plugin.items import RUNNER

        self._config.stash[RUNNER].close()
