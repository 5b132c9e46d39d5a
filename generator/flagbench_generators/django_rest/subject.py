"""The `django` generator as one function: what a benchmark, or a program, calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from openai import AsyncOpenAI

from flagbench_generators.django_rest import migrations
from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import read
from flagbench_generators.django_rest.flags import FACTORS, RestFlags
from flagbench_generators.django_rest.rates import rates
from flagbench_generators.django_rest.recovery import RecoveryPolicy
from flagbench_generators.django_rest.request_spec import understand
from flagbench_generators.django_rest.response_cache import ResponseCache
from flagbench_generators.django_rest.review_queue import HumanReviewer, ReviewQueue
from flagbench_generators.django_rest.simulated_reviewer import SimulatedReviewer
from flagbench_generators.django_rest.terminal_reviewer import TerminalReviewer
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.events import Event, Listener
from flagbench_generators.kernel.flags import from_environment
from flagbench_generators.kernel.llm import Chat
from flagbench_generators.kernel.pipeline import scaffold_of, texts_of
from flagbench_generators.kernel.prompt_builder import PromptBuilder
from flagbench_generators.kernel.retry import Policy as Retries
from flagbench_generators.kernel.retry import RetryPolicy
from flagbench_generators.kernel.session import Session, run_session
from flagbench_generators.kernel.tools import Tools
from flagbench_generators.kernel.waves import one_by_one, waves

# Names a folder that a team shares; each session has its own where nothing is named.
CACHE_FOLDER = "AGENT_CACHE_DIR"
# Names the models to turn to when one is limited or fails, separated by commas.
ALTERNATIVES = "AGENT_ALTERNATIVE_MODELS"
DEFAULT_ALTERNATIVES = "gpt-4.1-mini,gpt-4o"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a session made. `rates`: name -> (part, whole) of the pipeline's decisions."""

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
    the folder that `AGENT_CACHE_DIR` names. Raises `ValueError` for a flag with another value or a
    session without requests, and openai's own errors for a key or a model that is refused; an ERD
    that is wrong is in the outcome.
    """
    if not requests:
        raise ValueError("a session without ERDs; right would be one or more")
    chosen = from_environment(RestFlags, flags)
    happened: list[Event] = []

    def listen(event: Event) -> None:
        happened.append(event)
        listener(event)

    briefs = PromptBuilder(texts_of(DJANGO), chosen.compressed)
    tools = Tools(Chat(client, model), briefs, _policy(chosen, flags))
    folder = Path(flags.get(CACHE_FOLDER) or workdir)
    answers = None if chosen.cache == "off" else ResponseCache(folder, chosen.cache, briefs, model)
    shop = Session(
        agents=DJANGO.agents,
        planned=waves(DJANGO.agents) if chosen.parallel else one_by_one(DJANGO.agents),
        tools=tools,
        understand=understand,
        review=ReviewQueue(
            rules=briefs.texts.rules,
            threshold=chosen.threshold,
            batch=chosen.batch,
            defers=chosen.parallel or chosen.batch,
            person=person or SimulatedReviewer(trusts_high=chosen.batch),
        ),
        templates=chosen.templates,
        memory=answers,
    )
    try:
        artifacts = await run_session(shop, requests, listen)
    finally:
        if answers:
            answers.close()
    return Outcome(artifacts, rates(happened))


def _policy(flags: RestFlags, environment: Mapping[str, str]) -> Retries:
    """Plain: the same prompt again after 2 s, at most three times."""
    if not flags.recovery:
        return RetryPolicy(smart=False, names_issues=False)
    named = environment.get(ALTERNATIVES, DEFAULT_ALTERNATIVES).split(",")
    return RecoveryPolicy([one.strip() for one in named if one.strip()])


# What a benchmark may vary, and the files around what is generated.
django.factors = FACTORS  # type: ignore[attr-defined]
django.scaffold = partial(scaffold_of, DJANGO)  # type: ignore[attr-defined]
# For `flagbench generate`: what refuses a wrong ERD before anybody is asked, who reviews at a
# terminal or in place of a person, where no clock is virtual, and what is done once the files are
# written.
django.check = read  # type: ignore[attr-defined]
django.attended = TerminalReviewer  # type: ignore[attr-defined]
django.unattended = partial(  # type: ignore[attr-defined]
    SimulatedReviewer, trusts_high=True, seconds_to_begin=0.0, seconds_per_line=0.0
)
django.finish = migrations.make  # type: ignore[attr-defined]
