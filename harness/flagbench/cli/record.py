"""`flagbench record`: what is missing, what it will cost, and the recording with its progress."""

import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from flagbench.cassette import scrub, store
from flagbench.errors import InputError, Problem
from flagbench.run import recording as recorder
from flagbench.run.options import Options
from flagbench.run.recording import Endpoint, RecordedUsage
from flagbench.scenario import loading as scenarios
from flagbench.scenario.designs import DESIGNS
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED


@contextmanager
def _interrupted_at_once() -> Iterator[None]:
    """Let the first Ctrl-C, or a polite kill, end a recording wherever it waits.

    asyncio would keep the first Ctrl-C until its loop turns again, which it does not while a call
    waits for its answer. It leaves alone a handler that is not Python's own, and so is one that
    the caller's shell has set to ignore.
    """

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    handlers = {
        one: handler
        for one in (signal.SIGINT, signal.SIGTERM)
        if (handler := signal.getsignal(one)) not in (signal.SIG_IGN, None)
    }
    for one in handlers:
        signal.signal(one, interrupt)
    try:
        yield
    except KeyboardInterrupt:
        # One line and the exit are left; a second Ctrl-C has nothing more to stop.
        handlers = dict.fromkeys(handlers, signal.SIG_IGN)
        raise
    finally:
        for one, handler in handlers.items():
            signal.signal(one, handler)


@click.command()
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
@_interrupted_at_once()
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
    expected = {}
    for one in chosen:
        with console.status(f"{one.path}: what is missing?"):
            found = recorder.forecast(one, cassettes=cassettes, fresh=fresh)
        expected[one.path] = found
        _say(console, f"{one.path}: {_told(found)} to record")
        _tell_going_on(console, one, cassettes=cassettes, fresh=fresh)
    todo = [
        one for one in chosen if expected[one.path].requests or store.is_unfinished(cassettes, one)
    ]
    if todo and endpoint and not yes:
        _ask(console)
    for one in todo:
        if endpoint:
            _record(one, endpoint, cassettes=cassettes, fresh=fresh, console=console)
        else:
            with recorder.simulated(one) as embedded:
                _record(one, embedded, cassettes=cassettes, fresh=fresh, console=console)
    # Only now: an interrupted command that is given again must not pay for its first scenarios.
    for one in todo:
        store.finish(cassettes, one)


def _scenario_files(paths: Sequence[Path]) -> list[Path]:
    files = [
        file
        for path in paths
        for file in (sorted(path.glob("*.y*ml")) if path.is_dir() else [path])
        if file.name not in scenarios.NOT_SCENARIOS
    ]
    if not files:
        raise InputError(Problem("no scenario files", where=", ".join(map(str, paths))))
    return files


def _endpoint(chosen: Sequence[Scenario], base_url: str | None) -> Endpoint | None:
    """The real endpoint, or None for the embedded provider."""
    real = sorted({one.provider for one in chosen if one.provider != SIMULATED})
    if base_url is None:
        if real:
            what = f"provider {', '.join(real)} has no embedded server"
            raise InputError(Problem(what, expected="--base-url URL of its OpenAI-compatible API"))
        return None
    if len(real) != 1:
        expected = "--provider NAME, which names the folder of the cassettes"
        raise InputError(Problem("--base-url without the name of its provider", expected=expected))
    key = os.environ.get("OPENAI_API_KEY", "")
    if not key:
        fix = "export OPENAI_API_KEY=… (any text for a server that wants none)"
        raise InputError(Problem("OPENAI_API_KEY is not set", fix=fix))
    return Endpoint(base_url, key, scrub.secrets_of(os.environ, key))


def _ask(console: Console) -> None:
    if not sys.stdin.isatty():
        expected = "--yes where nobody can answer"
        raise InputError(Problem("recording would be paid for", expected=expected))
    console.print("These requests are sent and paid for.")
    click.confirm("Record?", abort=True, err=True)


def _record(
    scenario: Scenario,
    endpoint: Endpoint,
    *,
    cassettes: Path,
    fresh: bool,
    console: Console,
) -> None:
    cells = len(recorder.combinations_of(scenario)) * scenario.trials
    added = recorder.NO_USAGE
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeRemainingColumn(), console=console, transient=True) as progress:
        task = progress.add_task(f"{scenario.name}: cells", total=cells)
        for trial in range(1, scenario.trials + 1):
            added += recorder.record_trial(
                scenario, trial, endpoint,
                cassettes=cassettes, fresh=fresh, on_cell=lambda: progress.advance(task),
            )  # fmt: skip
    _say(console, f"{scenario.path}: recorded {_told(added)}")


def _tell_going_on(console: Console, scenario: Scenario, *, cassettes: Path, fresh: bool) -> None:
    kept = store.interrupted_fresh(cassettes, scenario) if fresh else {}
    if answers := sum(kept.values()):
        paths = " ".join(map(str, kept))
        _say(
            console,
            f"{scenario.path}: going on with {answers} answers of the interrupted --fresh "
            f"recording; delete {paths} to start over",
        )


def _say(console: Console, line: str) -> None:
    console.print(line, highlight=False, markup=False, soft_wrap=True)


def _told(weight: RecordedUsage) -> str:
    tokens = weight.prompt_tokens + weight.completion_tokens
    return f"{weight.requests:,} requests, about {tokens:,} tokens"
