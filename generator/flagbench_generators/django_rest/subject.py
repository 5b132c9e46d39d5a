"""The `django` generator as one function, for benchmarks and programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from flagbench_generators.django_rest import migrations
from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import read
from flagbench_generators.django_rest.flags import FACTORS, RestFlags
from flagbench_generators.django_rest.rates import rates
from flagbench_generators.django_rest.recovery import RecoveryPolicy
from flagbench_generators.django_rest.request_spec import understand
from flagbench_generators.django_rest.review_queue import HumanReviewer, ReviewQueue
from flagbench_generators.django_rest.simulated_reviewer import SimulatedReviewer
from flagbench_generators.django_rest.terminal_reviewer import TerminalReviewer
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import History, Listener
from flagbench_generators.kernel.flags import from_environment
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.pipeline import scaffold_of, texts_of
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.response_cache import CACHE_FOLDER, ResponseCache
from flagbench_generators.kernel.retry import Policy as Retries
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.session import run_session
from flagbench_generators.kernel.tools import Tools
from flagbench_generators.kernel.waves import each_alone, one_by_one, waves
from flagbench_generators.kernel.writing import Session

if TYPE_CHECKING:
    from openai import AsyncOpenAI

# Alternative models for rate limits and failures, separated by commas.
ALTERNATIVES = "AGENT_ALTERNATIVE_MODELS"
DEFAULT_ALTERNATIVES = "gpt-4.1-mini,gpt-4o"


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of a session. `rates`: name -> (part, whole) of the pipeline's decisions."""

    artifacts: tuple[Artifact, ...]
    rates: Mapping[str, tuple[int, int]]


async def django(
    requests: Sequence[str],
    flags: Mapping[str, str],
    client: AsyncOpenAI,
    *,
    model: str,
    workdir: Path,
    listener: Listener,
    person: HumanReviewer | None = None,
) -> Outcome:
    """Write a Django REST backend for each ERD in JSON, one after the other.

    `flags` maps environment names such as `ENABLE_RESPONSE_CACHE` to levels. Without a `person` a
    policy with a documented speed reviews. Only the response cache is written, to `workdir` or to
    the folder of `AGENT_CACHE_DIR`. Raises `ValueError` for another value of a flag or a session
    without ERDs, and openai's errors for a key or model that is refused; a wrong ERD is part of
    the outcome.
    """
    if not requests:
        raise ValueError("the session has no ERDs; expected: at least one")
    chosen = from_environment(RestFlags, flags)
    history = History(listener)
    prompts = PromptBuilder(texts_of(DJANGO), chosen.compressed)
    tools = Tools(Chat(client, model), prompts, _policy(chosen, flags))
    folder = Path(flags.get(CACHE_FOLDER) or workdir)
    answers = None if chosen.cache == "off" else ResponseCache(folder, chosen.cache, prompts, model)
    session = Session(
        agents=DJANGO.agents,
        plan=each_alone(waves(DJANGO.agents) if chosen.parallel else one_by_one(DJANGO.agents)),
        tools=tools,
        understand=understand,
        review=ReviewQueue(
            rules=prompts.texts.rules,
            threshold=chosen.threshold,
            batch=chosen.batch,
            defers=chosen.parallel or chosen.batch,
            person=person or SimulatedReviewer(trusts_high=chosen.batch),
        ),
        templates=chosen.templates,
        memory=answers,
    )
    try:
        artifacts = await run_session(session, requests, history)
    finally:
        if answers:
            answers.close()
    return Outcome(artifacts, rates(history.events))


def _policy(flags: RestFlags, environment: Mapping[str, str]) -> Retries:
    """Choose the retry policy; plain: the same prompt after 2 s, at most three times."""
    if not flags.recovery:
        return RetryPolicy(smart=False, names_issues=False)
    models = environment.get(ALTERNATIVES, DEFAULT_ALTERNATIVES).split(",")
    return RecoveryPolicy([name.strip() for name in models if name.strip()])


# Attributes that the harness reads: the factors, and the files around the generated ones.
django.factors = FACTORS  # type: ignore[attr-defined]
django.scaffold = partial(scaffold_of, DJANGO)  # type: ignore[attr-defined]
# For `flagbench generate`: the check of the ERD before any call, the reviewer with and without a
# terminal (on a real clock, so without pauses), and the step after the files are written.
django.check = read  # type: ignore[attr-defined]
django.attended = TerminalReviewer  # type: ignore[attr-defined]
django.unattended = partial(  # type: ignore[attr-defined]
    SimulatedReviewer, trusts_high=True, seconds_to_begin=0.0, seconds_per_line=0.0
)
django.finish = migrations.make_migrations  # type: ignore[attr-defined]
