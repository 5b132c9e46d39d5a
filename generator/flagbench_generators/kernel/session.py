"""The loop: understand, plan, produce, review, retry."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.drafting import from_model, from_template, mended
from flagbench_generators.kernel.events import Listener, Trace, request_ids
from flagbench_generators.kernel.llm import CallFailed, RateLimited
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.prompt_builder import Job, Rejection
from flagbench_generators.kernel.request_spec import NotUnderstood, RequestSpec, Understanding
from flagbench_generators.kernel.retry import wait
from flagbench_generators.kernel.review import Reviewer
from flagbench_generators.kernel.tools import Tools


class Memory(Protocol):
    """Remembers files that passed review, for the same job."""

    def get(self, job: Job, trace: Trace) -> str | None: ...  # noqa: D102
    def put(self, job: Job, text: str, trace: Trace) -> None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Session:
    """Who works in which order, and with what, for a whole session.

    `planned` are the waves: the agents of one work together. With `templates` these are tried
    first. What `memory` has is not written again.
    """

    agents: Sequence[Agent]
    planned: Sequence[Sequence[Agent]]
    tools: Tools
    understand: Understanding
    review: Reviewer
    templates: bool
    memory: Memory | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """A file that nobody has reviewed, or why there is none."""

    job: Job
    text: str
    origin: Origin
    reason: str = ""
    refused: bool = False


Made = TypeVar("Made", Artifact, Draft)


async def run_session(
    shop: Session, requests: Sequence[str], listener: Listener
) -> tuple[Artifact, ...]:
    """Work off the requests in order: one artifact per request and agent."""
    files: dict[str, str] = {}
    artifacts: list[Artifact] = []
    clock = asyncio.get_running_loop().time
    for identity, request in zip(request_ids(requests), requests, strict=True):
        trace, started_seconds = Trace(identity, listener), clock()
        made = await run_request(request, files, shop, trace)
        files.update({one.path: one.text for one in made if one.text})
        artifacts += made
        trace(events.REQUEST_DONE, seconds=clock() - started_seconds)
    return tuple(artifacts)


async def run_request(
    request: str, files: Mapping[str, str], shop: Session, trace: Trace
) -> list[Artifact]:
    """One request: every agent's artifact, in the pipeline's order."""
    try:
        asked, words = await shop.understand(request, trace)
    except NotUnderstood as failure:
        trace(events.RECOGNITION_FAILED, reason=str(failure))
        return [_not_made(agent, str(failure), trace) for agent in shop.agents]
    texts: dict[str, str] = {}
    artifacts: list[Artifact] = []
    reviews: list[asyncio.Task[Artifact]] = []
    shop.review.drafting()
    try:
        for wave in shop.planned:
            jobs = [_job(agent, asked, words, texts, files, shop) for agent in wave]
            if shop.review.defers:
                drafts = await _run_wave(jobs, _draft, shop, trace)
                texts |= {one.job.agent.kind: one.text for one in drafts}
                reviews += [asyncio.ensure_future(_settle(one, shop, trace)) for one in drafts]
            else:
                artifacts += await _run_wave(jobs, _make, shop, trace)
                texts |= {one.kind: one.text for one in artifacts}
        shop.review.drafted()
        artifacts += await asyncio.gather(*reviews)
    finally:
        for review in reviews:
            review.cancel()
    made = {one.kind: one for one in artifacts}
    return [made[agent.kind] for agent in shop.agents]


def _job(
    agent: Agent,
    asked: RequestSpec,
    words: str,
    texts: Mapping[str, str],
    files: Mapping[str, str],
    shop: Session,
) -> Job:
    return Job(
        agent,
        asked,
        words,
        context=tuple(
            (one.shown_as, texts[one.kind]) for one in shop.agents if one.kind in agent.needs
        ),
        current=files.get(agent.path.format(module=asked.module), ""),
    )


async def _run_wave(
    jobs: Sequence[Job],
    make: Callable[[Job, Session, Trace], Coroutine[Any, Any, Made]],
    shop: Session,
    trace: Trace,
) -> list[Made]:
    """What a wave makes, made together; who was refused for that is asked again alone."""
    results = await _together([make(job, shop, trace) for job in jobs])
    for place, (job, result) in enumerate(zip(jobs, results, strict=True)):
        if len(jobs) > 1 and result.refused:
            trace(events.PARALLEL_FALLBACK, kind=job.agent.kind, reason=result.reason)
            results[place] = await make(job, shop, trace)
    return results


async def _together(works: Sequence[Coroutine[Any, Any, Made]]) -> list[Made]:
    """The results in order. If one raises, the others do not go on behind the caller's back."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _make(job: Job, shop: Session, trace: Trace) -> Artifact:
    """One artifact, written and reviewed."""
    return await _settle(await _draft(job, shop, trace), shop, trace)


async def _draft(job: Job, shop: Session, trace: Trace) -> Draft:
    """A first version: from a template, from memory, or from the model."""
    halted = [heading for heading, text in job.context if not text]
    if halted:
        reason = f"{', '.join(halted)} failed, which it needs"
        trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=reason)
        return Draft(job, "", Origin.FAILED, reason)
    template = from_template(job, shop.tools.briefs, trace) if shop.templates else None
    if template is not None:
        return Draft(job, template, Origin.TEMPLATE)
    remembered = shop.memory.get(job, trace) if shop.memory else None
    if remembered is not None:
        return Draft(job, remembered, Origin.MEMORY)
    try:
        return Draft(job, await from_model(job, shop.tools, trace), Origin.MODEL)
    except CallFailed as failure:
        return _failed(job, "", Origin.FAILED, failure, trace)


async def _settle(draft: Draft, shop: Session, trace: Trace) -> Artifact:
    """The artifact of a draft: reviewed, and made again until it passes or nobody tries again."""
    job, text, origin, tools, retries = draft.job, draft.text, draft.origin, shop.tools, 0
    if draft.reason:
        return _artifact(draft, trace)
    try:
        while True:
            verdict = await shop.review(job, text, trace)
            text = text if verdict.text is None else verdict.text
            if verdict.approved:
                trace(events.ARTIFACT_APPROVED, kind=job.agent.kind, retries=retries)
                if shop.memory and origin is Origin.MODEL:
                    shop.memory.put(job, text, trace)
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
            text = await mended(job, tools, trace, Rejection(text, verdict.issues))
            origin = Origin.MODEL
    except CallFailed as failure:
        return _artifact(_failed(job, text, origin, failure, trace), trace, retries)


def _failed(job: Job, text: str, origin: Origin, failure: CallFailed, trace: Trace) -> Draft:
    trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=failure.reason)
    reason = f"{failure.reason}: {failure}"
    refused = isinstance(failure, RateLimited)
    return Draft(job, text, origin if text else Origin.FAILED, reason, refused)


def _artifact(draft: Draft, trace: Trace, retries: int = 0) -> Artifact:
    """The artifact of a draft that failed."""
    return Artifact.of(
        draft.job,
        draft.text,
        draft.origin,
        trace,
        retries=retries,
        reason=draft.reason,
        refused=draft.refused,
    )


def _not_made(agent: Agent, reason: str, trace: Trace) -> Artifact:
    """The artifact of a request that nobody understood."""
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
