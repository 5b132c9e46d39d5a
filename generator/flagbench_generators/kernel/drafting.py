"""Text of an artifact, from a template where possible, else from the model."""

from functools import partial

import jinja2

from flagbench_generators.kernel import events
from flagbench_generators.kernel.budget import OverBudget
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.fitting import BatchPrompts, fit
from flagbench_generators.kernel.formatting import file_of, format_code
from flagbench_generators.kernel.patching import PatchRefused, apply_patch
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder, Rejection
from flagbench_generators.kernel.rendering import rendered
from flagbench_generators.kernel.tools import Tools


def from_template(job: Job, prompts: PromptBuilder, trace: Trace) -> str | None:
    """Render the template of a job; return None, with an event, if that is not possible."""
    reason = job.spec.beyond_templates
    if reason is None:
        try:
            text = rendered(job, prompts)
        except Exception as error:  # a template may fail in any way; the model then writes the file
            reason = f"template: {error}"
        else:
            trace(events.TEMPLATE_SELECTED, kind=job.agent.kind)
            return text
    trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason=reason)
    return None


def simplified(job: Job, prompts: PromptBuilder, trace: Trace, reason: str) -> str:
    """Render the template of a job that the model failed to write, "" if that fails, too."""
    try:
        text = rendered(job, prompts)
    except jinja2.TemplateError as error:
        trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=f"template: {error}")
        return ""
    trace(events.SIMPLIFIED_TEMPLATE, kind=job.agent.kind, reason=reason)
    return text


async def from_model(
    job: Job, tools: Tools, trace: Trace, rejection: Rejection | None = None
) -> str:
    """Have the model write the file, again after a rejection. Raises `CallFailed`.

    A call for one of several files of an agent is within its budget, or is not sent.
    """
    phase = "regenerate" if rejection else "generate"
    read = partial(file_of, path=job.path)
    ask = partial(tools.ask, read=read, agent=job.agent.caller, phase=phase, trace=trace)
    if not isinstance(tools.prompts, BatchPrompts):
        return await ask(tools.prompts.make(job, rejection))
    while call := fit([job], tools, trace, rejection):
        try:
            return await ask(call.prompt, answer_tokens=call.answer_tokens)
        except OverBudget:  # answers of no use have taken what was left
            continue
    raise OverBudget("the agent's budget is used up")


async def repair(job: Job, tools: Tools, trace: Trace, rejection: Rejection) -> str:
    """Patch a rejected file, or have it written again if no patch applies.

    The policy decides whether a patch is requested and whether a rewrite gets the issues. Raises
    `CallFailed`.
    """
    if tools.policy.patches and rejection.text.strip():
        prompt = tools.prompts.patch(job, rejection)
        answer = await tools.ask(prompt, str, agent=job.agent.caller, phase="patch", trace=trace)
        try:
            return format_code(apply_patch(rejection.text, answer))
        except PatchRefused as refusal:
            trace(events.PATCH_FALLBACK, kind=job.agent.kind, reason=str(refusal))
    return await from_model(job, tools, trace, rejection if tools.policy.names_issues else None)
