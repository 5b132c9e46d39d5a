"""The `crud` generator as one function: what a benchmark, or a program, calls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from openai import AsyncOpenAI

from generator import events, metrics
from generator.artifact import Artifact
from generator.brief import Briefs
from generator.cache import RecognitionCache
from generator.events import Event, Listener, Trace
from generator.flags import FACTORS, Flags
from generator.kernel import Shop, run_session
from generator.llm import Chat
from generator.metrics import AggregatedMetrics, PerformanceMetrics
from generator.pipeline import Pipeline, scaffold_of, texts_of
from generator.pipelines.crud import CRUD
from generator.plan import one_by_one, waves
from generator.recognition import Recogniser, cache_version
from generator.retry import RetryPolicy
from generator.review import TechLead
from generator.spec import Entity
from generator.tools import Tools


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session made. `rates`: name -> (part, whole) of the optimisations' decisions."""

    artifacts: tuple[Artifact, ...]
    entities: tuple[Entity, ...]
    rates: Mapping[str, tuple[int, int]]
    requests: tuple[PerformanceMetrics, ...]
    session: AggregatedMetrics


async def crud(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> Outcome:
    """Build an application from requests in plain words, one after the other.

    `flags` maps environment names such as `ENABLE_TEMPLATES` to true or false. Only the recognition
    cache is written, to `workdir`. Raises `ValueError` for a flag with another value or a session
    without requests, and openai's own errors for a key or a model that is refused; a request that
    fails is in the outcome.
    """
    if not requests:
        raise ValueError("a session without requests; right would be one or more")
    happened: list[Event] = []

    def listen(event: Event) -> None:
        happened.append(event)
        listener(event)

    chosen = Flags.from_env(flags)
    entities, artifacts = await run_crud(
        CRUD, requests, chosen, client, model=model, workdir=workdir, listener=listen
    )
    measured = metrics.by_request(happened, artifacts)
    shares = metrics.rates(happened)
    session = metrics.aggregate(measured, shares)
    close = Trace(measured[-1].request_id, listen)
    close(events.OPTIMIZATION_SUMMARY, text=session.summary(), **asdict(session))
    for text, value in metrics.warnings(session, chosen):
        close(events.PERFORMANCE_WARNING, message=text, value=value)
    return Outcome(artifacts, tuple(entities.values()), shares, tuple(measured), session)


async def run_crud(
    pipeline: Pipeline,
    requests: Sequence[str],
    flags: Flags,
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> tuple[Mapping[str, Entity], tuple[Artifact, ...]]:
    """The entities by module, and one artifact per request and agent.

    Raises `ValueError` for a pipeline whose agents or texts are wrong, before any call.
    """
    planned = waves(pipeline.agents) if flags.parallel else one_by_one(pipeline.agents)
    briefs = Briefs(texts_of(pipeline), flags.compressed)
    tools = Tools(Chat(client, model), briefs, RetryPolicy(flags.retry))
    cache = RecognitionCache(workdir, cache_version(briefs, model)) if flags.cache else None
    recogniser = Recogniser(tools, cache)
    review = TechLead(tools, flags.confidence)
    shop = Shop(pipeline.agents, planned, tools, recogniser, review, flags.templates)
    try:
        artifacts = await run_session(shop, requests, listener)
    finally:
        if cache:
            cache.close()
    return recogniser.entities, artifacts


# What a benchmark may vary, and the files around what is generated.
crud.factors = FACTORS  # type: ignore[attr-defined]
crud.scaffold = partial(scaffold_of, CRUD)  # type: ignore[attr-defined]
