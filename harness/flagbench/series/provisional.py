"""Known facts of a series whose requests are not all recorded."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from flagbench import known_amounts
from flagbench.measurement.cell_result import CellResult
from flagbench.measurement.changed_calls import ChangedCall
from flagbench.measurement.summary import Summary


class ToRecord(NamedTuple):
    """A call that a recording would send: its tokens, dollars and seconds, if its answer stayed.

    None is unknown. Trial, digest and occurrence tell it from the others of its scenario.
    """

    trial: int
    digest: str
    occurrence: int
    tokens: int
    usd: float | None
    seconds: float | None


class Cost(NamedTuple):
    """The cost of a recording; `usd` and `seconds` are None where a part of them is unknown."""

    requests: int
    tokens: int
    usd: float | None
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Provisional:
    """Known facts of a series without recording its changed requests. Amounts are per trial.

    `prompt_tokens` are exact for the prompts as they are now, `recorded_prompt_tokens` for the
    recorded ones at the same calls; None where a tokenizer did not count them. `metrics` hold if
    the answers stayed as they were. `unmatched` are the changed calls without a counterpart of
    their agent and phase, which the nearest answer by content was played for. `beyond` are the
    differences from the accepted trace apart from prompts, None without such a trace; `before` are
    those before the first changed call. `broken` are the targets that would be missed. `to_record`
    are the calls that `record_command` would send, those of the control included.
    """

    calls: int
    changed: int
    prompt_tokens: float | None
    recorded_prompt_tokens: float | None
    metrics: Mapping[str, float]
    unmatched: Sequence[str]
    beyond: Sequence[str] | None
    before: Sequence[str]
    broken: Sequence[str]
    to_record: Sequence[ToRecord]
    record_command: str

    @property
    def prompt_change(self) -> float | None:
        """The relative change of the prompt tokens at the same calls."""
        if self.prompt_tokens is None or not self.recorded_prompt_tokens:
            return None
        return self.prompt_tokens / self.recorded_prompt_tokens - 1


def provisional(
    changed: Sequence[ChangedCall],
    of_control: Iterable[ChangedCall],
    cells: Sequence[CellResult],
    *,
    summary: Summary,
    record_command: str,
    beyond: Sequence[str] | None,
    before: Iterable[str],
    broken: Sequence[str],
) -> Provisional:
    """Put together what the cells of a series and of its control show."""
    now = known_amounts.total(call.prompt_tokens for call in changed)
    was = known_amounts.total(call.recorded_prompt_tokens for call in changed)
    prompt_tokens = sum(cell.prompt_tokens for cell in cells)
    more = None if now is None or was is None else now - was
    calls = {call_to_record(call): None for call in (*changed, *of_control)}
    return Provisional(
        calls=sum(cell.calls for cell in cells),
        changed=len(changed),
        prompt_tokens=None if more is None else prompt_tokens / len(cells),
        recorded_prompt_tokens=None if more is None else (prompt_tokens - more) / len(cells),
        metrics=dict(summary.metrics),
        unmatched=[
            f"{call.agent or 'the subject'}, {call.phase or 'call'}, request {call.request} of "
            f"trial {call.trial}"
            for call in changed
            if call.is_nearest
        ],
        beyond=beyond,
        before=list(dict.fromkeys(before)),
        broken=broken,
        to_record=list(calls),
        record_command=record_command,
    )


def call_to_record(call: ChangedCall) -> ToRecord:
    """The changed call as a part of a recording's cost."""
    return ToRecord(call.trial, call.digest, call.occurrence, call.tokens, call.usd, call.seconds)


def cost_of(calls: Iterable[ToRecord]) -> Cost:
    """The cost of recording the calls of some series of a scenario, equal ones once."""
    distinct = {call[:3]: call for call in calls}.values()
    return Cost(
        len(distinct),
        sum(call.tokens for call in distinct),
        known_amounts.total(call.usd for call in distinct),
        known_amounts.total(call.seconds for call in distinct),
    )
