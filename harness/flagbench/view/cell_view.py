"""A cell as it is shown: its calls and decisions in time, its files with what was proven."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from flagbench.cassette.cassette import Interaction
from flagbench.cassette.usage.token_usage import Amount, TokenUsage
from flagbench.measurement import event_details
from flagbench.measurement.cell_result import CellResult, RefutedArtifact
from flagbench.measurement.trace import agent_of, request_numbers
from flagbench.run.cell_run import Call, CellRun
from flagbench.view import conversation
from flagbench.view.conversation import Message

_LINE = re.compile(r"\bline (\d+)\b")


@dataclass(frozen=True, slots=True)
class CallView:
    """A call of a cell, at `place` of its recording. `digest` is equal for equal requests.

    Times are on the cell's clock; the latency in `seconds` is None where it is unknown. `trial` is
    0, since calls of two cells are compared whatever their trials.
    """

    digest: str
    place: int
    request: int
    agent: str
    what: str
    started_seconds: float
    ended_seconds: float
    seconds: float | None
    outcome: str
    tokens: int | None
    prompt_tokens: str
    completion_tokens: str
    prompt: Sequence[Message]
    answer: Sequence[Message]
    trial: int = 0

    @property
    def prompt_text(self) -> str:
        """The prompt as lines, each message after a line with its role."""
        return "\n".join(f"[{message.role}]\n{message.text}" for message in self.prompt)

    @property
    def answer_text(self) -> str:
        """The answer as lines."""
        return "\n".join(message.text for message in self.answer)


@dataclass(frozen=True, slots=True)
class Decision:
    """An event of the subject at `started_seconds`, with the values that it decided on."""

    request: int
    agent: str
    name: str
    started_seconds: float
    detail: str


@dataclass(frozen=True, slots=True)
class FileView:
    """A generated file. `proof` is "accepted", "refuted" or "not judged".

    `check` and `message` are those of the first failed check, `line` is that of the defect, 0 where
    the message names none.
    """

    request: int
    path: str
    text: str
    approved: bool | None
    proof: str
    check: str
    message: str
    line: int


@dataclass(frozen=True, slots=True)
class CellView:
    """A cell, with its stored row and what a replay of it shows."""

    row: CellResult
    seconds: float
    steps: Sequence[CallView | Decision]
    files: Sequence[FileView]

    @property
    def calls(self) -> list[CallView]:
        """The calls, by their start."""
        return [step for step in self.steps if isinstance(step, CallView)]


def view_of(run: CellRun, row: CellResult) -> CellView:
    """Join the replay of a cell with its stored row, which has the proofs."""
    number = request_numbers(run.calls, run.events, run.outcome.artifacts)
    steps: list[CallView | Decision] = [_call(call, number) for call in run.calls]
    for timed in run.events:
        event = timed.event
        if event.name != event_details.CALL_EVENT:
            detail = event_details.detail(event) or str(event.fields.get("message", ""))
            at = round(timed.seconds, 6)
            steps.append(
                Decision(number[event.request_id], agent_of(event.fields), event.name, at, detail)
            )
    steps.sort(key=lambda step: step.started_seconds)  # a call before the decisions of its start
    return CellView(row, run.seconds, steps, list(_files(run, row, number)))


def recorded_call(interaction: Interaction, place: int) -> CallView:
    """A call of a recording, of which no cell says whose it is."""
    seconds = interaction.elapsed_seconds or 0.0
    return _call(Call("", "", "", interaction, place, 0.0, seconds), {"": place + 1})


def _call(call: Call, number: Mapping[str, int]) -> CallView:
    usage, failure = call.interaction.known_usage, call.interaction.failure
    if isinstance(usage, TokenUsage):
        tokens, amounts = usage.tokens, (_amount(usage.prompt), _amount(usage.completion))
    else:
        tokens, amounts = None, (usage.reason, usage.reason)
    return CallView(
        digest=call.interaction.key,
        place=call.place,
        request=number[call.request_id],
        agent=call.agent,
        what=call.phase,
        started_seconds=round(call.started_seconds, 6),
        ended_seconds=round(call.ended_seconds, 6),
        seconds=None
        if call.interaction.elapsed_seconds is None
        else round(call.ended_seconds - call.started_seconds, 6),
        outcome="cancelled" if call.cancelled else failure or "answered",
        tokens=tokens,
        prompt_tokens=amounts[0],
        completion_tokens=amounts[1],
        prompt=conversation.prompt_of(call.interaction),
        answer=conversation.answer_of(call.interaction),
    )


def _amount(amount: Amount) -> str:
    """The tokens that count, and both figures where provider and count differ."""
    counted, reported = amount.counted, amount.reported
    if counted is None or reported is None or counted == reported:
        return f"{amount.tokens:,} {amount.source.value}"
    return f"{counted:,} counted, {reported:,} reported"


def _files(run: CellRun, row: CellResult, number: Mapping[str, int]) -> Iterator[FileView]:
    is_judged = "acceptance_rate" in row.rates
    for artifact in run.outcome.artifacts:
        request = number[artifact.request_id]
        failed = _failure(artifact.path, [each for each in row.refuted if each.request == request])
        named = _LINE.search(failed.message) if failed and failed.file == artifact.path else None
        yield FileView(
            request=request,
            path=artifact.path,
            text=artifact.text,
            approved=artifact.approved,
            proof="refuted" if failed else "accepted" if is_judged else "not judged",
            check=failed.check if failed else "",
            message=failed.message if failed else "",
            line=int(named[1]) if named else 0,
        )


def _failure(path: str, refuted: Sequence[RefutedArtifact]) -> RefutedArtifact | None:
    """The refutation of a file: its own, or that of the project that it is part of."""
    own = (each for each in refuted if each.file == path)
    whole = (each for each in refuted if path.startswith(f"{each.path}/"))
    return next(chain(own, whole), None)
