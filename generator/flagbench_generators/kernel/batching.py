"""Files of several jobs written in one call, within the budget of their agent."""

from collections.abc import Mapping, Sequence
from functools import partial

from flagbench_generators.kernel import events
from flagbench_generators.kernel.budget import OverBudget
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.fitting import batch_prompts, fit
from flagbench_generators.kernel.formatting import file_of, split_files
from flagbench_generators.kernel.llm import CallFailed
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.token_counter import prompt_tokens
from flagbench_generators.kernel.tools import Tools

Written = Mapping[str, str | CallFailed]


async def write_together(jobs: Sequence[Job], tools: Tools, trace: Trace) -> Written:
    """Have the model write files in one call; return each, or the failure, by kind.

    Jobs are in the order of their priority, in which they get the budget. A file that is missing in
    the answer is asked for alone.
    """
    call = fit(jobs, tools, trace)
    kept = [job.agent.kind for job in call.jobs] if call else []
    written: dict[str, str | CallFailed] = {
        job.agent.kind: OverBudget("the agent's budget is used up")
        for job in jobs
        if job.agent.kind not in kept
    }
    if call is None:
        return written
    caller, paths = jobs[0].agent.caller, [job.path for job in call.jobs]
    ask = partial(
        tools.ask, call.prompt, agent=caller, phase="generate", trace=trace,
        answer_tokens=call.answer_tokens,
    )  # fmt: skip
    try:
        if len(paths) == 1:
            files = {paths[0]: await ask(partial(file_of, path=paths[0]))}
        else:
            files = await ask(partial(split_files, paths=paths), keeps_part=True)
    except OverBudget:  # answers of no use have taken what was left: less of it is asked for
        again = [job for job in jobs if job.agent.kind in kept]
        return {**written, **await write_together(again, tools, trace)}
    except CallFailed as failure:
        return {**written, **dict.fromkeys(kept, failure)}
    # A file that is missing is asked for alone in any case: its prompt counts with that call.
    alone = sum(
        prompt_tokens(batch_prompts(tools).together([job], short=call.short))
        for job in call.jobs
        if job.path in files
    )
    trace(
        events.BATCH_SENT, agent=caller, components=len(paths),
        prompt_tokens=prompt_tokens(call.prompt), alone_tokens=alone,
    )  # fmt: skip
    for job in jobs:
        if job.path in files:
            written[job.agent.kind] = files[job.path]
        elif job.agent.kind in kept:
            trace(events.COMPONENT_MISSING, kind=job.agent.kind)
            written |= await write_together([job], tools, trace)
    return written
