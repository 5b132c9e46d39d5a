"""The loop: recognise, plan, produce, review, retry."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from openai import AsyncOpenAI

from generator import events
from generator.artifact import Artifact, Origin
from generator.brief import Briefs, Job, Rejection
from generator.cache import RecognitionCache
from generator.events import Listener, Trace, request_ids
from generator.flags import Flags
from generator.llm import CallFailed, Chat, RateLimited
from generator.pipeline import Agent, Pipeline, texts_of
from generator.plan import one_by_one, waves
from generator.produce import from_model, from_template, mended
from generator.recognition import RecognitionFailed, cache_version, recognise
from generator.retry import RetryPolicy
from generator.review import review
from generator.spec import Entity
from generator.tools import Tools


@dataclass(slots=True)
class Application:
    """What a session has built so far: entities by module, and the latest text of each file."""

    entities: dict[str, Entity] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shop:
    """Who works in which order, and with what, for a whole session."""

    agents: Sequence[Agent]
    planned: Sequence[Sequence[Agent]]
    flags: Flags
    tools: Tools
    cache: RecognitionCache | None


async def run_session(
    pipeline: Pipeline,
    requests: Sequence[str],
    flags: Flags,
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> tuple[Application, tuple[Artifact, ...]]:
    """Work off the requests in order: the application, and one artifact per request and agent.

    Raises `ValueError` for a pipeline whose agents or texts are wrong, before any call.
    """
    agents = pipeline.agents
    planned = waves(agents) if flags.parallel else one_by_one(agents)
    briefs = Briefs(texts_of(pipeline), flags.compressed)
    tools = Tools(Chat(client, model), briefs, RetryPolicy(flags.retry))
    cache = RecognitionCache(workdir, cache_version(briefs, model)) if flags.cache else None
    shop = Shop(agents, planned, flags, tools, cache)
    application = Application()
    artifacts: list[Artifact] = []
    clock = asyncio.get_running_loop().time
    try:
        for identity, words in zip(request_ids(requests), requests, strict=True):
            trace, started_seconds = Trace(identity, listener), clock()
            artifacts += await run_request(words, application, shop, trace)
            trace(events.REQUEST_DONE, seconds=clock() - started_seconds)
    finally:
        if cache:
            cache.close()
    return application, tuple(artifacts)


async def run_request(
    words: str, application: Application, shop: Shop, trace: Trace
) -> list[Artifact]:
    """One request: every agent's artifact, in the pipeline's order."""
    try:
        delta = await recognise(words, shop.tools, shop.cache, trace)
    except RecognitionFailed as failure:
        trace(events.RECOGNITION_FAILED, reason=str(failure))
        return [_failed(agent, None, str(failure), trace) for agent in shop.agents]
    new = Entity(name=delta.entity)
    # By module: the recogniser sees one request alone, and may spell the entity another way.
    known = application.entities.get(new.module, new)
    entity = application.entities[new.module] = known.evolved(delta)
    made: dict[str, Artifact] = {}
    for wave in shop.planned:
        jobs = [_job(agent, entity, words, made, application, shop) for agent in wave]
        for artifact in await _run_wave(jobs, shop, trace):
            made[artifact.kind] = artifact
            if artifact.text:
                application.files[artifact.path] = artifact.text
    return [made[agent.kind] for agent in shop.agents]


def _job(
    agent: Agent,
    entity: Entity,
    words: str,
    made: Mapping[str, Artifact],
    application: Application,
    shop: Shop,
) -> Job:
    return Job(
        agent,
        entity,
        words,
        context=tuple(
            (one.shown_as, made[one.kind].text) for one in shop.agents if one.kind in agent.needs
        ),
        current=application.files.get(agent.path.format(module=entity.module), ""),
    )


async def _run_wave(jobs: Sequence[Job], shop: Shop, trace: Trace) -> list[Artifact]:
    """The artifacts of a wave, made together; who was refused for that is asked again alone."""
    results = await _together([_make(job, shop, trace) for job in jobs])
    for place, (job, result) in enumerate(zip(jobs, results, strict=True)):
        if len(jobs) > 1 and result.refused:
            trace(events.PARALLEL_FALLBACK, kind=job.agent.kind, reason=result.reason)
            results[place] = await _make(job, shop, trace)
    return results


async def _together(works: Sequence[Coroutine[Any, Any, Artifact]]) -> list[Artifact]:
    """The results in order. If one raises, the others do not go on behind the caller's back."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _make(job: Job, shop: Shop, trace: Trace) -> Artifact:
    """One artifact: produced, reviewed, and made again until it passes or the retries are used."""
    flags, tools = shop.flags, shop.tools
    halted = [heading for heading, text in job.context if not text]
    if halted:
        return _failed(job.agent, job, f"{', '.join(halted)} failed, which it needs", trace)
    text, origin, retries = "", Origin.MODEL, 0
    try:
        template = from_template(job, tools.briefs, trace) if flags.templates else None
        if template is not None:
            text, origin = template, Origin.TEMPLATE
        else:
            text = await from_model(job, tools, trace)
        while True:
            verdict = await review(job, text, confident=flags.confidence, tools=tools, trace=trace)
            if verdict.approved:
                trace(events.ARTIFACT_APPROVED, kind=job.agent.kind, retries=retries)
                return Artifact.of(job, text, origin, trace, retries=retries)
            trace(events.ARTIFACT_REJECTED, kind=job.agent.kind, issues=list(verdict.issues))
            pause = tools.policy.pause_seconds(retries)
            if pause is None:
                reason = "; ".join(verdict.issues)
                return Artifact.of(job, text, origin, trace, retries=retries, reason=reason)
            retries += 1
            if origin is Origin.TEMPLATE:
                trace(events.TEMPLATE_FALLBACK, kind=job.agent.kind, reason="rejected")
            await tools.policy.wait(pause, retries, "rejected", trace=trace, agent=job.agent.kind)
            text = await mended(job, tools, trace, Rejection(text, verdict.issues))
            origin = Origin.MODEL
    except CallFailed as failure:
        trace(events.ARTIFACT_FAILED, kind=job.agent.kind, reason=failure.reason)
        return Artifact.of(
            job,
            text,
            origin if text else Origin.FAILED,
            trace,
            retries=retries,
            reason=f"{failure.reason}: {failure}",
            refused=isinstance(failure, RateLimited),
        )


def _failed(agent: Agent, job: Job | None, reason: str, trace: Trace) -> Artifact:
    trace(events.ARTIFACT_FAILED, kind=agent.kind, reason=reason)
    return Artifact(
        kind=agent.kind,
        entity=job.entity.name if job else "",
        path=job.path if job else "",
        text="",
        approved=False,
        origin=Origin.FAILED,
        request_id=trace.request_id,
        reason=reason,
    )
