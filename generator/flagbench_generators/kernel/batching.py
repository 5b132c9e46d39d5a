"""Files of several jobs written in one call, within the budget of their agent."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Protocol, runtime_checkable

import jinja2

from flagbench_generators.kernel import events
from flagbench_generators.kernel.budget import Budget, OverBudget, account_of
from flagbench_generators.kernel.drafting import rendered
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.formatting import file_of, split_files
from flagbench_generators.kernel.llm import CallFailed, Prompt
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.token_counter import count_tokens, prompt_tokens
from flagbench_generators.kernel.tools import Tools

# Expected of a file that no template writes: the seed's 14,800 tokens for 31 files.
TOKENS_WITHOUT_TEMPLATE = 477

Written = Mapping[str, str | CallFailed]


@runtime_checkable
class BatchPrompts(Protocol):
    """A builder of prompts for several jobs."""

    compressed: bool

    def together(self, jobs: Sequence[Job], *, compressed: bool, without: frozenset[str]) -> Prompt:
        """Build the prompt; files of `without` are left out of its context."""


async def write_together(jobs: Sequence[Job], tools: Tools, trace: Trace) -> Written:
    """Have the model write files in one call; return each, or the failure, by kind.

    What does not fit into the agent's budget is compressed, then dropped: context first, then the
    last jobs. A file that is missing in the answer is asked for alone.
    """
    kept, prompt = _fit(jobs, tools, trace)
    written: dict[str, str | CallFailed] = {
        job.agent.kind: OverBudget("the agent's budget is used up") for job in jobs[len(kept) :]
    }
    if prompt is None:
        return written
    caller, paths = jobs[0].agent.caller, [job.path for job in kept]
    ask = partial(tools.ask, agent=caller, phase="generate", trace=trace)
    size = _answer_tokens(kept, tools)
    try:
        if len(kept) == 1:
            read = partial(file_of, path=paths[0])
            files = {paths[0]: await ask(prompt, read, answer_tokens=size)}
        else:
            split = partial(split_files, paths=paths)
            files = await ask(prompt, split, answer_tokens=size, keeps_part=True)
    except CallFailed as failure:
        return written | {job.agent.kind: failure for job in kept}
    # A file that is missing is asked for alone in any case: its prompt counts with that call.
    alone = sum(prompt_tokens(_prompt(tools, [job])) for job in kept if job.path in files)
    trace(
        events.BATCH_SENT, agent=caller, components=len(kept), prompt_tokens=prompt_tokens(prompt),
        alone_tokens=alone,
    )  # fmt: skip
    for job in kept:
        if job.path in files:
            written[job.agent.kind] = files[job.path]
        else:
            trace(events.COMPONENT_MISSING, kind=job.agent.kind)
            written |= await write_together([job], tools, trace)
    return written


def _fit(jobs: Sequence[Job], tools: Tools, trace: Trace) -> tuple[Sequence[Job], Prompt | None]:
    """Return the jobs that fit into the budget, with their prompt; None if no job fits."""
    caller, budget = jobs[0].agent.caller, tools.budget or Budget(None)
    account, builder = account_of(caller, trace), _builder(tools)

    def fits(prompt: Prompt, kept: Sequence[Job]) -> bool:
        return budget.fits(account, prompt, _answer_tokens(kept, tools))

    prompt = _prompt(tools, jobs)
    if fits(prompt, jobs):
        return jobs, prompt
    if not builder.compressed:
        trace(events.CONTEXT_COMPRESSED, agent=caller, components=len(jobs))
        prompt = builder.together(jobs, compressed=True, without=frozenset())
        if fits(prompt, jobs):
            return jobs, prompt
    without: frozenset[str] = frozenset()
    headings = dict.fromkeys(heading for job in jobs for heading, _ in job.context)
    for heading in reversed(headings):
        trace(events.CONTEXT_DROPPED, agent=caller, context=heading)
        without |= {heading}
        prompt = builder.together(jobs, compressed=True, without=without)
        if fits(prompt, jobs):
            return jobs, prompt
    for count in range(len(jobs) - 1, -1, -1):
        dropped = jobs[count]
        trace(events.COMPONENT_DROPPED, kind=dropped.agent.kind, agent=caller)
        if count == 0:
            break
        prompt = builder.together(jobs[:count], compressed=True, without=without)
        if fits(prompt, jobs[:count]):
            return jobs[:count], prompt
    return (), None


def _prompt(tools: Tools, jobs: Sequence[Job]) -> Prompt:
    builder = _builder(tools)
    return builder.together(jobs, compressed=builder.compressed, without=frozenset())


def _builder(tools: Tools) -> BatchPrompts:
    if not isinstance(tools.prompts, BatchPrompts):
        raise TypeError("the prompts of this system are for one file each")
    return tools.prompts


def _answer_tokens(jobs: Sequence[Job], tools: Tools) -> int:
    """The expected size of an answer, that of the templates of its files; 0 without a budget."""
    if tools.budget is None or tools.budget.limit is None:
        return 0
    return sum(_template_tokens(job, tools) for job in jobs)


def _template_tokens(job: Job, tools: Tools) -> int:
    try:
        return count_tokens(rendered(job, tools.prompts))
    except jinja2.TemplateError:
        return TOKENS_WITHOUT_TEMPLATE
