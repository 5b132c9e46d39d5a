"""`flagbench run`: pytest over scenarios, with exit codes for CI."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import click
import pytest

from flagbench import extras
from flagbench.cli import ini_lines
from flagbench.errors import InputError, Problem
from flagbench.printable import printable_line
from flagbench.pytest_plugin.exit_status import ExitStatusPlugin
from flagbench.pytest_plugin.options import DESIGNS

# Options whose value is a folder that holds no scenarios.
_TAKES_A_FOLDER = (
    "--rootdir", "--basetemp", "--confcutdir", "--ignore", "--flagbench-cassettes",
    "--flagbench-baselines", "--flagbench-reports",
)  # fmt: skip


@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED, metavar="[SCENARIOS]...")
@click.option("--design", type=click.Choice(DESIGNS),
              help="Run this design instead of each scenario's own.")  # fmt: skip
@click.option("--combination", multiple=True, metavar="FLAGS",
              help="Run this combination: 'templates+cache', 'all-retry', 'none'; repeatable.",
              )  # fmt: skip
@click.option("--trials", metavar="N", help="Run only the first N trials (without a baseline).")
@click.option("--provider", metavar="NAME", help="Replay the cassettes of this provider.")
@click.option("--model", metavar="NAME", help="The model that was recorded with --provider.")
@click.option("--shard", metavar="K/N",
              help="Run part K of N of the series, one a machine; then `flagbench merge`.",
              )  # fmt: skip
@click.option("--on", metavar="CLUSTER",
              help="Run on the Dask cluster at dask://HOST:PORT; dask: on processes here.",
              )  # fmt: skip
@click.option("--provisional", is_flag=True,
              help="Say what is known of changed prompts without recording them.")  # fmt: skip
@click.option("--accept-baselines", is_flag=True,
              help="Write the measurements to baselines/ and list the changes.")  # fmt: skip
@click.option("--release", metavar="NAME",
              help="With --accept-baselines: drift counts from these values on.")  # fmt: skip
@click.option("--fresh", is_flag=True,
              help="Replay every cell, also those whose inputs did not change; asks no "
                   "provider.")  # fmt: skip
@click.option("--no-proof-cache", is_flag=True, help="Replay and prove everything again.")
@click.option("--require-isolation", is_flag=True,
              help="Refuse to run generated code if an isolation layer is missing.",
              )  # fmt: skip
@click.option("--run-unsandboxed", is_flag=True,
              help="Run generated code on a platform that has no sandbox.")  # fmt: skip
@click.option("--cassettes", metavar="DIR", help="Folder of the recordings (./cassettes).")
@click.option("--baselines", metavar="DIR", help="Folder of accepted measurements (./baselines).")
@click.option("--reports", metavar="DIR", help="Folder of the reports (./reports).")
def run(pytest_args: Sequence[str], on: str | None, **chosen: object) -> None:
    """Replay, measure and judge scenarios; all of the project's unless files or folders are named.

    Those are the folders of `flagbench_scenarios` in pytest's configuration, else ./scenarios.

    This is pytest with exit codes that CI can use. All of pytest's own options work as well:
    -k, -m, -x, -n (processes), --lf, --junitxml (see `pytest --help`, where the options below are
    called --flagbench-...).

    \b
    flagbench run                                  every scenario
    flagbench run scenarios/student.yaml -n 2      one, on two processes
    flagbench run --combination all --combination none
    flagbench run --accept-baselines               accept the measurements
    flagbench run --on dask://10.0.0.7:8786        on the workers of a cluster

    Exit codes: 0 all kept, 1 at least one broken, 2 wrong usage or input, 3 could not run,
    4 at least one provisional.
    """
    for word in pytest_args:  # pytest prints what it does not know as it is
        if printable_line(shown := word.encode(errors="replace").decode()) != shown:
            raise InputError(Problem(repr(word), expected="words of printable characters"))
    # pytest warns that it cannot rewrite the asserts of modules that this command has imported.
    # At the end, where it holds beside `-W error`.
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    if on is not None:
        extras.require("cluster", "flagbench run --on")
        from flagbench.cli import run_on  # noqa: PLC0415  what only a cluster needs

        place = run_on.Place.of(chosen, pytest_args)
        words = [*_options(place.chosen), *_positional(place.arguments), *quiet]
        raise SystemExit(run_on.run(on, words, place))
    words = [*_options(chosen), *_positional(pytest_args), *quiet]
    status_plugin = ExitStatusPlugin()
    status = pytest.main(words, plugins=[status_plugin])
    raise SystemExit(status_plugin.exit_code(status))


def _options(chosen: dict[str, object]) -> Iterator[str]:
    """The options by their names in the pytest plugin."""
    for name, value in chosen.items():
        option = f"--flagbench-{name.replace('_', '-')}"
        if value is True:
            yield option
        elif isinstance(value, tuple):
            yield from (f"{option}={text}" for text in value)
        elif value:
            yield f"{option}={value}"


def _positional(arguments: Sequence[str]) -> Iterator[str]:
    """The arguments for pytest; a folder that is named holds scenarios."""
    named = [
        Path(word.partition("::")[0])
        for before, word in zip(("", *arguments), arguments, strict=False)
        if not word.startswith("-") and before not in _TAKES_A_FOLDER
    ]
    folders = [path for path in named if path.is_dir()]
    # A file that an option names, such as that of --junitxml, is not a scenario.
    if not folders and not any(path.suffix in (".yaml", ".yml") for path in named):
        folders = ini_lines.scenario_folders(Path())
        yield from map(str, folders)
    yield from (f"--flagbench-scenarios={folder}" for folder in folders)
    yield from arguments
