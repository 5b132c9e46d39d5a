"""The files of a batch: drafts from templates, memory or the model, then their reviews."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.batching import Written, write_together
from flagbench_generators.kernel.drafting import from_model, from_template, repair, simplified
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.fitting import BatchPrompts
from flagbench_generators.kernel.llm import CallFailed, RateLimited
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.prompt_builder import Job, Rejection
from flagbench_generators.kernel.request_spec import RequestSpec, Understanding
from flagbench_generators.kernel.retry import wait
from flagbench_generators.kernel.review import Reviewer
from flagbench_generators.kernel.tools import Tools
from flagbench_generators.kernel.waves import Plan


class Memory(Protocol):
    """Store of approved files by job."""

    def get(self, job: Job, trace: Trace) -> str | None: ...  # noqa: D102
    def put(self, job: Job, text: str, trace: Trace) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Session:
    """Agents and tools of a session.

    `plan` orders the agents that a request needs; at most `max_parallel` tracks of it are written
    at the same time, None is without a limit. With `templates`, these are tried first, with
    `rescue` when the model fails; files in `memory` are not written again.
    """

    agents: Sequence[Agent]
    plan: Callable[[RequestSpec], Plan]
    tools: Tools
    understand: Understanding
    review: Reviewer
    templates: bool
    memory: Memory | None = None
    max_parallel: int | None = None
    rescue: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """A file before its review, or the `reason` why there is none."""

    job: Job
    text: str
    origin: Origin
    reason: str = ""
    refused: bool = False

    @property
    def kind(self) -> str:
        """The kind of the file."""
        return self.job.agent.kind


async def make(jobs: Sequence[Job], session: Session, trace: Trace) -> list[Artifact]:
    """Write and review the files of a batch."""
    drafts = await draft_batch(jobs, session, trace)
    return [await review_draft(draft, session, trace) for draft in drafts]


async def draft_batch(jobs: Sequence[Job], session: Session, trace: Trace) -> list[Draft]:
    """Write first versions: from templates, from memory, or from the model in one call."""
    ready = {job.agent.kind: _without_call(job, session, trace) for job in jobs}
    rest = [job for job in jobs if ready[job.agent.kind] is None]
    drafts = {kind: draft for kind, draft in ready.items() if draft is not None}
    if rest:
        written = await _write(rest, session.tools, trace)
        for job in rest:
            text = written[job.agent.kind]
            drafts[job.agent.kind] = (
                Draft(job, text, Origin.MODEL)
                if isinstance(text, str)
                else _rescued(Draft(job, "", Origin.FAILED), text, session, trace)
            )
    return [drafts[job.agent.kind] for job in jobs]


def _without_call(job: Job, session: Session, trace: Trace) -> Draft | None:
    """Write a first version from a template or from memory, None if neither has it."""
    missing = [heading for heading, text in job.context if not text]
    if missing:
        reason = f"{', '.join(missing)} failed, which it needs"
        trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=reason)
        return Draft(job, "", Origin.FAILED, reason)
    template = from_template(job, session.tools.prompts, trace) if session.templates else None
    if template is not None:
        return Draft(job, template, Origin.TEMPLATE)
    stored = session.memory.get(job, trace) if session.memory else None
    return None if stored is None else Draft(job, stored, Origin.MEMORY)


async def _write(jobs: Sequence[Job], tools: Tools, trace: Trace) -> Written:
    """Have the model write files; return each, or the failure, by kind."""
    if isinstance(tools.prompts, BatchPrompts):
        return await write_together(jobs, tools, trace)
    written: dict[str, str | CallFailed] = {}
    for job in jobs:
        try:
            written[job.agent.kind] = await from_model(job, tools, trace)
        except CallFailed as failure:
            written[job.agent.kind] = failure
    return written


def _rescued(draft: Draft, failure: CallFailed, session: Session, trace: Trace) -> Draft:
    """The simplified template in place of a file that the model failed to write, if that is on."""
    job = draft.job
    if session.rescue:
        text = simplified(job, session.tools.prompts, trace, failure.reason)
        if text:
            return Draft(job, text, Origin.TEMPLATE)
    return _failed_draft(job, draft.text, draft.origin, failure, trace)


async def review_draft(draft: Draft, session: Session, trace: Trace) -> Artifact:
    """Review a draft, and rewrite it until it passes or the policy gives up."""
    job, text, origin, tools, retries = draft.job, draft.text, draft.origin, session.tools, 0
    if draft.reason:
        return _artifact(draft, trace)
    try:
        while True:
            verdict = await session.review(job, text, trace)
            text = text if verdict.text is None else verdict.text
            if verdict.approved:
                trace(events.ARTIFACT_APPROVED, kind=job.agent.kind, retries=retries)
                if session.memory and origin is Origin.MODEL:
                    session.memory.put(job, text, trace)
                return Artifact.of(job, text, origin, trace, retries=retries)
            trace(events.ARTIFACT_REJECTED, kind=job.agent.kind, issues=list(verdict.issues))
            pause = None if verdict.is_final else tools.policy.pause_seconds(retries)
            if pause is None:
                reason = "; ".join(verdict.issues)
                if session.rescue and origin is Origin.MODEL:
                    template = simplified(job, tools.prompts, trace, reason)
                    if template:
                        text, origin = template, Origin.TEMPLATE
                        continue
                return Artifact.of(job, text, origin, trace, retries=retries, reason=reason)
            retries += 1
            if origin is Origin.TEMPLATE:
                trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason="rejected")
            await wait(pause, retries, "rejected", trace=trace, agent=job.agent.kind)
            text = await repair(job, tools, trace, Rejection(text, verdict.issues))
            origin = Origin.MODEL
    except CallFailed as failure:
        draft = _rescued(Draft(job, text, origin), failure, session, trace)
        if draft.origin is Origin.TEMPLATE and not draft.reason:
            trace(events.ARTIFACT_APPROVED, kind=job.agent.kind, retries=retries)
        return _artifact(draft, trace, retries)


def _failed_draft(job: Job, text: str, origin: Origin, failure: CallFailed, trace: Trace) -> Draft:
    trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=failure.reason)
    reason = f"{failure.reason}: {failure}"
    refused = isinstance(failure, RateLimited)
    return Draft(job, text, origin if text else Origin.FAILED, reason, refused)


def _artifact(draft: Draft, trace: Trace, retries: int = 0) -> Artifact:
    """Convert a failed draft to an artifact."""
    return Artifact.of(
        draft.job,
        draft.text,
        draft.origin,
        trace,
        retries=retries,
        reason=draft.reason,
        refused=draft.refused,
    )
