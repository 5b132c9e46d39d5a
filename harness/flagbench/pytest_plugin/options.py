"""The options of a run in pytest: declared, checked, and read as those of the core.

As `plugin.py`, this imports nothing of flagbench until a scenario is collected.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from flagbench.pytest_plugin.division import choice_of

if TYPE_CHECKING:
    from flagbench.run.options import Options

FOLDERS = "flagbench_scenarios"
TOKENIZER = "flagbench_tokenizer"
PRICES = "flagbench_prices"
GATES = "flagbench_gates"
# As in flagbench.scenario.designs, which takes too long to import for every pytest run.
DESIGNS = ("fractional", "full", "leave-one-out", "one-at-a-time", "pairwise")


def add(parser: pytest.Parser) -> None:
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


def check(config: pytest.Config) -> None:
    """Raise `UsageError` for options that do not go together."""
    _check_root(config)
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


def _check_root(config: pytest.Config) -> None:
    """Raise `UsageError` where an option's value made a folder above the project's the root.

    pytest looks for its root before it knows the options of plugins: a file or folder that stands
    apart from its option counts as one to collect, and cassettes are looked for elsewhere.
    """
    start, root = config.invocation_params.dir, config.rootpath
    if config.getoption("rootdir") or root not in start.parents:
        return
    from flagbench.pytest_files import PYTEST_FILES

    # Any of these files makes a folder a root for pytest, whatever is in it.
    for folder in (start, *start.parents):
        if any((folder / name).is_file() for name in PYTEST_FILES):
            if folder == root:
                return
            break
    for option, value in pairwise(map(str, config.invocation_params.args)):
        if not option.startswith("--flagbench-") or "=" in option or value.startswith("-"):
            continue
        place = start / value
        if place.exists() and not place.resolve().is_relative_to(start.resolve()):
            raise pytest.UsageError(
                f"{option} {value}: pytest takes {value} for a folder of tests, so that its root "
                f"is {root}; expected: the folder of the project; "
                f"fix: write {option}={value}, or add --rootdir=."
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


def folders_of(config: pytest.Config) -> Iterator[Path]:
    """The folders of scenarios that the project or the command line names."""
    yield from (config.rootpath / name for name in config.getini(FOLDERS))
    start = config.invocation_params.dir
    yield from ((start / name).resolve() for name in config.getoption("--flagbench-scenarios"))
