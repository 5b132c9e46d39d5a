"""The `django` generator as one function: what a benchmark, or a program, calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from openai import AsyncOpenAI

from generator.artifact import Artifact
from generator.brief import Briefs
from generator.erd import read
from generator.events import Event, Listener
from generator.flags import from_environment
from generator.kernel import Shop, run_session
from generator.llm import Chat
from generator.pipeline import scaffold_of, texts_of
from generator.pipelines.django import DJANGO
from generator.plan import one_by_one, waves
from generator.rest import migrations
from generator.rest.answers import Answers
from generator.rest.desk import Desk, Person
from generator.rest.flags import FACTORS, RestFlags
from generator.rest.person import Policy
from generator.rest.project import understand
from generator.rest.rates import rates
from generator.rest.recovery import RecoveryPolicy
from generator.rest.terminal import TerminalPerson
from generator.retry import Policy as Retries
from generator.retry import RetryPolicy
from generator.tools import Tools

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
    person: Person | None = None,
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

    briefs = Briefs(texts_of(DJANGO), chosen.compressed)
    tools = Tools(Chat(client, model), briefs, _policy(chosen, flags))
    folder = Path(flags.get(CACHE_FOLDER) or workdir)
    answers = None if chosen.cache == "off" else Answers(folder, chosen.cache, briefs, model)
    shop = Shop(
        agents=DJANGO.agents,
        planned=waves(DJANGO.agents) if chosen.parallel else one_by_one(DJANGO.agents),
        tools=tools,
        understand=understand,
        review=Desk(
            rules=briefs.texts.rules,
            threshold=chosen.threshold,
            batch=chosen.batch,
            defers=chosen.parallel or chosen.batch,
            person=person or Policy(trusts_high=chosen.batch),
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
django.attended = TerminalPerson  # type: ignore[attr-defined]
django.unattended = partial(Policy, trusts_high=True, seconds_to_begin=0.0, seconds_per_line=0.0)  # type: ignore[attr-defined]
django.finish = migrations.make  # type: ignore[attr-defined]
