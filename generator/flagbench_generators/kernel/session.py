"""The loop of a session: understand, draft, review, retry."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.drafting import from_model, from_template, repair
from flagbench_generators.kernel.events import Listener, Trace, request_ids
from flagbench_generators.kernel.llm import CallFailed, RateLimited
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.prompt_builder import Job, Rejection
from flagbench_generators.kernel.request_spec import NotUnderstood, RequestSpec, Understanding
from flagbench_generators.kernel.retry import wait
from flagbench_generators.kernel.review import Reviewer
from flagbench_generators.kernel.tools import Tools


class Memory(Protocol):
    """Store of approved files by job."""

    def get(self, job: Job, trace: Trace) -> str | None: ...  # noqa: D102
    def put(self, job: Job, text: str, trace: Trace) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Session:
    """Agents and tools of a session.

    The agents of a wave work concurrently. With `templates`, these are tried first; files in
    `memory` are not written again.
    """

    agents: Sequence[Agent]
    waves: Sequence[Sequence[Agent]]
    tools: Tools
    understand: Understanding
    review: Reviewer
    templates: bool
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A file before its review, or the `reason` why there is none."""

    job: Job
    text: str
    origin: Origin
    reason: str = ""
    refused: bool = False


Result = TypeVar("Result", Artifact, Draft)


async def run_session(
    session: Session, requests: Sequence[str], listener: Listener
) -> tuple[Artifact, ...]:
    """Process the requests in order; return one artifact per request and agent."""
    files: dict[str, str] = {}
    artifacts: list[Artifact] = []
    clock = asyncio.get_running_loop().time
    for request_id, request in zip(request_ids(requests), requests, strict=True):
        trace, started_seconds = Trace(request_id, listener), clock()
        results = await run_request(request, files, session, trace)
        files.update({artifact.path: artifact.text for artifact in results if artifact.text})
        artifacts += results
        trace(events.REQUEST_DONE, seconds=clock() - started_seconds)
    return tuple(artifacts)


async def run_request(
    request: str, files: Mapping[str, str], session: Session, trace: Trace
) -> list[Artifact]:
    """Process one request; return every agent's artifact in the order of the pipeline."""
    try:
        spec, words = await session.understand(request, trace)
    except NotUnderstood as failure:
        trace(events.RECOGNITION_FAILED, reason=str(failure))
        return [_missing_artifact(agent, str(failure), trace) for agent in session.agents]
    texts: dict[str, str] = {}
    artifacts: list[Artifact] = []
    reviews: list[asyncio.Task[Artifact]] = []
    session.review.begin_drafting()
    try:
        for wave in session.waves:
            jobs = [_job(agent, spec, words, texts, files, session) for agent in wave]
            if session.review.defers:
                drafts = await _run_wave(jobs, _draft, session, trace)
                texts |= {draft.job.agent.kind: draft.text for draft in drafts}
                reviews += [
                    asyncio.ensure_future(_review_draft(draft, session, trace)) for draft in drafts
                ]
            else:
                artifacts += await _run_wave(jobs, _make, session, trace)
                texts |= {artifact.kind: artifact.text for artifact in artifacts}
        session.review.end_drafting()
        artifacts += await asyncio.gather(*reviews)
    finally:
        for review in reviews:
            review.cancel()
    by_kind = {artifact.kind: artifact for artifact in artifacts}
    return [by_kind[agent.kind] for agent in session.agents]


def _job(
    agent: Agent,
    spec: RequestSpec,
    words: str,
    texts: Mapping[str, str],
    files: Mapping[str, str],
    session: Session,
) -> Job:
    return Job(
        agent,
        spec,
        words,
        context=tuple(
            (other.heading, texts[other.kind])
            for other in session.agents
            if other.kind in agent.needs
        ),
        current=files.get(agent.path.format(module=spec.module), ""),
    )


async def _run_wave(
    jobs: Sequence[Job],
    make: Callable[[Job, Session, Trace], Coroutine[Any, Any, Result]],
    session: Session,
    trace: Trace,
) -> list[Result]:
    """Run the jobs of a wave concurrently; repeat rate-limited ones one by one."""
    results = await _together([make(job, session, trace) for job in jobs])
    for place, (job, result) in enumerate(zip(jobs, results, strict=True)):
        if len(jobs) > 1 and result.refused:
            trace(events.PARALLEL_FALLBACK, kind=job.agent.kind, reason=result.reason)
            results[place] = await make(job, session, trace)
    return results


async def _together(works: Sequence[Coroutine[Any, Any, Result]]) -> list[Result]:
    """Gather results in order; if one raises, cancel the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _make(job: Job, session: Session, trace: Trace) -> Artifact:
    """Write and review one artifact."""
    return await _review_draft(await _draft(job, session, trace), session, trace)


async def _draft(job: Job, session: Session, trace: Trace) -> Draft:
    """Write a first version: from a template, from memory, or from the model."""
    missing = [heading for heading, text in job.context if not text]
    if missing:
        reason = f"{', '.join(missing)} failed, which it needs"
        trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=reason)
        return Draft(job, "", Origin.FAILED, reason)
    template = from_template(job, session.tools.prompts, trace) if session.templates else None
    if template is not None:
        return Draft(job, template, Origin.TEMPLATE)
    stored = session.memory.get(job, trace) if session.memory else None
    if stored is not None:
        return Draft(job, stored, Origin.MEMORY)
    try:
        return Draft(job, await from_model(job, session.tools, trace), Origin.MODEL)
    except CallFailed as failure:
        return _failed_draft(job, "", Origin.FAILED, failure, trace)


async def _review_draft(draft: Draft, session: Session, trace: Trace) -> Artifact:
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
                return Artifact.of(job, text, origin, trace, retries=retries, reason=reason)
            retries += 1
            if origin is Origin.TEMPLATE:
                trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason="rejected")
            await wait(pause, retries, "rejected", trace=trace, agent=job.agent.kind)
            text = await repair(job, tools, trace, Rejection(text, verdict.issues))
            origin = Origin.MODEL
    except CallFailed as failure:
        return _artifact(_failed_draft(job, text, origin, failure, trace), trace, retries)


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


def _missing_artifact(agent: Agent, reason: str, trace: Trace) -> Artifact:
    """Build the artifact of a request that was not understood."""
    trace(events.ARTIFACT_FAILED, kind=agent.kind, reason=reason)
    return Artifact(
        kind=agent.kind,
        entity="",
        path="",
        text="",
        approved=False,
        origin=Origin.FAILED,
        request_id=trace.request_id,
        reason=reason,
    )
