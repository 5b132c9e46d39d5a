"""`flagbench canary`: a few recorded requests, sent again to the real endpoint."""

import json
import math
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from flagbench import known_amounts, writable
from flagbench.cassette import address, scrub
from flagbench.cli import endpoint_url
from flagbench.cli.output import say
from flagbench.cli.progress_bar import tracked
from flagbench.errors import ExitCode, InputError, Problem
from flagbench.measurement import prices
from flagbench.plain_console import plain_console
from flagbench.printable import printable_line
from flagbench.run.credentials import key_for, variables_for
from flagbench.run.interrupts import interruptible
from flagbench.run.recording import Endpoint
from flagbench.series import canary as series
from flagbench.series.canary import Drift, Question
from flagbench.shown_numbers import rate

_SCHEMA = 1


@click.command()
@click.argument("cassettes", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--base-url", envvar="OPENAI_BASE_URL", show_envvar=True, required=True,
              help="Endpoint of any vendor; the key is OPENAI_API_KEY, or the vendor's variable.",
              )  # fmt: skip
@click.option("--calls", type=click.IntRange(1, 1000), default=10, show_default=True,
              help="Requests to send.")  # fmt: skip
@click.option("--budget-usd", type=click.FloatRange(min=0), metavar="USD",
              help="Send no more than what this paid for when it was recorded.")  # fmt: skip
@click.option("--prices", "table", type=click.Path(path_type=Path, exists=True),
              help="Price table of the budget. [default: flagbench's]")  # fmt: skip
@click.option("--seed", type=int, help="Choice of requests. [default: the day, in UTC]")
@click.option("--history", type=click.Path(path_type=Path, dir_okay=False),
              help="File to add a line of JSON to, a run each.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask before paying.")
@interruptible("the answers that came are shown")
def canary(
    cassettes: Sequence[Path],
    base_url: str,
    calls: int,
    budget_usd: float | None,
    table: Path | None,
    seed: int | None,
    history: Path | None,
    yes: bool,
) -> None:
    """Send recorded requests again, and hold the answers beside the recorded ones.

    CASSETTES are files or folders of them. Nothing of it enters a cassette or a baseline. Answers,
    their lengths and latencies vary by luck, and are shown. Another status, another name of the
    model, or other prompt tokens for the same prompt are drift.

    \b
    flagbench canary cassettes/openai --base-url https://api.openai.com/v1 --calls 5 --yes
    flagbench canary cassettes/mine --budget-usd 0.01 --history reports/canary.jsonl --yes

    Exit codes: 0 no drift, 1 drift, 2 wrong usage or input, 3 an answer did not come.
    """
    known = series.questions(cassettes)
    if not known:
        what = "no answered call of a model in these cassettes"
        raise InputError(Problem(what, where=", ".join(map(str, cassettes))))
    key = key_for(endpoint_url.checked(base_url), os.environ)
    if not key:
        name, *_ = variables_for(base_url)
        fix = f"export {name}=… (any text for a server without keys)"
        raise InputError(Problem(f"{name} is not set", fix=fix))
    now = datetime.now(UTC)
    known_prices = prices.table(table) if table else prices.table()
    try:
        asked = series.chosen(
            known, calls, now.toordinal() if seed is None else seed, budget_usd, known_prices
        )
    except ValueError as error:
        fix = "a price table of its model (--prices), or no budget"
        raise InputError(Problem(str(error), fix=fix)) from error
    if not asked:
        raise InputError(Problem("no call fits into the budget", where="--budget-usd"))
    if history:
        writable.check_appended(history, "--history")
    console = plain_console(stderr=True)
    if not yes:
        _ask(console, asked, known_prices)
    endpoint = Endpoint(
        base_url, key, scrub.secrets_of(os.environ, key, *address.keys_of(base_url))
    )
    drifts = list[Drift]()
    try:
        again = series.ask_again(asked, endpoint)
        with tracked(again, "asking", len(asked), console) as answered:
            for drift in answered:
                drifts.append(drift)
    finally:
        _show(drifts)
        if history:
            history.parent.mkdir(parents=True, exist_ok=True)
            with history.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(_line(drifts, now), allow_nan=False) + "\n")
    raise SystemExit(ExitCode.BROKEN if any(drift.is_drift for drift in drifts) else ExitCode.KEPT)


def _ask(console: Console, asked: Sequence[Question], table: Sequence[prices.Price]) -> None:
    if not sys.stdin.isatty():
        expected = "--yes where nobody can answer"
        raise InputError(Problem("these requests would be paid for", expected=expected))
    usd = known_amounts.total(question.usd(table) for question in asked)
    cost = "unknown" if usd is None else f"about US${usd:.4f}"
    console.print(f"{len(asked)} requests are sent and paid for; their cost is {cost}.")
    click.confirm("Send?", abort=True, err=True)


def _show(drifts: Sequence[Drift]) -> None:
    for drift in drifts:
        say(printable_line(_words(drift)))
    found = sum(drift.is_drift for drift in drifts)
    latency = _ratio(drift.seconds for drift in drifts)
    length = _ratio(drift.completion_tokens for drift in drifts)
    say(
        f"{len(drifts)} calls, {found} with drift; of what was recorded: latency {latency}, length "
        f"of answers {length} (geometric means)"
    )


def _words(drift: Drift) -> str:
    """A call in a line, for example `same  student/1:3: 200, gpt-4o, prompt 812, …`."""
    path, place = drift.question.cassette, drift.question.place + 1
    seconds = tuple(None if x is None else round(x, 3) for x in drift.seconds)
    parts = (
        _change(drift.question.recorded.status, drift.now.status),
        _change(*drift.models),
        f"prompt {_change(*drift.prompt_tokens)}",
        f"answer {_change(*drift.completion_tokens)} tokens, {rate(drift.similarity)} alike",
        f"{_change(*seconds)} s",
    )
    verdict = "DRIFT" if drift.is_drift else "same "
    return f"{verdict} {path.parent.name}/{path.stem}:{place}: {', '.join(parts)}"


def _change(then: object, now: object) -> str:
    texts = ["?" if value in (None, "") else str(value) for value in (then, now)]
    return texts[0] if texts[0] == texts[1] else " → ".join(texts)


def _ratio(pairs: Any) -> str:
    logs = [math.log(now / then) for then, now in pairs if then and now]
    return f"{math.exp(math.fsum(logs) / len(logs)):.0%}" if logs else "unknown"


def _line(drifts: Sequence[Drift], now: datetime) -> dict[str, Any]:
    return {
        "schema_version": _SCHEMA,
        "at": now.isoformat(timespec="seconds"),
        "calls": [
            {
                "cassette": str(drift.question.cassette),
                "interaction": drift.question.place + 1,
                "status": [drift.question.recorded.status, drift.now.status],
                "model": drift.models,
                "prompt_tokens": drift.prompt_tokens,
                "completion_tokens": drift.completion_tokens,
                "seconds": drift.seconds,
                "similarity": round(drift.similarity, 4),
                "drift": drift.is_drift,
            }
            for drift in drifts
        ],
    }
