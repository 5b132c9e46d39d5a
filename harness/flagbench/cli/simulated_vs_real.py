"""`flagbench simulated-vs-real`: the simulated provider's figures beside their sources."""

import click

from flagbench.cli import output
from flagbench.errors import ExitCode
from flagbench.simulator.calibration.samples import Samples
from flagbench.simulator.calibration.table import markdown, measured
from flagbench.tokenizer import o200k_counter


@click.command("simulated-vs-real")
def simulated_vs_real() -> None:
    """Measure what the simulated provider answers, beside what gpt-4o-mini did.

    100 answers to each of six requests are served afresh, with a fixed seed, and counted. Each row
    has the figure of the source and its interval. A figure that claims to be calibrated and lies
    outside is an error (exit code 1).
    """
    rows = measured(Samples(o200k_counter().count))
    for line in markdown(rows):
        output.say(line)
    outside = [row.figure.name for row in rows if row.fits is False]
    if outside:
        output.say(f"outside the interval of their source: {', '.join(outside)}", err=True)
        raise SystemExit(ExitCode.BROKEN)
