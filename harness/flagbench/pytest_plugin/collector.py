"""Results of the collected items, wherever they ran, and the reports of a run.

It is registered in every pytest run, so it imports nothing of flagbench until there is a result.
"""

from __future__ import annotations

import io
import pickle
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any

import pytest

from flagbench.pytest_plugin.carried import CARRIED, DECLARED
from flagbench.pytest_plugin.division import DIVISION, OUTPUT, Division
from flagbench.pytest_plugin.options import folders_of, options_of
from flagbench.pytest_plugin.scenario_files import SUFFIXES, is_scenario_text

if TYPE_CHECKING:
    from flagbench.report.publish import Finished
    from flagbench.report.series_report import SeriesReport
    from flagbench.report.shards.shard_file import Shard

# Set where reports are for programs alone, which merge them.
WITHOUT_PAGES = pytest.StashKey[bool]()
# The phase of the report that pytest-xdist makes for an item whose worker crashed.
_CRASHED = "???"


class Collector:
    """The last result of every collected item, and the files that are made of them.

    A series without a result could not run. An item that is run again (by pytest-rerunfailures)
    counts once, with its last attempt.
    """

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._collected: dict[str, None] = {}
        self._results: dict[str, SeriesReport] = {}
        self._reasons: dict[str, str] = {}
        self._failed: set[str] = set()
        self._attempts: Counter[str] = Counter()
        self._declared: dict[str, Sequence[str]] = {}
        self._crashes = 0
        self._division: Division | None = None
        self._finished: Finished | None = None
        self._has_begun = False

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Note the items of this process."""
        self._collect(item.nodeid for item in session.items)

    @pytest.hookimpl(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, ids: Iterable[str]) -> None:
        """Note the items of a worker."""
        self._collect(ids)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: object, error: object) -> None:
        """Count a worker that ended before its work; one that is shut down has no error."""
        self._crashes += error is not None
        if plain := getattr(node, "workeroutput", {}).get(OUTPUT):
            self._division = Division(*plain)

    def _collect(self, ids: Iterable[str]) -> None:
        self._collected.update(dict.fromkeys(filter(_is_in_yaml, ids)))

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Mark the earlier reports before the first scenario runs."""
        if self._has_begun or not _is_in_yaml(nodeid):
            return
        path = self._config.rootpath / nodeid.partition("::")[0]
        if path.parent in folders_of(self._config) or is_scenario_text(path):
            self._check_places()
            from flagbench.measurement import unfinished_run

            self._has_begun = True
            unfinished_run.begin(options_of(self._config).latest)

    def _check_places(self) -> None:
        """End the run where its reports, or the baselines to accept, cannot be written."""
        from flagbench import writable
        from flagbench.errors import FlagbenchError
        from flagbench.pytest_plugin.exit_status import CannotBegin

        options = options_of(self._config)
        try:
            writable.check_folder(options.latest, "--reports")
            if options.accept_baselines:
                writable.check_folder(options.baselines, "--baselines")
        except FlagbenchError as error:
            raise CannotBegin(error) from None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report carries, and why an item has no result."""
        name = report.nodeid
        if not _is_in_yaml(name):
            return
        if report.when in ("setup", _CRASHED):  # another attempt, of which nothing is known yet
            self._attempts[name] += report.when == "setup" or name not in self._results
            self._results.pop(name, None)
            self._reasons.pop(name, None)
            self._failed.discard(name)
        carried = getattr(report, CARRIED, None)
        if carried is not None:
            if isinstance(carried, bytes):
                carried = pickle.loads(carried)  # noqa: S301  made in a worker
            result = self._results[name] = self._shared(carried)
            delattr(report, CARRIED)  # pytest keeps all reports until the end
            if declared := getattr(report, DECLARED, ()):
                self._declared[result.scenario] = tuple(declared)
        elif name not in self._results and not report.passed:
            self._reasons[name] = _reason(report)
            if report.failed:
                self._failed.add(name)

    @cached_property
    def _shared(self) -> Callable[[SeriesReport], SeriesReport]:
        from flagbench.report.shared_values import SharedValues

        return SharedValues().shared

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and, if asked, the baselines; also of a run that was interrupted."""
        shard = self._shard(session)
        if not self._results and not self._failed and shard is None:
            self._end()
            return
        from flagbench.report import publish

        interrupted = session.exitstatus == pytest.ExitCode.INTERRUPTED
        try:
            self._finished = publish.finish(
                self._series(session, interrupted=interrupted),
                options_of(self._config),
                root=self._config.rootpath,
                folders=list(folders_of(self._config)),
                interrupted=interrupted,
                crashes=self._crashes,
                shard=shard,
                pages=not self._config.stash.get(WITHOUT_PAGES, False),
            )
            self._end()
        except OSError as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            self._config.get_terminal_writer().line(f"reports could not be written: {error}")

    def _shard(self, session: pytest.Session) -> Shard | None:
        """The shard that was run; None for a whole run, and where nothing was divided."""
        choice = self._config.getoption("--flagbench-shard")
        division = self._config.stash.get(DIVISION, self._division)
        if choice is None or division is None:
            return None
        from flagbench.pytest_plugin.exit_status import ExitStatusPlugin
        from flagbench.report.shards import identity
        from flagbench.report.shards.shard_file import Shard

        if not division.own and session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED:
            session.exitstatus = pytest.ExitCode.OK  # there are more shards than series
        root, options = self._config.rootpath, options_of(self._config)
        folders = identity.Folders.of(
            options, root, map(Path, division.folders), folders_of(self._config)
        )
        status: Any = self._config.pluginmanager.get_plugin(ExitStatusPlugin.NAME)
        return Shard(
            number=choice.number,
            of=choice.of,
            identity={
                **dict(identity.of_place(folders, root)),
                **identity.of_options(options),
                "list of series": division.digest,
                "number of shards": str(choice.of),
            },
            folders=folders,
            is_empty=not division.own,
            exit_code=status.exit_code(session.exitstatus),
        )

    def _end(self) -> None:
        if self._has_begun:
            from flagbench.measurement import unfinished_run

            unfinished_run.end(options_of(self._config).latest)

    def _series(self, session: pytest.Session, *, interrupted: bool) -> list[SeriesReport]:
        """The results, and a report of each item that has none."""
        from flagbench.pytest_plugin.unfinished import UnfinishedItems

        ended = session.shouldfail or session.shouldstop
        reason = (
            "the run was interrupted before it had a result"
            if interrupted
            else f"the run ended before it: {ended}"
            if isinstance(ended, str)
            else "the run ended before it had a result"
        )
        results = [
            replace(
                result,
                declared=self._declared.get(result.scenario, ()),
                attempts=self._attempts[name],
            )
            for name, result in self._results.items()
        ]
        known = {series.path: series.declared for series in results if series.declared}
        unfinished = UnfinishedItems(self._config, known)
        others = [
            unfinished.report(name, self._reasons.get(name, reason), failed=name in self._failed)
            for name in {**self._collected, **dict.fromkeys(self._failed)}
            if name not in self._results
        ]
        return results + [report for report in others if report is not None]

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the tables and where the files are."""
        if self._finished is None or terminalreporter.verbosity < 0:
            return
        from flagbench.plain_console import plain_console
        from flagbench.report import terminal

        terminalreporter.section("flagbench")
        writer = terminalreporter._tw
        if isinstance(writer._file, io.TextIOWrapper):
            writer._file.reconfigure(errors="replace")  # a pipe on Windows may know no Greek
        console = plain_console(
            file=writer._file,
            width=max(writer.fullwidth, terminal.TABLE_WIDTH),
            has_colours=writer.hasmarkup,
        )
        terminal.show(self._finished, console, whole=terminalreporter.verbosity > 0)


def _is_in_yaml(nodeid: str) -> bool:
    return PurePath(nodeid.partition("::")[0]).suffix in SUFFIXES


def _reason(report: pytest.TestReport) -> str:
    """The text of a report without a result: of an error, a crash or a skip."""
    if isinstance(report.longrepr, tuple):
        return report.longrepr[2]
    return report.longreprtext
