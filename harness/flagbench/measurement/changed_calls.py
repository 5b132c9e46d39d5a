"""Calls of a provisional replay that a counterpart answered, with their tokens and costs."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flagbench.cassette import prompts
from flagbench.cassette.cassette import Cassette
from flagbench.cassette.usage.token_usage import Source
from flagbench.cassette.vcr_adapter import NEAREST
from flagbench.measurement.dollars import dollars_of
from flagbench.measurement.prices import Price
from flagbench.measurement.trace import DIGEST_DIGITS, request_numbers
from flagbench.run.cell_run import CellRun


@dataclass(frozen=True, slots=True)
class ChangedCall:
    """A call whose request is not recorded; `occurrence` counts equal ones of a cell from 0.

    `request` is the number of the session's request. `prompt_tokens` are those of the new prompt,
    `recorded_prompt_tokens` those of its counterpart's; None where a tokenizer did not count both.
    Its other figures are the counterpart's: `tokens` of prompt and answer, `seconds`, `usd`.
    `prompt` has the lines of the new one.
    """

    trial: int
    request: int
    agent: str
    phase: str
    is_nearest: bool
    digest: str
    occurrence: int
    prompt_tokens: int | None
    recorded_prompt_tokens: int | None
    tokens: int
    usd: float | None
    seconds: float | None
    prompt: Sequence[str]


def changed_calls(
    run: CellRun, trial: int, cassette: Cassette, model: str, prices: Sequence[Price]
) -> Iterator[ChangedCall]:
    """The calls of a cell that a counterpart answered. Raises `CouldNotRun` for unknown tokens."""
    number = request_numbers(run.calls, run.events, run.outcome.artifacts)
    seen = Counter[str]()
    for call in run.calls:
        if not call.counterpart:
            continue
        sent, recorded = call.interaction, cassette.interactions[call.place]
        is_counted = {sent.usage.prompt.source, recorded.usage.prompt.source} == {Source.COUNTED}
        yield ChangedCall(
            trial=trial,
            request=number[call.request_id],
            agent=call.agent,
            phase=call.phase,
            is_nearest=call.counterpart == NEAREST,
            digest=sent.key[:DIGEST_DIGITS],
            occurrence=seen[sent.key],
            prompt_tokens=sent.usage.prompt_tokens if is_counted else None,
            recorded_prompt_tokens=recorded.usage.prompt_tokens if is_counted else None,
            tokens=sent.usage.tokens,
            usd=dollars_of([sent.usage], model, prices).usd,
            seconds=recorded.elapsed_seconds,
            prompt=prompts.lines_of(sent),
        )
        seen[sent.key] += 1
