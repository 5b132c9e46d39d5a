"""The loop of a session: understand a request, then work through its plan, wave by wave."""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact, Origin
from flagbench_generators.kernel.events import Listener, Trace, request_ids
from flagbench_generators.kernel.pipeline import Agent
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.request_spec import NotUnderstood, RequestSpec
from flagbench_generators.kernel.waves import Batch, Track
from flagbench_generators.kernel.writing import Draft, Session, draft_batch, make, review_draft

Result = TypeVar("Result", Artifact, Draft)
Made = TypeVar("Made")


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
        plan = session.plan(spec)
        agents = [agent for wave in plan for track in wave for batch in track for agent in batch]
        jobs_of = partial(_jobs, spec=spec, words=words, files=files, agents=agents)
        for wave in plan:
            if session.review.defers:
                drafts = await _run_wave(wave, jobs_of, texts, draft_batch, session, trace)
                texts |= {draft.kind: draft.text for draft in drafts}
                reviews += [
                    asyncio.ensure_future(review_draft(draft, session, trace)) for draft in drafts
                ]
            else:
                artifacts += await _run_wave(wave, jobs_of, texts, make, session, trace)
                texts |= {artifact.kind: artifact.text for artifact in artifacts}
        session.review.end_drafting()
        artifacts += await asyncio.gather(*reviews)
    finally:
        for review in reviews:
            review.cancel()
    by_kind = {artifact.kind: artifact for artifact in artifacts}
    return [by_kind[agent.kind] for agent in session.agents if agent.kind in by_kind]


def _jobs(
    batch: Batch,
    texts: Mapping[str, str],
    *,
    spec: RequestSpec,
    words: str,
    files: Mapping[str, str],
    agents: Sequence[Agent],
) -> list[Job]:
    """Build the jobs of a batch, with what is written so far of the files that they contain."""
    return [
        Job(
            agent,
            spec,
            words,
            context=tuple(
                (other.heading, texts[other.kind])
                for other in agents
                if other.kind in agent.needs
                or (other.kind in agent.reads and texts.get(other.kind))
            ),
            current=files.get(agent.path.format(module=spec.module), ""),
        )
        for agent in batch
    ]


async def _run_wave(
    tracks: Sequence[Track],
    jobs_of: Callable[[Batch, Mapping[str, str]], list[Job]],
    texts: Mapping[str, str],
    work: Callable[[Sequence[Job], Session, Trace], Coroutine[Any, Any, list[Result]]],
    session: Session,
    trace: Trace,
) -> list[Result]:
    """Run the tracks of a wave concurrently; repeat rate-limited jobs one by one.

    A track knows the files of earlier waves and its own, so that prompts do not depend on time.
    """
    limit = asyncio.Semaphore(session.max_parallel or max(len(tracks), 1))

    async def run_track(track: Track) -> list[tuple[Job, Result]]:
        known, results = dict(texts), list[tuple[Job, Result]]()
        async with limit:
            for batch in track:
                jobs = jobs_of(batch, known)
                made = await work(jobs, session, trace)
                results += zip(jobs, made, strict=True)
                known |= {result.kind: result.text for result in made}
        return results

    pairs = [pair for made in await _together(map(run_track, tracks)) for pair in made]
    for place, (job, result) in enumerate(pairs):
        if len(pairs) > 1 and result.refused:
            trace(events.PARALLEL_FALLBACK, kind=job.agent.kind, reason=result.reason)
            pairs[place] = (job, (await work([job], session, trace))[0])
    return [result for _, result in pairs]


async def _together(works: Iterable[Coroutine[Any, Any, Made]]) -> list[Made]:
    """Gather results in order; if one raises, cancel the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


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
