"""Briefs, the files that templates write for them, and a model that answers with these files."""

import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

from scripted import Answer, Call, Heard, ScriptedModel, run

from flagbench_generators.enterprise.agents import agents_of
from flagbench_generators.enterprise.project import Project
from flagbench_generators.enterprise.prompts import EnterprisePrompts, texts
from flagbench_generators.enterprise.read_brief import read_brief
from flagbench_generators.enterprise.result import Outcome
from flagbench_generators.enterprise.subject import enterprise
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.rendering import rendered

AGENTS = ("core", "security", "devops", "documentation", "monitoring", "testing")
OFF = {
    "MAX_PARALLEL_AGENTS": "1",
    "BATCH_SIZE": "1",
    "TOKEN_BUDGET_PER_AGENT": "off",
    "ENABLE_CACHING": "false",
    "PRIORITIZE_CORE_COMPONENTS": "false",
    "ENABLE_CONTEXT_COMPRESSION": "false",
    "ENABLE_TEMPLATE_FALLBACK": "false",
}
FULL = {**OFF, "BATCH_SIZE": "5", "PRIORITIZE_CORE_COMPONENTS": "true"}


def brief(
    framework: str = "FastAPI",
    *,
    name: str = "shop",
    scale: str = "enterprise",
    deployment: str = "kubernetes",
    domain: str = "e-commerce",
    compliance: str = "GDPR",
    components: str = "",
) -> str:
    """Write a brief."""
    language = "JavaScript" if framework == "Express" else "Python"
    return f"""\
name: {name}
tech_stack: {{language: {language}, framework: {framework}}}
system_design: {{scale: {scale}, deployment: {deployment}}}
requirements_analysis:
  domain: {domain}
  compliance: [{compliance}]
  components: [{components}]
"""


SHOP = brief()
REVIEW = "{name: Review, fields: {rating: integer, product: Product}}"


@cache
def files_of(text: str) -> Mapping[str, str]:
    """The files of the templates by path."""
    project = read_brief(text)
    return {job.path: rendered(job, builder()) for job in jobs_of(project)}


def builder(*, compressed: bool = True) -> EnterprisePrompts:
    """A builder of prompts."""
    return EnterprisePrompts(texts(), compressed)


def jobs_of(project: Project) -> list[Job]:
    """A job without context for each component."""
    return [Job(agent, project, "", (), "") for agent in agents_of(project)]


def asked(call: Call) -> list[str]:
    """The paths of the components that a call asks for."""
    listed = call.user.partition("# Components")[2].partition("# Brief")[0]
    return re.findall(r"^- (\S+): ", listed, re.MULTILINE)


def answer_with(files: Mapping[str, str], paths: Sequence[str]) -> str:
    """The answer of a model that writes these files."""
    if len(paths) == 1:
        return f"````\n{files[paths[0]]}````\n"
    return "\n".join(f"### {path}\n\n````\n{files[path]}````\n" for path in paths)


class BackendModel(ScriptedModel):
    """A model that answers with the files of the templates, or as `spoil` wants."""

    def __init__(
        self, text: str = SHOP, spoil: Callable[[Call], Answer | None] = lambda _: None
    ) -> None:
        super().__init__()
        self._files = files_of(text)
        self._spoil = spoil

    def _answer(self, call: Call) -> Answer:
        return self._spoil(call) or Answer(answer_with(self._files, asked(call)))


def session(
    model: ScriptedModel,
    workdir: Path,
    flags: Mapping[str, str] = FULL,
    requests: Sequence[str] = (SHOP,),
) -> tuple[Outcome, Heard, float]:
    """Run a session; return its outcome, its events, and its seconds."""
    heard = Heard()
    made, seconds = run(
        enterprise(
            requests, flags, model.client(), model="scripted", workdir=workdir, listener=heard
        )
    )
    return made, heard, seconds
