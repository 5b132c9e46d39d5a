"""An artifact's text: from a template where one can write it, else from the model."""

from functools import lru_cache

import jinja2

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.formatting import cleaned, formatted
from flagbench_generators.kernel.patching import PatchRefused, patched
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder, Rejection
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.tools import Tools


def from_template(job: Job, briefs: PromptBuilder, trace: Trace) -> str | None:
    """The file as its template writes it, or None with the reason told."""
    reason = job.asked.beyond_templates
    if reason is None:
        try:
            text = formatted(
                _rendered(briefs.texts.templates, briefs.texts.seen_as, job.agent.kind, job.asked)
            )
        except Exception as error:  # a template may fail in any way; the model then writes the file
            reason = f"template: {error}"
        else:
            trace(events.TEMPLATE_SELECTED, kind=job.agent.kind)
            return text
    trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason=reason)
    return None


@lru_cache(maxsize=1024)  # pure, and the sessions of a benchmark render the same entities
def _rendered(templates: jinja2.Environment, seen_as: str, kind: str, asked: RequestSpec) -> str:
    return templates.get_template(f"{kind}.py.j2").render({seen_as: asked})


async def from_model(
    job: Job, tools: Tools, trace: Trace, rejection: Rejection | None = None
) -> str:
    """The file as the model writes it, or writes it again. Raises `CallFailed`."""
    phase = "regenerate" if rejection else "generate"
    prompt = tools.briefs.make(job, rejection)
    return await tools.ask(prompt, cleaned, agent=job.agent.kind, phase=phase, trace=trace)


async def mended(job: Job, tools: Tools, trace: Trace, rejection: Rejection) -> str:
    """The rejected file with a patch for what review named, or written again if none applies.

    The policy says whether it is patched, and whether who writes it again is told what was wrong.
    Raises `CallFailed`.
    """
    if tools.policy.patches and rejection.text.strip():
        prompt = tools.briefs.patch(job, rejection)
        answer = await tools.ask(prompt, str, agent=job.agent.kind, phase="patch", trace=trace)
        try:
            return formatted(patched(rejection.text, answer))
        except PatchRefused as refused:
            trace(events.PATCH_FALLBACK, kind=job.agent.kind, reason=str(refused))
    return await from_model(job, tools, trace, rejection if tools.policy.names_issues else None)
