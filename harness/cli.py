"""The `flagbench` command: record, provider, run."""

import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import click
import pytest
from pydantic import ValidationError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from harness import record as recorder
from harness import recordings, scrub
from harness import scenario as scenarios
from harness.errors import ExitCode, FlagbenchError, InputError, Problem
from harness.matrix import DESIGNS
from harness.options import Options
from harness.provider.server import running_provider
from harness.provider.settings import ProviderSettings
from harness.record import Endpoint, Recorded
from harness.scenario import Scenario
from harness.tally import Tally
from harness.tokens import TokenCounter, o200k_base

INTERRUPTED = 130  # 128 + SIGINT, as shells have it


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flagbench")
def cli() -> None:
    """Prove or refute what optimisation flags do to an LLM code generator.

    \b
    flagbench run scenarios/           replay, measure and judge (pytest's options work)
    flagbench record scenarios/x.yaml  record what a scenario's cassettes lack
    flagbench provider                 serve the simulated provider on loopback

    Exit codes: 0 all kept, 1 something broken, 2 wrong usage or input, 3 could not run.
    """


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def run(pytest_args: Sequence[str]) -> None:
    """Replay and judge scenarios: pytest with exit codes that tell broken from could-not-run.

    Everything after `run` goes to pytest, `--help` included.
    """
    tally = Tally()
    # pytest warns that it cannot rewrite the asserts of modules that this command has imported.
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    status = pytest.main([*quiet, *(pytest_args or ["scenarios"])], plugins=[tally])
    raise SystemExit(tally.exit_code(status))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--provider", help="Name of the provider; its cassettes go to cassettes/NAME.")
@click.option("--base-url", help="Any OpenAI-compatible endpoint; the key is OPENAI_API_KEY.")
@click.option("--model", help="Model to ask for instead of the scenario's.")
@click.option("--trials", type=click.IntRange(1, 100), help="Record only the first N trials.")
@click.option("--design", type=click.Choice(sorted(set(DESIGNS) - {"named"})))
@click.option("--combination", "combinations", multiple=True, help="Only this one; repeatable.")
@click.option("--fresh", is_flag=True, help="Forget the cassettes and record everything again.")
@click.option("--yes", is_flag=True, help="Do not ask before paying.")
@click.option("--cassettes", type=click.Path(path_type=Path), default=Path("cassettes"))
def record(
    paths: Sequence[Path],
    provider: str | None,
    base_url: str | None,
    model: str | None,
    trials: int | None,
    design: str | None,
    combinations: Sequence[str],
    fresh: bool,
    yes: bool,
    cassettes: Path,
) -> None:
    """Record what the cassettes of these scenarios lack.

    PATHS are scenario files or folders of them. Without --base-url the embedded simulated provider
    answers, which costs nothing. With it, say --provider NAME too; the forecast of requests and
    tokens is shown before anything is sent. An interrupted recording keeps what it has; the same
    command goes on.

    \b
    flagbench record scenarios/student.yaml
    OPENAI_API_KEY=… flagbench record scenarios/student.yaml --provider openai \\
        --base-url https://api.openai.com/v1
    """
    options = Options(
        cassettes=cassettes, baselines=Path("baselines"), reports=Path("reports"),
        provider=provider, model=model, trials=trials, design=design,
        combinations=tuple(combinations),
    )  # fmt: skip
    chosen = [options.applied_to(scenarios.load(path)) for path in _scenario_files(paths)]
    endpoint = _endpoint(chosen, base_url)
    console = Console(stderr=True)
    counter = TokenCounter(o200k_base())
    expected = {}
    for one in chosen:
        with console.status(f"{one.path}: what is missing?"):
            found = recorder.forecast(one, counter, cassettes=cassettes, fresh=fresh)
        expected[one.path] = found
        console.print(f"{one.path}: {_told(found)} to record", highlight=False, soft_wrap=True)
    todo = [one for one in chosen if expected[one.path].requests]
    if todo and endpoint and not yes:
        _ask(console)
    _interrupt_on_sigterm()
    for one in todo:
        if endpoint:
            _record(one, endpoint, counter, cassettes=cassettes, fresh=fresh, console=console)
        else:
            with recorder.simulated(one) as embedded:
                _record(one, embedded, counter, cassettes=cassettes, fresh=fresh, console=console)


def _scenario_files(paths: Sequence[Path]) -> list[Path]:
    files = [
        file
        for path in paths
        for file in (sorted(path.glob("*.yaml")) if path.is_dir() else [path])
        if file.name not in scenarios.NOT_SCENARIOS
    ]
    if not files:
        raise InputError(Problem("no scenario files", where=", ".join(map(str, paths))))
    return files


def _endpoint(chosen: Sequence[Scenario], base_url: str | None) -> Endpoint | None:
    """The real endpoint, or None for the embedded provider."""
    real = sorted({one.provider for one in chosen if one.provider != recordings.SIMULATED})
    if base_url is None:
        if real:
            what = f"provider {', '.join(real)} has no embedded server"
            raise InputError(Problem(what, right="--base-url URL of its OpenAI-compatible API"))
        return None
    if len(real) != 1:
        right = "--provider NAME, which names the folder of the cassettes"
        raise InputError(Problem("--base-url without the name of its provider", right=right))
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key:
        mend = "export OPENAI_API_KEY=… (any text for a server that wants none)"
        raise InputError(Problem("OPENAI_API_KEY is not set", mend=mend))
    return Endpoint(base_url, key, scrub.secrets_of(os.environ, key))


def _ask(console: Console) -> None:
    if not sys.stdin.isatty():
        right = "--yes where nobody can answer"
        raise InputError(Problem("recording would be paid for", right=right))
    console.print("These requests are sent and paid for.")
    click.confirm("Record?", abort=True, err=True)


def _record(
    scenario: Scenario,
    endpoint: Endpoint,
    counter: TokenCounter,
    *,
    cassettes: Path,
    fresh: bool,
    console: Console,
) -> None:
    cells = len(recorder.combinations_of(scenario)) * scenario.trials
    added = recorder.NOTHING
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{scenario.name}: cells", total=cells)
        for trial in range(1, scenario.trials + 1):
            added += recorder.record_trial(
                scenario, trial, endpoint, counter,
                cassettes=cassettes, fresh=fresh, on_cell=lambda: progress.advance(task),
            )  # fmt: skip
    console.print(f"{scenario.path}: recorded {_told(added)}", highlight=False, soft_wrap=True)


def _told(weight: Recorded) -> str:
    tokens = weight.prompt_tokens + weight.completion_tokens
    return f"{weight.requests:,} requests, about {tokens:,} tokens"


def _interrupt_on_sigterm() -> None:
    """Let a polite kill end a recording as Ctrl-C does: with everything kept."""

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, interrupt)


@cli.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8123, show_default=True)
@click.option("--no-sleep", is_flag=True, help="Declare the latency in a header, answer at once.")
@click.option("--set", "settings", multiple=True, metavar="NAME=VALUE",
              help="A setting such as rate_limit=0.1; repeatable.")  # fmt: skip
def provider(port: int, no_sleep: bool, settings: Sequence[str]) -> None:
    """Serve the simulated provider on 127.0.0.1 until Ctrl-C.

    It answers /v1/chat/completions and /v1/models as an OpenAI-compatible server does. Latency,
    defects and refusals follow documented distributions; a figure from it is evidence about
    prompts, calls, schedule and checks, not about any vendor's model.

    \b
    flagbench provider --set rate_limit=0.1 --set defects=2
    """
    chosen = _settings(settings)
    with running_provider(chosen, sleep=not no_sleep, port=port) as base_url:
        click.echo(f"simulated provider at {base_url} (Ctrl-C ends it)", err=True)
        signal.pause()


def _settings(pairs: Sequence[str]) -> ProviderSettings:
    raw = {}
    for pair in pairs:
        name, given, value = pair.partition("=")
        if not given:
            raise InputError(Problem(f"--set {pair}", right="--set NAME=VALUE"))
        raw[name] = value
    try:
        return ProviderSettings.model_validate(raw)
    except ValidationError as error:
        known = ", ".join(ProviderSettings.model_fields)
        raise InputError(
            Problem(f"--set {one['loc'][0]}: {one['msg']}", right=f"one of {known}")
            for one in error.errors()
        ) from error


def main() -> None:
    """The funnel: expected errors become one clear message and an exit code."""
    try:
        cli.main(standalone_mode=False)
    except FlagbenchError as error:
        click.echo(f"flagbench: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except click.ClickException as error:
        error.show()
        raise SystemExit(ExitCode.WRONG_INPUT) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("flagbench: interrupted; what was answered is kept", err=True)
        raise SystemExit(INTERRUPTED) from None
