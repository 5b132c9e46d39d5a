"""`flagbench provider`: the simulated provider as a server on loopback."""

import time
from collections.abc import Sequence

import click
from pydantic import ValidationError

from flagbench.cli import output
from flagbench.errors import InputError, Problem, problems_of
from flagbench.simulator.server import running_provider
from flagbench.simulator.settings import ProviderSettings

_DAY_SECONDS = 86_400.0


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8123, show_default=True,
              help="0 takes a free one.")  # fmt: skip
@click.option("--no-sleep", is_flag=True, help="Declare the latency in a header, do not wait.")
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
        output.say(f"simulated provider at {base_url} (Ctrl-C ends it)", err=True)
        while True:  # no signal.pause on Windows, where Ctrl-C needs waits with an end
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
        raise InputError(problems_of(error, "--set", document=ProviderSettings)) from error
