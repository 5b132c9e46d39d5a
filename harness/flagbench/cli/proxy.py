"""`flagbench proxy`: a cassette on loopback, for any program that is run by hand."""

import os
from pathlib import Path

import click

from flagbench.cassette import scrub
from flagbench.cli import endpoint_url, output
from flagbench.errors import CouldNotRun, InputError, Problem
from flagbench.run.command import standalone, surroundings


@click.command()
@click.option("--cassette", type=click.Path(path_type=Path), metavar="FILE", required=True,
              help="The recording that is replayed, or with --record written.")  # fmt: skip
@click.option("--record", "is_recording", is_flag=True, help="Ask --base-url for what is missing.")
@click.option("--base-url", help="The provider of a recording; a key comes from the program.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="0 takes a free one.")
@click.option("--no-wait", is_flag=True, help="Answer at once, not after the recorded latency.")
def proxy(
    cassette: Path, is_recording: bool, base_url: str | None, port: int, no_wait: bool
) -> None:
    """Replay a cassette to any program, or record one, until Ctrl-C.

    The lines that are printed let clients of OpenAI, Anthropic and Google find it. Matching is
    strict: a request without a recording is refused and explained here.

    \b
    flagbench proxy --cassette mine.yaml --record --base-url https://api.openai.com/v1
    flagbench proxy --cassette mine.yaml
    """
    if is_recording is (base_url is None):
        what = "--record without --base-url" if is_recording else "--base-url without --record"
        raise InputError(Problem(what, expected="both to record, neither to replay"))
    if base_url is not None:
        endpoint_url.checked(base_url)

    def ready(address: str) -> None:
        variables = surroundings.of_provider(address)
        for name, value in variables.items():
            # A recording passes on the key that the program has.
            if not (is_recording and name.endswith("_KEY")):
                output.say(f"export {name}={value}")
        output.say(f"flagbench proxy: {cassette} at {address} (Ctrl-C ends it)", err=True)

    served = standalone.serve(
        cassette,
        base_url=base_url,
        secrets=scrub.secrets_of(os.environ),
        port=port,
        waits=not no_wait,
        on_ready=ready,
        on_problem=lambda problem: output.say(f"flagbench: {problem}", err=True),
    )
    output.say(f"flagbench proxy: {served}", err=True)
    if served.refused:
        raise CouldNotRun(Problem(f"{served.refused} requests had no answer"))
