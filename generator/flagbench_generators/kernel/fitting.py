"""Calls that fit into what is left of an agent's budget: compressed, or with less in them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from flagbench_generators.kernel import events
from flagbench_generators.kernel.budget import Budget, account_of
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.llm import Prompt
from flagbench_generators.kernel.prompt_builder import Job, Rejection
from flagbench_generators.kernel.rendering import expected_tokens
from flagbench_generators.kernel.tools import Tools


@runtime_checkable
class BatchPrompts(Protocol):
    """A builder of prompts for several jobs."""

    compressed: bool

    def together(
        self,
        jobs: Sequence[Job],
        rejection: Rejection | None = None,
        *,
        short: frozenset[str] = frozenset(),
    ) -> Prompt:
        """Build the prompt; the kinds of `short` are compressed in it."""


@dataclass(frozen=True, slots=True)
class Call:
    """A call for files: its jobs as far as their context fits, the kinds that are compressed.

    `answer_tokens` are expected of its answer, 0 without a budget.
    """

    jobs: Sequence[Job]
    short: frozenset[str]
    prompt: Prompt
    answer_tokens: int


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that a call is sent without, as the event that tells it."""

    event: str
    kind: str
    fields: Mapping[str, str]


def fit(
    jobs: Sequence[Job], tools: Tools, trace: Trace, rejection: Rejection | None = None
) -> Call | None:
    """Return the call for as many jobs as the budget has room for; None if for none.

    Jobs get the budget in their order, which is their priority. One that does not fit beside those
    before it is compressed, then they are, the last first; then it is sent without its context, and
    at last dropped, while those before it stay as they were. Each step is an event.
    """
    builder, budget = batch_prompts(tools), tools.budget or Budget(None)
    agent = jobs[0].agent.caller
    account = account_of(agent, trace)

    def call(jobs: Sequence[Job], short: frozenset[str]) -> Call:
        size = 0 if budget.limit is None else expected_tokens(jobs, tools.prompts)
        return Call(jobs, short, builder.together(jobs, rejection, short=short), size)

    def fits(call: Call) -> bool:
        return budget.fits(account, call.prompt, call.answer_tokens)

    whole = call(jobs, frozenset())
    if fits(whole):
        return whole
    fitting: Call | None = None
    for job in jobs:
        kept = fitting or Call((), frozenset(), whole.prompt, 0)
        steps = list[_Step]()
        tried: Prompt | None = None
        for form, short, step in _forms(job, kept, compressed=builder.compressed):
            larger = call([*kept.jobs, form], short)
            if larger.prompt == tried:
                continue
            tried = larger.prompt
            steps += [step] if step else []
            if fits(larger):
                fitting = larger
                break
        else:
            dropped = _Step(events.COMPONENT_DROPPED, job.agent.kind, {})
            steps = [step for step in (*steps, dropped) if step.kind == job.agent.kind]
        for step in steps:
            trace(step.event, kind=step.kind, agent=agent, **step.fields)
    return fitting


def _forms(
    job: Job, kept: Call, *, compressed: bool
) -> Iterator[tuple[Job, frozenset[str], _Step | None]]:
    """Yield a job beside those kept in ever smaller forms, each with the step that leads to it."""
    short = kept.short
    yield job, short, None
    for other in () if compressed else (job, *reversed(kept.jobs)):
        kind = other.agent.kind
        if kind not in short:
            short |= {kind}
            yield job, short, _Step(events.CONTEXT_COMPRESSED, kind, {})
    for place in reversed(range(len(job.context))):
        heading, _ = job.context[place]
        step = _Step(events.CONTEXT_DROPPED, job.agent.kind, {"context": heading})
        yield replace(job, context=job.context[:place]), short, step


def batch_prompts(tools: Tools) -> BatchPrompts:
    """The builder of prompts for several jobs. Raises `TypeError` for another one."""
    if not isinstance(tools.prompts, BatchPrompts):
        raise TypeError("the prompts of this system are for one file each")
    return tools.prompts
