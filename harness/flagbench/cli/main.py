"""The `flagbench` command, and the funnel for its errors."""

import io
import sys
import time
from collections.abc import Sequence

import click
import pytest
from pydantic import ValidationError

from flagbench.cli.accept import accept
from flagbench.cli.attribute import attribute_
from flagbench.cli.compare import compare
from flagbench.cli.exit_status import ExitStatusPlugin
from flagbench.cli.generate import generate
from flagbench.cli.plugin_commands import CommandGroup
from flagbench.cli.record import record
from flagbench.cli.what_if import what_if_
from flagbench.errors import ExitCode, FlagbenchError, InputError, Problem, problems_of
from flagbench.simulator.server import running_provider
from flagbench.simulator.settings import ProviderSettings

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_DAY_SECONDS = 86_400.0


@click.group(cls=CommandGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="flagbench")
def cli() -> None:
    """Prove or refute what optimisation flags do to an LLM code generator.

    \b
    flagbench run scenarios/           replay, measure and judge (pytest's options work)
    flagbench record scenarios/x.yaml  record what a scenario's cassettes lack
    flagbench accept --kind … FILE     prove generated files by running them
    flagbench compare none all         two series or two runs, paired, with a gate
    flagbench attribute                what each flag does: effects, interactions, claims
    flagbench what-if scenarios/x.yaml replay in another world: speed, limits, prices
    flagbench generate django shop.json --out shop   an application, written to a folder
    flagbench provider                 serve the simulated provider on loopback

    Exit codes: 0 all kept, 1 something broken, 2 wrong usage or input, 3 could not run.
    """


cli.add_command(record)
cli.add_command(accept)
cli.add_command(what_if_)
cli.add_command(compare)
cli.add_command(attribute_)
cli.add_command(generate)


@cli.command(context_settings={"ignore_unknown_options": True, "help_option_names": []})
@click.argument("pytest_args", nargs=-1, type=click.UNPROCESSED)
def run(pytest_args: Sequence[str]) -> None:
    """Replay and judge scenarios: pytest with exit codes that tell broken from could-not-run.

    Everything after `run` goes to pytest, `--help` included.
    """
    tally = ExitStatusPlugin()
    # pytest warns that it cannot rewrite the asserts of modules that this command has imported.
    quiet = ["-W", "ignore::pytest.PytestAssertRewriteWarning"]
    status = pytest.main([*quiet, *(pytest_args or ["scenarios"])], plugins=[tally])
    raise SystemExit(tally.exit_code(status))


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
        while True:  # Windows has no signal.pause, and interrupts no wait without an end
            time.sleep(_DAY_SECONDS)


def _settings(pairs: Sequence[str]) -> ProviderSettings:
    raw = {}
    for pair in pairs:
        name, given, value = pair.partition("=")
        if not given:
            raise InputError(Problem(f"--set {pair}", expected="--set NAME=VALUE"))
        raw[name] = value
    try:
        return ProviderSettings.model_validate(raw)
    except ValidationError as error:
        raise InputError(problems_of(error, "--set", models=(ProviderSettings,))) from error


def main() -> None:
    """The funnel: expected errors become one clear message and an exit code."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a pipe on Windows may know no Greek
    try:
        cli.main(standalone_mode=False)
    except FlagbenchError as error:
        click.echo(f"flagbench: {error}", err=True)
        raise SystemExit(error.exit_code) from None
    except click.UsageError as error:
        error.show()
        raise SystemExit(ExitCode.WRONG_INPUT) from None
    except click.ClickException as error:
        click.echo(f"flagbench: {error.format_message()}", err=True)
        raise SystemExit(ExitCode.WRONG_INPUT) from None
    except (KeyboardInterrupt, click.Abort):
        click.echo("flagbench: interrupted; what was answered is kept", err=True)
        raise SystemExit(INTERRUPTED) from None
