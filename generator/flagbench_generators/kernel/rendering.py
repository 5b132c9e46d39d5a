"""Text of a file from its template, and its size in tokens."""

from collections.abc import Sequence
from functools import lru_cache

import jinja2

from flagbench_generators.kernel.formatting import format_code
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.token_counter import count_tokens

# Expected of a file that no template writes: the seed's 14,800 tokens for 31 files.
TOKENS_WITHOUT_TEMPLATE = 477


def rendered(job: Job, prompts: PromptBuilder) -> str:
    """Render the template of a job. Raises jinja2's errors."""
    texts = prompts.texts
    text = _render(texts.templates, texts.template_variable, prompts.template(job), job.spec)
    return format_code(text) if job.path.endswith(".py") else text


def expected_tokens(jobs: Sequence[Job], prompts: PromptBuilder) -> int:
    """The expected size of an answer with files: that of their templates."""
    return sum(_template_tokens(job, prompts) for job in jobs)


def _template_tokens(job: Job, prompts: PromptBuilder) -> int:
    try:
        return count_tokens(rendered(job, prompts))
    except jinja2.TemplateError:
        return TOKENS_WITHOUT_TEMPLATE


@lru_cache(maxsize=1024)  # pure, and the sessions of a benchmark render the same entities
def _render(
    templates: jinja2.Environment, template_variable: str, name: str, spec: RequestSpec
) -> str:
    return templates.get_template(name).render({template_variable: spec})
