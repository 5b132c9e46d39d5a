"""The pytest plugin: options, collection, and the reports at the end. No arithmetic.

It is imported in every pytest run of an environment that has flagbench installed, whether or not
the project uses it. So it imports nothing of flagbench until a scenario is collected, registers no
option without its prefix, and collects only files in folders that the project names.
"""

from __future__ import annotations

import os
import pickle
import re
from collections.abc import Generator, Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flagbench.pytest_plugin.collector import CARRIED, DECLARED, SUFFIXES, Collector
from flagbench.pytest_plugin.division import DIVISION, OUTPUT, choice_of
from flagbench.pytest_plugin.progress import Progress

if TYPE_CHECKING:
    from flagbench.run.options import Options

FOLDERS = "flagbench_scenarios"
TOKENIZER = "flagbench_tokenizer"
PRICES = "flagbench_prices"
GATES = "flagbench_gates"
# As in flagbench.scenario.designs, which takes too long to import for every pytest run.
DESIGNS = ("fractional", "full", "leave-one-out", "one-at-a-time", "pairwise")
_NOT_SCENARIOS = ("claims.yaml",)
# A file that is named on the command line is a scenario only if it looks like one: other plugins
# collect YAML too.
_KEYS = re.compile(r"^(subject|requests|combinations|targets|trials|design)\s*:", re.MULTILINE)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options of a run, and the ini options of the project."""
    parser.addini(FOLDERS, "folders of flagbench scenarios, from the root folder", type="args")
    parser.addini(TOKENIZER, "tokenizer of the project's models, where a scenario names none")
    parser.addini(GATES, "gates of `flagbench compare` and `flagbench plan`", type="linelist")
    parser.addini(PRICES, "price table of the project, where a scenario names none")
    group = parser.getgroup("flagbench", "flagbench: scenarios under combinations of flags")
    group.addoption(
        "--flagbench-scenarios",
        action="append",
        default=[],
        metavar="DIR",
        help=f"a folder of scenarios, beside those of the ini option {FOLDERS}; repeatable",
    )
    group.addoption(
        "--flagbench-design",
        choices=DESIGNS,
        help="run this design instead of each scenario's own",
    )
    group.addoption(
        "--flagbench-combination",
        action="append",
        default=[],
        metavar="FLAGS",
        help="run this combination: 'templates+cache', 'all-retry', 'default', 'none'; repeatable",
    )
    group.addoption(
        "--flagbench-trials",
        type=int,
        metavar="N",
        help="run only the first N trials (no baseline then)",
    )
    group.addoption(
        "--flagbench-provider",
        metavar="NAME",
        help="replay the cassettes of this provider (cassettes/NAME)",
    )
    group.addoption(
        "--flagbench-model",
        metavar="NAME",
        help="the model that was recorded with --flagbench-provider",
    )
    group.addoption(
        "--flagbench-shard",
        type=choice_of,
        metavar="K/N",
        help="run part K of N of the series, such as 3/8, one a machine; then `flagbench merge`",
    )
    group.addoption(
        "--flagbench-provisional",
        action="store_true",
        help="answer a changed request by its recorded counterpart, for the verdict PROVISIONAL",
    )
    group.addoption(
        "--flagbench-accept-baselines",
        action="store_true",
        help="write what was measured into baselines/ and list what changed",
    )
    group.addoption(
        "--flagbench-fresh",
        action="store_true",
        help="replay every cell, also those whose inputs are as they were in an earlier run",
    )
    group.addoption(
        "--flagbench-release",
        default="",
        metavar="NAME",
        help="with --flagbench-accept-baselines: drift counts from this release on",
    )
    group.addoption(
        "--flagbench-no-proof-cache",
        action="store_true",
        help="replay and prove everything again (./.flagbench keeps both otherwise)",
    )
    group.addoption(
        "--flagbench-require-isolation",
        action="store_true",
        help="do not run generated code where a wall of the sandbox is missing",
    )
    group.addoption(
        "--flagbench-run-unsandboxed",
        action="store_true",
        help="run generated code on a platform that has no sandbox, on a machine that you can lose",
    )
    for name, content in (
        ("cassettes", "recordings"),
        ("baselines", "accepted measurements"),
        ("reports", "reports"),
    ):
        group.addoption(
            f"--flagbench-{name}", type=Path, metavar="DIR", help=f"folder of {content} (./{name})"
        )


def options_of(config: pytest.Config) -> Options:
    """Return pytest's options as those of a run."""
    from flagbench.acceptance.proof_cache import PROOFS_FOLDER
    from flagbench.run.options import Options
    from flagbench.tokenizer_choice import with_folder

    def option(name: str) -> Any:
        return config.getoption(f"--flagbench-{name}")

    root = config.rootpath
    tokenizer, table = config.getini(TOKENIZER), config.getini(PRICES)
    return Options(
        cassettes=option("cassettes") or root / "cassettes",
        baselines=option("baselines") or root / "baselines",
        reports=option("reports") or root / "reports",
        provider=option("provider"),
        model=option("model"),
        trials=option("trials"),
        design=option("design"),
        combinations=tuple(option("combination")),
        accept_baselines=option("accept-baselines"),
        provisional=option("provisional"),
        replay_all=option("fresh"),
        release=option("release"),
        proofs=None if option("no-proof-cache") else root / PROOFS_FOLDER,
        require_isolation=option("require-isolation"),
        run_unsandboxed=option("run-unsandboxed"),
        tokenizer=with_folder(tokenizer, root),
        prices=root / table if table else None,
    )


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """Collect the YAML files of the named folders, and scenarios named on the command line."""
    if file_path.suffix not in SUFFIXES or not _is_scenario(file_path, parent.session):
        return None
    from flagbench.printable import printable_line
    from flagbench.pytest_plugin.items import RUNNER, ScenarioFile
    from flagbench.series.runner import SeriesRunner

    if RUNNER not in parent.config.stash:
        parent.config.stash[RUNNER] = SeriesRunner(options_of(parent.config))
        parent.config.pluginmanager.register(Scenarios(parent.config), "flagbench-scenarios")
    # Ids are written as UTF-8, which an undecodable name is not, and are taken apart at "::".
    shown = file_path.with_name(printable_line(file_path.name).replace("::", ":"))
    return ScenarioFile.from_parent(parent, path=shown, source=file_path)


def _is_scenario(path: Path, session: pytest.Session) -> bool:
    if path.name in _NOT_SCENARIOS:
        return False
    if path.parent in folders_of(session.config):
        return True
    return session.isinitpath(path) and is_scenario_text(path)


def is_scenario_text(path: Path) -> bool:
    """True for a file with a key of a scenario at the beginning of a line."""
    return path.is_file() and bool(_KEYS.search(path.read_text(encoding="utf-8", errors="replace")))


def folders_of(config: pytest.Config) -> Iterator[Path]:
    """The folders of scenarios that the project or the command line names."""
    yield from (config.rootpath / name for name in config.getini(FOLDERS))
    start = config.invocation_params.dir
    yield from ((start / name).resolve() for name in config.getoption("--flagbench-scenarios"))


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker and, where the results come together, their collector."""
    config.addinivalue_line("markers", "series: a flagbench scenario under one combination")
    _refuse_moved_root(config)
    trials = config.getoption("--flagbench-trials")
    if trials is not None and trials < 1:
        raise pytest.UsageError(f"--flagbench-trials {trials}; expected: 1 or more")
    shard = config.getoption("--flagbench-shard")
    if shard is not None and config.getoption("--flagbench-accept-baselines"):
        raise pytest.UsageError(
            "--flagbench-accept-baselines and --flagbench-shard; expected: one of them, since a "
            "baseline is accepted from a whole run"
        )
    if config.getoption("--flagbench-release") and not config.getoption(
        "--flagbench-accept-baselines"
    ):
        raise pytest.UsageError("--flagbench-release; expected: --flagbench-accept-baselines, too")
    if config.getoption("--flagbench-provisional") and config.getoption(
        "--flagbench-accept-baselines"
    ):
        raise pytest.UsageError(
            "--flagbench-accept-baselines and --flagbench-provisional; expected: one of them, "
            "since answers to other requests are not a measurement"
        )
    if not hasattr(config, "workerinput"):
        if shard is not None:
            from flagbench.pytest_plugin.exit_status import ExitStatusPlugin

            config.pluginmanager.register(ExitStatusPlugin(), ExitStatusPlugin.NAME)
        config.pluginmanager.register(Collector(config), "flagbench-collector")
        config.pluginmanager.register(Progress(config), "flagbench-progress")


def _refuse_moved_root(config: pytest.Config) -> None:
    """Raise `UsageError` where an option's value made a folder above this one the root.

    pytest looks for its root before it knows the options of plugins: a file or folder that stands
    apart from its option counts as one to collect, and cassettes are looked for elsewhere.
    """
    start, words = config.invocation_params.dir, [*map(str, config.invocation_params.args)]
    is_ours = any(word.startswith("--flagbench-") for word in words)
    if not is_ours or config.getoption("rootdir") or config.rootpath not in start.parents:
        return
    for option, value in pairwise(words):
        place = Path(os.path.abspath(start / value))  # noqa: PTH100  links as pytest sees them
        if not option.startswith("--") or "=" in option or value.startswith("-"):
            continue
        if place.exists() and not place.is_relative_to(start):
            raise pytest.UsageError(
                f"{option} {value}: pytest takes {value} for a folder of tests, so that its root "
                f"is {config.rootpath}; expected: the folder of the project; "
                f"fix: write {option}={value}, or add --rootdir=."
            )


class Scenarios:
    """The hooks of a process that runs scenarios; registered with the first one."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

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
            # pytest-xdist carries plain values and bytes between processes.
            series, declared = item.stash[REPORT]
            setattr(report, CARRIED, pickle.dumps(series))
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
