"""Prompts for the engineers, the recogniser and the tech lead."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel

from flagbench_generators.kernel.llm import Prompt
from flagbench_generators.kernel.pipeline import Agent, Texts
from flagbench_generators.kernel.request_spec import RequestSpec


@dataclass(frozen=True, slots=True)
class Job:
    """One artifact to write.

    `context` is (heading, code) of the artifacts it builds on; `current` the file after the
    previous request, or "".
    """

    agent: Agent
    spec: RequestSpec
    words: str
    context: tuple[tuple[str, str], ...]
    current: str

    @property
    def path(self) -> str:
        """The file to write."""
        return self.agent.path.format(module=self.spec.module)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A rejected artifact and the issues of its review."""

    text: str
    issues: Sequence[str]


@dataclass(frozen=True, slots=True)
class PromptBuilder:
    """Builder of prompts with the full or the compressed standards."""

    texts: Texts
    compressed: bool

    def recognise(self, words: str, form: type[BaseModel]) -> Prompt:
        """Build the prompt for recognising a request as a model."""
        return Prompt(
            self._render("recognise_system"),
            self._render("recognise_user", words=words),
            form,
        )

    def make(self, job: Job, rejection: Rejection | None = None) -> Prompt:
        """Build the prompt for writing a file, or for rewriting it after a rejection."""
        return self._to_engineer("make_user", job, rejection)

    def template(self, job: Job) -> str:
        """Return the name of the template that writes the file of a job."""
        return f"{job.agent.kind}.py.j2"

    def identity(self, job: Job) -> str:
        """Return what the file of a job depends on, for caches."""
        return f"{self.version(job.agent)}\n{job.spec.specification}"

    def patch(self, job: Job, rejection: Rejection) -> Prompt:
        """Build the prompt for a patch that resolves the issues of a review."""
        return self._to_engineer("patch_user", job, rejection)

    def review(self, job: Job, draft: str, form: type[BaseModel]) -> Prompt:
        """Build the prompt for reviewing a file, with a model of the verdict."""
        return Prompt(
            self._render("review_system", standard=self._standard(job.agent)),
            self._render(
                "review_user",
                agent=job.agent,
                path=job.path,
                specification=job.spec.specification,
                draft=draft,
            ),
            form,
        )

    def version(self, agent: Agent) -> str:
        """Hash the parts of an engineer's prompts besides the job: role, standard, templates."""
        loader = self.texts.prompts.loader
        names = ("make_user.md.j2", "sections.md.j2") if loader else ()
        sources = [loader.get_source(self.texts.prompts, name)[0] for name in names if loader]
        system = self._render("engineer_system", agent=agent, standard=self._standard(agent))
        return hashlib.sha256("\n".join([system, *sources]).encode()).hexdigest()

    def _to_engineer(self, template: str, job: Job, rejection: Rejection | None) -> Prompt:
        return Prompt(
            self._render("engineer_system", agent=job.agent, standard=self._standard(job.agent)),
            self._render(
                template,
                agent=job.agent,
                asked=job.spec,
                words=job.words,
                path=job.path,
                specification=job.spec.specification,
                context=job.context,
                current=job.current,
                rejected=rejection.text if rejection else "",
                issues=rejection.issues if rejection else (),
            ),
        )

    def _standard(self, agent: Agent) -> str:
        texts = self.texts
        standards = texts.compressed_standards if self.compressed else texts.full_standards
        return standards[agent.kind]

    def _render(self, template: str, **values: object) -> str:
        return self.texts.prompts.get_template(f"{template}.md.j2").render(**values)
