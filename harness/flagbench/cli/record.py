"""`flagbench record`: what is to be recorded, from which endpoint, and by which recorder."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import click
from rich.console import Console

from flagbench import extras
from flagbench.cassette import scrub
from flagbench.cli import endpoint_url, folder_options, ini_lines, record_missing, record_modes
from flagbench.cluster import address
from flagbench.errors import InputError, Problem
from flagbench.plain_console import plain_console
from flagbench.run import trial_recorders
from flagbench.run.credentials import key_for, variables_for
from flagbench.run.interrupts import interruptible
from flagbench.run.options import Options
from flagbench.run.recording import Endpoint
from flagbench.run.trial_recorders import TrialRecorder
from flagbench.scenario import loading as scenarios
from flagbench.scenario.designs import DESIGNS
from flagbench.scenario.loading import Scenario
from flagbench.simulator.settings import SIMULATED

# As the client of openai has it.
_OPENAI, _OPENAI_URL = "openai", "https://api.openai.com/v1"


@click.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--provider", help="Name of the provider; its cassettes go to cassettes/NAME.")
@click.option(
    "--base-url",
    help="Endpoint of any vendor; the key is OPENAI_API_KEY, or the vendor's variable. "
    "[default: OPENAI_BASE_URL]",
)
@click.option("--model", help="Model to ask for instead of the scenario's.")
@click.option("--trials", type=click.IntRange(1, 100), help="Record only the first N trials.")
@click.option("--design", type=click.Choice(sorted(set(DESIGNS) - {"named"})),
              help="Record for this design instead of each scenario's own.")  # fmt: skip
@click.option(
    "--combination", "combinations", multiple=True, help="Record only this combination; repeatable."
)
@click.option(
    "--fresh",
    is_flag=True,
    help="Replace the cassettes: ask the provider for everything again, and pay.",
)
@click.option("--stale", is_flag=True,
              help="Record only trials that a change has left without answers, oldest and cheapest "
              "first.")  # fmt: skip
@click.option("--budget-usd", type=click.FloatRange(min=0), metavar="USD",
              help="Of --stale: leave trials for later whose forecast does not fit.")  # fmt: skip
@click.option("--until-decided", is_flag=True,
              help="Record trial after trial until --fail-if has an answer.")  # fmt: skip
@click.option("--fail-if", "conditions", multiple=True, metavar="CONDITION",
              help="Of --until-decided: 'tokens > +2%'; repeatable.")  # fmt: skip
@click.option("--against", default="none", show_default=True, metavar="A",
              help="Of --until-decided: a combination, or results as `compare` reads them.",
              )  # fmt: skip
@click.option("--parallel", type=click.IntRange(1, 64), metavar="N",
              help="Record N trials at the same time.  [default: 1; with --on, the threads of the "
              "workers]")  # fmt: skip
@click.option("--per-minute", type=click.IntRange(1), metavar="N",
              help="Send a real provider at most N requests a minute, of all trials together.",
              )  # fmt: skip
@click.option("--on", metavar="CLUSTER",
              help="Record on the Dask cluster at dask://HOST:PORT; dask: on processes here.",
              )  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask before paying.")
@folder_options.cassettes
@interruptible()
def record(
    paths: Sequence[Path],
    provider: str | None,
    base_url: str | None,
    model: str | None,
    trials: int | None,
    design: str | None,
    combinations: Sequence[str],
    fresh: bool,
    stale: bool,
    budget_usd: float | None,
    until_decided: bool,
    conditions: Sequence[str],
    against: str,
    parallel: int | None,
    per_minute: int | None,
    on: str | None,
    yes: bool,
    cassettes: Path,
) -> None:
    """Record what the cassettes of these scenarios lack.

    PATHS are scenario files or folders of them. Where the provider is `simulated`, the embedded one
    answers, which costs nothing. Any other is at --base-url, or at OPENAI_BASE_URL; a forecast of
    requests and tokens is shown before anything is sent, if the simulated provider can stand in for
    the real one. An interrupted recording keeps its answers; the same command resumes it.

    \b
    flagbench record scenarios/student.yaml
    OPENAI_API_KEY=… flagbench record scenarios/student.yaml --provider openai
    flagbench record scenarios --stale --budget-usd 0.5
    flagbench record scenarios --on dask://10.0.0.7:8786
    OPENAI_API_KEY=… flagbench record scenarios --provider mine --base-url https://…/v1

    Exit codes: 0 recorded, or PASS with --until-decided, 1 FAIL of its gates, 2 wrong usage or
    input, 3 could not run, INCONCLUSIVE, or --stale left trials for later.
    """
    record_modes.check_options(
        stale=stale, fresh=fresh, until_decided=until_decided,
        budget=budget_usd is not None, gates=bool(conditions),
        shared=(parallel or 1) > 1 or per_minute is not None or on is not None,
    )  # fmt: skip
    ini_lines.use_pythonpath(Path.cwd())
    options = Options(
        cassettes=cassettes, baselines=Path("baselines"), reports=Path("reports"),
        provider=provider, model=model, trials=trials, design=design,
        combinations=tuple(combinations),
    )  # fmt: skip
    chosen = [options.applied_to(scenarios.load(path)) for path in _scenario_files(paths)]
    endpoint = _endpoint(chosen, base_url, has_own_key=on in (None, address.LOCAL))
    console = plain_console(stderr=True)
    ask = None if yes else partial(_ask, console)
    if not until_decided:
        with _recorder(
            on, chosen, parallel, per_minute, endpoint, options, console, fresh=fresh
        ) as record_trials:
            if not stale:
                record_missing.record_missing(
                    chosen, endpoint, record_trials, cassettes, console, ask, fresh=fresh
                )
                return
            raise SystemExit(
                record_modes.stale(
                    chosen,
                    endpoint,
                    cassettes,
                    budget_usd,
                    console,
                    record=record_trials,
                    ask=ask,
                )
            )
    raise SystemExit(
        record_modes.until_decided(
            chosen,
            endpoint,
            conditions,
            against,
            options,
            console,
            ask=ask,
        )
    )


@contextmanager
def _recorder(
    on: str | None,
    chosen: Sequence[Scenario],
    parallel: int | None,
    per_minute: int | None,
    endpoint: Endpoint | None,
    options: Options,
    console: Console,
    *,
    fresh: bool,
) -> Iterator[TrialRecorder]:
    """The recorder of this machine, or of the cluster that is named."""
    with trial_recorders.folder_of_times() as name:
        folder = Path(name)
        if on is None:
            yield trial_recorders.recorder_of(
                parallel or 1, per_minute, endpoint, options, folder, fresh=fresh
            )
            return
        pace = trial_recorders.pace_of(per_minute, endpoint, folder, is_shared=True)
        extras.require("cluster", "flagbench record --on")
        from flagbench.cli import record_on  # noqa: PLC0415  an extra's

        with record_on.recorder(
            on, chosen, parallel, endpoint, options, pace, console, fresh=fresh
        ) as recorder_there:
            yield recorder_there


def _scenario_files(paths: Sequence[Path]) -> list[Path]:
    files = [
        file
        for path in paths
        for file in (sorted(path.iterdir()) if path.is_dir() else [path])
        if (file == path or file.match("*.y*ml")) and file.name not in scenarios.NOT_SCENARIOS
    ]
    if not files:
        raise InputError(Problem("no scenario files", where=", ".join(map(str, paths))))
    return files


def _endpoint(
    chosen: Sequence[Scenario], base_url: str | None, *, has_own_key: bool
) -> Endpoint | None:
    """The real endpoint, or None for the embedded provider; the workers of a cluster have a key."""
    real = sorted({scenario.provider for scenario in chosen if scenario.provider != SIMULATED})
    base_url = base_url or (real and os.environ.get("OPENAI_BASE_URL")) or None
    if (
        base_url is None
        and real == [_OPENAI]
        and (os.environ.get("OPENAI_API_KEY") or not has_own_key)
    ):
        base_url = _OPENAI_URL
    if base_url is None:
        if real:
            what = f"provider {', '.join(real)} has no embedded server"
            expected = "--base-url URL of its API, or OPENAI_BASE_URL"
            raise InputError(Problem(what, expected=expected))
        return None
    if len(real) != 1:
        expected = "--provider NAME, the folder of its cassettes"
        raise InputError(Problem("--base-url without the name of its provider", expected=expected))
    key = key_for(endpoint_url.checked(base_url), os.environ)
    if not key and has_own_key:
        name, *_ = variables_for(base_url)
        fix = f"export {name}=… (any text for a server without keys)"
        raise InputError(Problem(f"{name} is not set", fix=fix))
    return Endpoint(base_url, key, scrub.secrets_of(os.environ, key))


def _ask(console: Console) -> None:
    if not sys.stdin.isatty():
        expected = "--yes where nobody can answer"
        raise InputError(Problem("recording would be paid for", expected=expected))
    console.print("These requests are sent and paid for.")
    click.confirm("Record?", abort=True, err=True)
