"""Calls and decisions of a cell with their cost, by which a difference of two cells is split."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, get_type_hints
from urllib.parse import quote, unquote

from flagbench.cassette.usage.token_usage import TokenUsage
from flagbench.measurement import event_details
from flagbench.measurement.prices import Price, price_of
from flagbench.measurement.trace import DIGEST_DIGITS, agent_of, request_numbers
from flagbench.measurement.trace_rows import CUT_OFF, CostedStep
from flagbench.run.cell_run import CellRun

_USD_DECIMALS = 12
_SECONDS_DECIMALS = 6


def costed_steps(
    run: CellRun, trial: int, model: str, prices: Sequence[Price]
) -> Iterator[CostedStep]:
    """The calls of models and the decisions of a cell."""
    number = request_numbers(run.calls, run.events, run.outcome.artifacts)
    for call in run.model_calls:
        recorded, usage = call.interaction, call.interaction.usage
        prompt_usd, completion_usd = _dollars(usage, model, prices)
        seconds = recorded.elapsed_seconds
        yield CostedStep(
            trial,
            number[call.request_id],
            call.agent,
            call.phase,
            recorded.key[:DIGEST_DIGITS],
            usage.prompt_tokens,
            usage.completion_tokens,
            None if seconds is None else round(seconds, _SECONDS_DECIMALS),
            prompt_usd,
            completion_usd,
            recorded.failure or (CUT_OFF if usage.finish_reason == CUT_OFF else ""),
        )
    for timed in run.events:
        event = timed.event
        if event.name not in event_details.NO_STEPS:
            yield CostedStep(trial, number[event.request_id], agent_of(event.fields), event.name)


def packed(steps: Iterable[CostedStep]) -> str:
    """The steps as text, a third of what they take as JSON: thousands of cells are kept."""
    return ",".join(" ".join(map(_word, step)).rstrip(" -") for step in steps)


def unpacked(text: str) -> list[CostedStep]:
    """The steps of such a text. Raises `ValueError` for any other text."""
    return [_step(line.split(" ")) for line in text.split(",")] if text else []


def _word(value: object) -> str:
    if value is None or value == "":
        return "-"
    if isinstance(value, str):
        # Half a surrogate pair is text too, and "-" stands for nothing.
        return quote(value, safe="", errors="surrogatepass").replace("-", "%2D")
    return repr(value)


def _step(words: Sequence[str]) -> CostedStep:
    values: list[Any] = []
    types = get_type_hints(CostedStep)
    for (name, kind), word in zip(types.items(), words, strict=False):
        if word == "-":
            values.append("" if kind is str else None)
        elif kind is str:
            values.append(unquote(word, errors="surrogatepass"))
        else:
            values.append(int(word) if kind is int else float(word))
        if values[-1] is None and name in ("trial", "request"):
            raise ValueError(f"a step without its {name}")
    return CostedStep(*values)


def _dollars(
    usage: TokenUsage, model: str, prices: Sequence[Price]
) -> tuple[float, float] | tuple[None, None]:
    """The dollars of the prompt and of the completion, unknown without a price."""
    if not usage.is_billed:
        return 0.0, 0.0
    price = price_of(usage.model or model, prices)
    cached = usage.cached_prompt_tokens or 0
    if price is None or (cached and price.cached_input is None):
        return None, None
    prompt = price.usd(usage.prompt_tokens, 0, cached=cached)
    completion = price.usd(0, usage.completion_tokens, reasoning=usage.reasoning_tokens or 0)
    return round(prompt, _USD_DECIMALS), round(completion, _USD_DECIMALS)
