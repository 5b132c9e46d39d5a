"""Text of an artifact, from a template where possible, else from the model."""

from functools import lru_cache

import jinja2

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.formatting import code_of, format_code
from flagbench_generators.kernel.patching import PatchRefused, apply_patch
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder, Rejection
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.tools import Tools


def from_template(job: Job, prompts: PromptBuilder, trace: Trace) -> str | None:
    """Render the template of a job; return None, with an event, if that is not possible."""
    reason = job.spec.beyond_templates
    if reason is None:
        try:
            text = format_code(
                _render(
                    prompts.texts.templates,
                    prompts.texts.template_variable,
                    job.agent.kind,
                    job.spec,
                )
            )
        except Exception as error:  # a template may fail in any way; the model then writes the file
            reason = f"template: {error}"
        else:
            trace(events.TEMPLATE_SELECTED, kind=job.agent.kind)
            return text
    trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason=reason)
    return None


@lru_cache(maxsize=1024)  # pure, and the sessions of a benchmark render the same entities
def _render(
    templates: jinja2.Environment, template_variable: str, kind: str, spec: RequestSpec
) -> str:
    return templates.get_template(f"{kind}.py.j2").render({template_variable: spec})


async def from_model(
    job: Job, tools: Tools, trace: Trace, rejection: Rejection | None = None
) -> str:
    """Have the model write the file, again after a rejection. Raises `CallFailed`."""
    phase = "regenerate" if rejection else "generate"
    prompt = tools.prompts.make(job, rejection)
    return await tools.ask(prompt, code_of, agent=job.agent.kind, phase=phase, trace=trace)


async def repair(job: Job, tools: Tools, trace: Trace, rejection: Rejection) -> str:
    """Patch a rejected file, or have it written again if no patch applies.

    The policy decides whether a patch is requested and whether a rewrite gets the issues. Raises
    `CallFailed`.
    """
    if tools.policy.patches and rejection.text.strip():
        prompt = tools.prompts.patch(job, rejection)
        answer = await tools.ask(prompt, str, agent=job.agent.kind, phase="patch", trace=trace)
        try:
            return format_code(apply_patch(rejection.text, answer))
        except PatchRefused as refusal:
            trace(events.PATCH_FALLBACK, kind=job.agent.kind, reason=str(refusal))
    return await from_model(job, tools, trace, rejection if tools.policy.names_issues else None)
