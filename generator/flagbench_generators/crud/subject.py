"""The `crud` generator as one function, for benchmarks and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench_generators.crud import metrics
from flagbench_generators.crud.agents import CRUD
from flagbench_generators.crud.flags import FACTORS, Flags
from flagbench_generators.crud.metrics import AggregatedMetrics, PerformanceMetrics
from flagbench_generators.crud.recognition import Recogniser, cache_version
from flagbench_generators.crud.recognition_cache import RecognitionCache
from flagbench_generators.crud.spec import Entity
from flagbench_generators.crud.whole_review import held_against_whole
from flagbench_generators.kernel import events
from flagbench_generators.kernel.answer_schema import AnswerFlags
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import History, Listener, Trace
from flagbench_generators.kernel.flags import factors_of, from_environment
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.pipeline import Pipeline, scaffold_of, texts_of
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.review import FormOnly, Reviewer, TechLead
from flagbench_generators.kernel.session import run_session
from flagbench_generators.kernel.tools import Tools
from flagbench_generators.kernel.waves import each_alone, one_by_one, waves
from flagbench_generators.kernel.writing import Session

if TYPE_CHECKING:
    from openai import AsyncOpenAI


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a session. `rates`: name -> (part, whole) of the optimisations' decisions."""

    artifacts: tuple[Artifact, ...]
    entities: tuple[Entity, ...]
    rates: Mapping[str, tuple[int, int]]
    requests: tuple[PerformanceMetrics, ...]
    session: AggregatedMetrics

    @property
    def reported(self) -> Mapping[str, float]:
        """The session's own totals, which a benchmark holds against what it measured."""
        return {"tokens": self.session.total_tokens, "seconds": self.session.total_time}


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
    cache is written, to `workdir`. Raises `ValueError` for another value of a flag or a session
    without requests, and openai's errors for a key or model that is refused; requests that fail
    are part of the outcome.
    """
    return await _outcome(
        requests, Flags.from_env(flags), client, model=model, workdir=workdir, listener=listener,
        schemas=from_environment(AnswerFlags, flags).schema,
    )  # fmt: skip


async def crud_lean(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> Outcome:
    """Build an application as `crud` does, as cheaply as a plain generator can.

    One call recognises a request and one writes each file, with short standards and without a
    review: what parses is approved. The flags are those that have something left to save.
    """
    lean = {"ENABLE_COMPRESSED_STANDARDS": "false", "ENABLE_CONFIDENCE_VALIDATION": "false"}
    chosen = Flags.from_env({**flags, **lean})
    return await _outcome(
        requests, chosen, client, model=model, workdir=workdir, listener=listener, lean=True
    )


async def crud_schema(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
) -> Outcome:
    """Build an application as `crud` does, with one more flag: JSON is requested by its schema."""
    return await crud(requests, flags, client, model=model, workdir=workdir, listener=listener)


async def _outcome(
    requests: Sequence[str],
    chosen: Flags,
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
    lean: bool = False,
    schemas: bool = False,
) -> Outcome:
    if not requests:
        raise ValueError("the session has no requests; expected: at least one")
    history = History(listener)
    entities, artifacts = await run_crud(
        CRUD, requests, chosen, client, model=model, workdir=workdir, listener=history, lean=lean,
        schemas=schemas,
    )  # fmt: skip
    by_request = metrics.by_request(history.events, artifacts)
    shares = metrics.rates(history.events)
    session = metrics.aggregate(by_request, shares)
    trace = Trace(by_request[-1].request_id, history)
    trace(events.OPTIMIZATION_SUMMARY, text=session.summary(), **asdict(session))
    for text, value in metrics.warnings(session, chosen):
        trace(events.PERFORMANCE_WARNING, message=text, value=value)
    return Outcome(artifacts, tuple(entities.values()), shares, by_request, session)


async def run_crud(
    pipeline: Pipeline,
    requests: Sequence[str],
    flags: Flags,
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
    lean: bool = False,
    schemas: bool = False,
) -> tuple[Mapping[str, Entity], tuple[Artifact, ...]]:
    """Run a pipeline; return the entities by module, and one artifact per request and agent.

    The files of a request are not approved if no request makes what its entity points at.
    A `lean` one has the short standards, and approves what parses without a call. With `schemas`,
    JSON is requested by its schema.
    Raises `ValueError` for wrong agents or texts of the pipeline, before any call.
    """
    order = waves(pipeline.agents) if flags.parallel else one_by_one(pipeline.agents)
    prompts = PromptBuilder(texts_of(pipeline), flags.compressed or lean)
    tools = Tools(Chat(client, model, schemas=schemas), prompts, RetryPolicy(flags.retry))
    cache = RecognitionCache(workdir, cache_version(prompts, model)) if flags.cache else None
    recogniser = Recogniser(tools, cache, len(requests))
    review: Reviewer = FormOnly() if lean else TechLead(tools, flags.confidence)
    session = Session(
        pipeline.agents, each_alone(order), tools, recogniser, review, flags.templates
    )
    try:
        artifacts = await run_session(session, requests, listener)
    finally:
        if cache:
            cache.close()
    whole = held_against_whole(artifacts, recogniser.made, recogniser.entities, listener)
    return recogniser.entities, whole


# Attributes that the harness reads: the factors, and the files around the generated ones.
crud.factors = FACTORS  # type: ignore[attr-defined]
crud.scaffold = partial(scaffold_of, CRUD)  # type: ignore[attr-defined]
crud_lean.factors = tuple(  # type: ignore[attr-defined]
    factor for factor in FACTORS if factor.name not in ("confidence", "compressed")
)
crud_lean.scaffold = crud.scaffold  # type: ignore[attr-defined]
crud_schema.factors = (*FACTORS, *factors_of(AnswerFlags))  # type: ignore[attr-defined]
crud_schema.scaffold = crud.scaffold  # type: ignore[attr-defined]
