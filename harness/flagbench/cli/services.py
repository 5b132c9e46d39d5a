"""`flagbench services`: the simulated services of a scenario on loopback."""

import math
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from flagbench.cli import ini_lines
from flagbench.cli.output import say
from flagbench.errors import InputError, Problem
from flagbench.scenario import loading
from flagbench.scenario.loading import Scenario
from flagbench.simulator.services.server import SERVICES, running_services

_DAY_SECONDS = 86_400.0
_LOOPBACK = ("127.0.0.1", "localhost")


@click.command()
@click.argument("scenario", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--no-sleep", is_flag=True, help="Declare the latency in a header, do not wait.")
@click.option("--requests-per-second", type=click.FloatRange(min=0, min_open=True), metavar="N",
              help="Refuse more than N in a second (429). Not for a recording, which has no pace.",
              )  # fmt: skip
def services(scenario: Path, no_sleep: bool, requests_per_second: float | None) -> None:
    """Serve the simulated services of SCENARIO at its addresses until Ctrl-C.

    Those are `search` (Sourcegraph's GraphQL API) and `api` (the routes that Python files declare),
    over the files around the generated ones. The settings of the scenario's provider hold: seed,
    rate_limit, server_error, hang, latency_scale.

    \b
    flagbench services scenarios/optimizer-faults.yaml --no-sleep
    """
    ini_lines.use_pythonpath(Path.cwd())
    loaded = loading.load(scenario)
    with running_services(
        _ports(loaded), loaded.scaffold, loaded.settings, sleep=not no_sleep,
        requests_per_second=requests_per_second or math.inf,
    ) as addresses:  # fmt: skip
        for name, address in addresses.items():
            say(f"simulated service {name} at {address}", err=True)
        say("(Ctrl-C ends them)", err=True)
        while True:  # no signal.pause on Windows, where Ctrl-C needs waits with an end
            time.sleep(_DAY_SECONDS)


def _ports(scenario: Scenario) -> dict[str, int]:
    """The port of each service. Raises `InputError` for one that cannot be served here."""
    problems, ports = [], dict[str, int]()
    if not scenario.services:
        problems.append(Problem("the scenario has no services", where=str(scenario.path)))
    for name, part in scenario.services.items():
        address = urlsplit(part.base_url)
        where = f"{scenario.path}: services.{name}"
        if name not in SERVICES:
            expected = ", ".join(SERVICES)
            problems.append(Problem(f"no simulated service {name!r}", where, expected))
        elif address.hostname not in _LOOPBACK or not address.port or address.path:
            what = f"{part.base_url} is not an address on loopback"
            problems.append(Problem(what, where, "http://127.0.0.1:PORT"))
        else:
            ports[name] = address.port
    if problems:
        raise InputError(problems)
    return ports
