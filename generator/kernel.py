"""The loop: recognise, plan, produce, review, retry."""

import asyncio
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from openai import AsyncOpenAI

from generator import events
from generator.artifact import Artifact, Origin
from generator.brief import Briefs, Job, Rejection
from generator.cache import RecognitionCache
from generator.events import Listener, Trace
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
    """What a session has built so far: entities by name, and the latest text of each file."""

    entities: dict[str, Entity] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)


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
    """Work off the requests in order: the application, and one artifact per request and agent."""
    briefs = Briefs(texts_of(pipeline), flags.compressed)
    tools = Tools(Chat(client, model), briefs, RetryPolicy(flags.retry))
    cache = RecognitionCache(workdir, cache_version(briefs, model)) if flags.cache else None
    application = Application()
    artifacts: list[Artifact] = []
    clock = asyncio.get_running_loop().time
    for identity, words in zip(request_ids(requests), requests, strict=True):
        trace, started_seconds = Trace(identity, listener), clock()
        artifacts += await run_request(words, application, pipeline, flags, tools, cache, trace)
        trace(events.REQUEST_DONE, seconds=clock() - started_seconds)
    return application, tuple(artifacts)


async def run_request(
    words: str,
    application: Application,
    pipeline: Pipeline,
    flags: Flags,
    tools: Tools,
    cache: RecognitionCache | None,
    trace: Trace,
) -> list[Artifact]:
    """One request: every agent's artifact, in the pipeline's order."""
    try:
        delta = await recognise(words, tools, cache, trace)
    except RecognitionFailed as failure:
        trace(events.RECOGNITION_FAILED, reason=str(failure))
        return [_failed(agent, None, str(failure), trace) for agent in pipeline.agents]
    known = application.entities.get(delta.entity, Entity(name=delta.entity))
    entity = application.entities[delta.entity] = known.evolved(delta)
    made: dict[str, Artifact] = {}
    for wave in waves(pipeline.agents) if flags.parallel else one_by_one(pipeline.agents):
        jobs = [
            Job(
                agent,
                entity,
                words,
                context=tuple(
                    (one.shown_as, made[one.kind].text)
                    for one in pipeline.agents
                    if one.kind in agent.needs
                ),
                current=application.files.get(agent.path.format(module=entity.module), ""),
            )
            for agent in wave
        ]
        for artifact in await _run_wave(jobs, flags, tools, trace):
            made[artifact.kind] = artifact
            if artifact.text:
                application.files[artifact.path] = artifact.text
    return [made[agent.kind] for agent in pipeline.agents]


async def _run_wave(
    jobs: Sequence[Job], flags: Flags, tools: Tools, trace: Trace
) -> list[Artifact]:
    """The artifacts of a wave, made together; who was refused for that is asked again alone."""
    results = list(await asyncio.gather(*(_make(job, flags, tools, trace) for job in jobs)))
    for place, (job, result) in enumerate(zip(jobs, results, strict=True)):
        if len(jobs) > 1 and result.refused:
            trace(events.PARALLEL_FALLBACK, kind=job.agent.kind)
            results[place] = await _make(job, flags, tools, trace)
    return results


async def _make(job: Job, flags: Flags, tools: Tools, trace: Trace) -> Artifact:
    """One artifact: produced, reviewed, and made again until it passes or the retries are used."""
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


def request_ids(requests: Sequence[str]) -> list[str]:
    """One id per request: the same for the same session, different within one."""
    session = hashlib.sha256("\n".join(requests).encode()).hexdigest()[:8]
    return [f"{session}-{number:02d}" for number in range(1, len(requests) + 1)]


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
