"""Review in layers: does it parse, what do the rules say, and the model for the uncertain."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.formatting import parses
from flagbench_generators.kernel.llm import Malformed
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.rule import RuleBook, checks_for
from flagbench_generators.kernel.tools import Tools

AGENT = "tech_lead"
PHASE = "review"

# Seed value: patterns decide alone from this confidence on.
THRESHOLD = 0.85


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict on an artifact; `issues` is what to mend when it is not approved.

    `text` is the file as the reviewer changed it, None for unchanged. After a final verdict nobody
    tries again.
    """

    approved: bool
    issues: tuple[str, ...] = ()
    text: str | None = None
    is_final: bool = False


class Reviewer(Protocol):
    """Says whether a file passes.

    Where it `defers`, nobody waits for a review before all files of a request are written:
    `drafting` tells it that this begins, `drafted` that it is done.
    """

    @property
    def defers(self) -> bool: ...  # noqa: D102

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """Raises `CallFailed`."""

    def drafting(self) -> None: ...  # noqa: D102
    def drafted(self) -> None: ...  # noqa: D102


class _Issue(BaseModel):
    model_config = ConfigDict(extra="ignore")

    line: int | None = None
    message: str

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class _Verdict(BaseModel):
    model_config = ConfigDict(extra="ignore")

    approved: bool
    issues: list[_Issue] = []


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark review the same texts
def by_rules(text: str, book: RuleBook, asked: RequestSpec) -> tuple[Review | None, float]:
    """The verdict of the rules, None where they are not sure enough, and their approval score.

    A forbidden pattern found with a confidence of at least `THRESHOLD` rejects. The score is the
    weight of the required patterns found over the weight of all; from `THRESHOLD` on, and with
    no forbidden pattern found, it approves.
    """
    fault = parses(text)
    if fault is not None:
        return Review(approved=False, issues=(f"does not parse: {fault}",)), 0.0
    found, weight, whole, suspected = [], 0.0, 0.0, False
    for check in checks_for(book, asked):
        matches = check.pattern.search(text) is not None
        if check.rule.kind == "required":
            whole += check.rule.weight
            weight += check.rule.weight * matches
        elif matches:
            suspected = True
            if check.rule.confidence >= THRESHOLD:
                found.append(check.message)
    score = weight / whole if whole else 0.0
    if found:
        return Review(approved=False, issues=tuple(dict.fromkeys(found))), score
    if score >= THRESHOLD and not suspected:
        return Review(approved=True), score
    return None, score


async def by_model(job: Job, text: str, tools: Tools, trace: Trace) -> Review:
    """The tech lead's verdict. Raises `CallFailed`, for a malformed one after the retries too."""
    prompt = tools.briefs.review(job, text)
    return await tools.ask(prompt, _read, agent=AGENT, phase=PHASE, trace=trace)


@dataclass(frozen=True, slots=True)
class TechLead:
    """Reviews at once: by rules first where `confident`, else by the model."""

    tools: Tools
    confident: bool
    defers: bool = False

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """The verdict. Raises `CallFailed`."""
        confident = self.confident
        return await review(job, text, confident=confident, tools=self.tools, trace=trace)

    def drafting(self) -> None:
        """Nothing changes."""

    def drafted(self) -> None:
        """Nothing waits."""


async def review(job: Job, text: str, *, confident: bool, tools: Tools, trace: Trace) -> Review:
    """Review an artifact: by rules first where `confident`, else by the model.

    Raises `CallFailed`.
    """
    if not text.strip():
        return Review(approved=False, issues=("the file is empty",))
    if confident:
        verdict, score = by_rules(text, tools.briefs.texts.rules[job.agent.kind], job.asked)
        if verdict is not None:
            name = events.CONFIDENT_APPROVAL if verdict.approved else events.CONFIDENT_REJECTION
            trace(name, kind=job.agent.kind, score=round(score, 4))
            return verdict
        trace(events.UNCERTAIN, kind=job.agent.kind, score=round(score, 4))
    return await by_model(job, text, tools, trace)


def _read(answer: str) -> Review:
    try:
        verdict = _Verdict.model_validate_json(answer)
    except ValidationError as error:
        raise Malformed(f"no verdict: {error.errors()[0]['msg']}") from error
    if verdict.approved:
        return Review(approved=True)
    return Review(approved=False, issues=tuple(map(str, verdict.issues)) or ("rejected",))
