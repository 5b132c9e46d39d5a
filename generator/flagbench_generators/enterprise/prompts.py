"""Prompts of the six agents: standards by component, and the brief as far as they need it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

import jinja2

from flagbench_generators.enterprise.agents import components, crews
from flagbench_generators.enterprise.digest import digest
from flagbench_generators.enterprise.project import project_of
from flagbench_generators.kernel.llm import Prompt
from flagbench_generators.kernel.pipeline import Texts, environment
from flagbench_generators.kernel.prompt_builder import Job, PromptBuilder, Rejection

_FOLDER = Path(__file__).parent
_COMMON = "common"


@dataclass(frozen=True, slots=True)
class EnterprisePrompts(PromptBuilder):
    """Builder of prompts for one or more components of one agent.

    `compressed`: short standards, and the signatures of finished files instead of their texts.
    """

    def together(
        self,
        jobs: Sequence[Job],
        rejection: Rejection | None = None,
        *,
        short: frozenset[str] = frozenset(),
    ) -> Prompt:
        """Build the prompt for components of one agent; the kinds of `short` are compressed."""
        first, project = jobs[0].agent, project_of(jobs[0].spec)
        sees = frozenset[str]().union(*(components()[job.agent.kind].sees for job in jobs))
        whole = [job for job in jobs if not self.compressed and job.agent.kind not in short]
        written = {job.path for job in jobs}
        # A file is whole if a component that is not compressed reads it.
        read_whole = {path for job in whole for path, _ in job.context}
        context = {
            path: text if path in read_whole else digest(path, text)
            for job in jobs
            for path, text in job.context
            if path not in written
        }
        standards = [
            (job.agent.kind, job.path, _standard(job, self._standards(whole=job in whole)))
            for job in jobs
        ]
        common = self._standards(whole=bool(whole))[f"{first.owner}/{_COMMON}"]
        return Prompt(
            self._render("engineer_system", role=first.role, common=common, standards=standards),
            self._render(
                "make_user",
                components=[{"path": job.path, "task": job.agent.task} for job in jobs],
                brief=project.brief_for(sees),
                context=list(context.items()),
                rejected=rejection.text if rejection else "",
                issues=rejection.issues if rejection else (),
            ),
        )

    def _standards(self, *, whole: bool) -> Mapping[str, str]:
        return self.texts.full_standards if whole else self.texts.compressed_standards

    def make(self, job: Job, rejection: Rejection | None = None) -> Prompt:
        """Build the prompt for one component, or for writing it again after a rejection."""
        return self.together([job], rejection)

    def template(self, job: Job) -> str:
        """Return the template of a component: of the framework, of its family, or of all."""
        framework = project_of(job.spec).framework
        names = [
            f"{folder}/{job.agent.kind}.j2"
            for folder in (framework.name.lower(), framework.family, "all")
        ]
        known = _names_of(self.texts.templates)
        return next((name for name in names if name in known), names[0])

    def identity(self, job: Job) -> str:
        """Return what the file of a job depends on: the prompt for it alone."""
        prompt = self.together([job])
        return f"{prompt.system}\n{prompt.user}"


@lru_cache(maxsize=8)  # a list of files, which do not change while a process runs
def _names_of(templates: jinja2.Environment) -> frozenset[str]:
    return frozenset(templates.list_templates() if templates.loader else ())


def _standard(job: Job, standards: Mapping[str, str]) -> str:
    framework = project_of(job.spec).framework
    text = standards[f"{job.agent.owner}/{job.agent.kind}"]
    more = framework.standards.get(job.agent.kind, "")
    return f"{text}\nWith {framework.name}: {more}" if more else text


@cache  # the files do not change while a process runs
def texts() -> Texts:
    """Read the texts of the system; standards are by agent and component."""
    return Texts(
        full_standards=_standards(_FOLDER / "standards"),
        compressed_standards=_standards(_FOLDER / "standards" / "compressed"),
        rules={},
        prompts=environment(_FOLDER / "prompts"),
        templates=environment(_FOLDER / "templates"),
        template_variable="project",
    )


def _standards(folder: Path) -> dict[str, str]:
    """Read `<agent>.md`: what is common, then a section for each component."""
    found = {}
    for crew in crews():
        text = (folder / f"{crew.name}.md").read_text(encoding="utf-8")
        common, *sections = text.split("\n## ")
        found[f"{crew.name}/{_COMMON}"] = common.strip()
        for section in sections:
            kind, _, standard = section.partition("\n")
            found[f"{crew.name}/{kind.strip()}"] = standard.strip()
    return found
