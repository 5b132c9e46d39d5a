"""The `crud` generator as one function: what a benchmark, or a program, calls."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

from openai import AsyncOpenAI

from generator import events, metrics
from generator.artifact import Artifact
from generator.events import Event, Listener, Trace
from generator.flags import FACTORS, Flags
from generator.kernel import run_session
from generator.metrics import AggregatedMetrics, PerformanceMetrics
from generator.pipeline import scaffold_of
from generator.pipelines.crud import CRUD
from generator.spec import Entity


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
    application, artifacts = await run_session(
        CRUD, requests, chosen, client, model=model, workdir=workdir, listener=listen
    )
    measured = metrics.by_request(happened, artifacts)
    shares = metrics.rates(happened)
    session = metrics.aggregate(measured, shares)
    close = Trace(measured[-1].request_id, listen)
    close(events.OPTIMIZATION_SUMMARY, text=session.summary(), **asdict(session))
    for text, value in metrics.warnings(session, chosen):
        close(events.PERFORMANCE_WARNING, message=text, value=value)
    entities = tuple(application.entities.values())
    return Outcome(artifacts, entities, shares, tuple(measured), session)


# What a benchmark may vary, and the files around what is generated.
crud.factors = FACTORS  # type: ignore[attr-defined]
crud.scaffold = partial(scaffold_of, CRUD)  # type: ignore[attr-defined]
