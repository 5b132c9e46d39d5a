"""The front door for pytest: options, collection, reports at the end. No arithmetic."""

from __future__ import annotations

import io
import pickle
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from flagbench.report.publish import Finished
    from flagbench.report.series_report import SeriesReport
    from flagbench.run.options import Options

_FOLDER = "scenarios"


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a run; everything else is pytest's own."""
    from flagbench.scenario.designs import DESIGNS  # noqa: PLC0415  only needed where pytest parses options

    group = parser.getgroup("flagbench", "flagbench: scenarios under combinations of flags")
    group.addoption(
        "--design",
        choices=sorted(set(DESIGNS) - {"named"}),
        help="run this design instead of each scenario's own",
    )
    group.addoption(
        "--combination",
        action="append",
        default=[],
        metavar="FLAGS",
        help="run this combination: 'templates+cache', 'all-retry', 'default', 'none'; repeatable",
    )
    group.addoption(
        "--trials", type=int, metavar="N", help="run only the first N trials (no baseline then)"
    )
    group.addoption(
        "--provider", metavar="NAME", help="replay the cassettes of this provider (cassettes/NAME)"
    )
    group.addoption("--model", metavar="NAME", help="the model that was recorded with --provider")
    group.addoption(
        "--accept-baselines",
        action="store_true",
        help="write what was measured into baselines/ and say what changed",
    )
    group.addoption(
        "--no-proof-cache",
        action="store_true",
        help="prove every artifact anew (proofs are kept in ./.flagbench otherwise)",
    )
    group.addoption(
        "--require-isolation",
        action="store_true",
        help="do not run generated code where a wall of the sandbox is missing",
    )
    for name, what in (
        ("cassettes", "the recordings"),
        ("baselines", "the accepted measurements"),
        ("reports", "the reports"),
    ):
        group.addoption(f"--{name}", type=Path, metavar="DIR", help=f"folder of {what} (./{name})")


def options_of(config: pytest.Config) -> Options:
    """pytest's options as ours."""
    from flagbench.acceptance.proof_cache import PROOFS_FOLDER  # noqa: PLC0415  every pytest run loads us
    from flagbench.run.options import Options  # noqa: PLC0415

    return Options(
        cassettes=config.getoption("--cassettes") or config.rootpath / "cassettes",
        baselines=config.getoption("--baselines") or config.rootpath / "baselines",
        reports=config.getoption("--reports") or config.rootpath / "reports",
        provider=config.getoption("--provider"),
        model=config.getoption("--model"),
        trials=config.getoption("--trials"),
        design=config.getoption("--design"),
        combinations=tuple(config.getoption("--combination")),
        accept_baselines=config.getoption("--accept-baselines"),
        proofs=None if config.getoption("--no-proof-cache") else config.rootpath / PROOFS_FOLDER,
        require_isolation=config.getoption("--require-isolation"),
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """YAML files in a folder named `scenarios`, or named on the command line, are scenarios."""
    if file_path.suffix in (".yaml", ".yml") and (
        file_path.parent.name == _FOLDER or parent.session.isinitpath(file_path)
    ):
        from flagbench.pytest_plugin.items import RUNNER, ScenarioFile  # noqa: PLC0415  as in options_of
        from flagbench.scenario.loading import NOT_SCENARIOS  # noqa: PLC0415
        from flagbench.series.runner import SeriesRunner  # noqa: PLC0415

        if file_path.name in NOT_SCENARIOS:
            return None
        if RUNNER not in parent.config.stash:
            parent.config.stash[RUNNER] = SeriesRunner(options_of(parent.config))
        return ScenarioFile.from_parent(parent, path=file_path)
    return None


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and, where the results come together, their collector."""
    config.addinivalue_line("markers", "series: a scenario under one combination of flags")
    trials = config.getoption("--trials")
    if trials is not None and trials < 1:
        raise pytest.UsageError(f"--trials {trials}: right would be 1 or more")
    manager = config.pluginmanager
    if manager.hasplugin("looptime_plugin") and not manager.hasplugin("asyncio"):
        # Its pytest plugin fails on every fixture where pytest-asyncio is not installed, and
        # flagbench only uses its event loop.
        manager.unregister(name="looptime_plugin")
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(Collector(config), "flagbench-collector")


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the series were run with."""
    from flagbench.pytest_plugin.items import RUNNER  # noqa: PLC0415  as in options_of

    runner = config.stash.get(RUNNER, None)
    if runner is not None:
        runner.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Send the series' report along with pytest's, also from an xdist worker."""
    report = yield
    if call.when == "call" or (call.when == "setup" and call.excinfo):
        from flagbench.pytest_plugin.items import OURS, REPORT, failure_text  # noqa: PLC0415  as above

        if isinstance(item, OURS) and call.when == "setup" and call.excinfo:
            # pytest asks an item to tell its own failure only for its call, not for its setup.
            report.longrepr = failure_text(call.excinfo) or report.longrepr
        if REPORT in item.stash:
            # pytest-xdist carries plain values and bytes between processes.
            report.flagbench = pickle.dumps(item.stash[REPORT])  # type: ignore[attr-defined]
    return report


class Collector:
    """Gathers the series' reports of a run, wherever they ran, and writes what is made of them."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config
        self._series: list[SeriesReport] = []
        self._finished: Finished | None = None

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take what a report carries."""
        carried = getattr(report, "flagbench", None)
        if carried is not None:
            self._series.append(pickle.loads(carried))  # noqa: S301  made above, in a test process

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the reports and, if asked, the baselines; also of a run that was interrupted."""
        if not self._series:
            return
        from flagbench.report import publish  # noqa: PLC0415  as in options_of

        try:
            self._finished = publish.finish(
                self._series,
                options_of(self._config),
                interrupted=session.exitstatus == pytest.ExitCode.INTERRUPTED,
            )
        except OSError as error:
            session.exitstatus = pytest.ExitCode.INTERNAL_ERROR
            self._config.get_terminal_writer().line(f"reports could not be written: {error}")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Show the tables and where the files are."""
        if self._finished is None or terminalreporter.verbosity < 0:
            return
        from rich.console import Console  # noqa: PLC0415  as in options_of

        from flagbench.report import terminal  # noqa: PLC0415

        terminalreporter.section("flagbench")
        writer = terminalreporter._tw
        if isinstance(writer._file, io.TextIOWrapper):
            writer._file.reconfigure(errors="replace")  # a pipe on Windows may know no Greek
        console = Console(
            file=writer._file,
            width=max(writer.fullwidth, terminal.TABLE_WIDTH),
            force_terminal=writer.hasmarkup,
            color_system="standard" if writer.hasmarkup else None,
            highlight=False,
            soft_wrap=True,
        )
        terminal.show(self._finished, console, whole=terminalreporter.verbosity > 0)
