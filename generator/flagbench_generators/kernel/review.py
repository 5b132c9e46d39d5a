"""Review of artifacts: syntax, then rules, then the model where the rules are uncertain."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from pydantic import BaseModel, ConfigDict, ValidationError

from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.formatting import syntax_error
from flagbench_generators.kernel.forms import form_error
from flagbench_generators.kernel.llm import Malformed
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.request_spec import RequestSpec
from flagbench_generators.kernel.rule import RuleBook, checks_for
from flagbench_generators.kernel.tools import Tools

AGENT = "tech_lead"
PHASE = "review"

# Seed value: from this confidence on, patterns decide without the model.
THRESHOLD = 0.85


@dataclass(frozen=True, slots=True)
class Review:
    """A verdict on an artifact; `issues` are the defects of one that is not approved.

    `text` is the file as edited by the reviewer, None if unchanged. A final verdict ends the
    retries.
    """

    approved: bool
    issues: tuple[str, ...] = ()
    text: str | None = None
    is_final: bool = False


class Reviewer(Protocol):
    """A reviewer of files.

    With `defers`, all files of a request are written before any review is awaited:
    `begin_drafting` and `end_drafting` mark that phase.
    """

    @property
    def defers(self) -> bool: ...  # noqa: D102

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """Review a file. Raises `CallFailed`."""

    def begin_drafting(self) -> None: ...  # noqa: D102
    def end_drafting(self) -> None: ...  # noqa: D102


class Issue(BaseModel):
    """A defect of a file, as a model reports it."""

    model_config = ConfigDict(extra="ignore")

    line: int | None = None
    message: str

    def __str__(self) -> str:
        return self.message if self.line is None else f"line {self.line}: {self.message}"


class Verdict(BaseModel):
    """The answer to a request for a review."""

    model_config = ConfigDict(extra="ignore")

    approved: bool
    issues: list[Issue] = []


@lru_cache(maxsize=4096)  # pure, and the sessions of a benchmark review the same texts
def by_rules(text: str, book: RuleBook, spec: RequestSpec) -> tuple[Review | None, float]:
    """Return the verdict of the rules, None if they are uncertain, and their score from 0 to 1.

    A match of a forbidden pattern with a confidence of at least `THRESHOLD` rejects. The score is
    the weight of the required patterns that match over the weight of all; a score of at least
    `THRESHOLD` without any forbidden match approves.
    """
    error = syntax_error(text)
    if error is not None:
        return Review(approved=False, issues=(f"does not parse: {error}",)), 0.0
    issues, weight, total, is_suspect = [], 0.0, 0.0, False
    for check in checks_for(book, spec):
        matches = check.pattern.search(text) is not None
        if check.rule.kind == "required":
            total += check.rule.weight
            weight += check.rule.weight * matches
        elif matches:
            is_suspect = True
            if check.rule.confidence >= THRESHOLD:
                issues.append(check.message)
    score = weight / total if total else 0.0
    if issues:
        return Review(approved=False, issues=tuple(dict.fromkeys(issues))), score
    if score >= THRESHOLD and not is_suspect:
        return Review(approved=True), score
    return None, score


async def by_model(job: Job, text: str, tools: Tools, trace: Trace) -> Review:
    """Have the model review a file. Raises `CallFailed`, also for malformed verdicts."""
    prompt = tools.prompts.review(job, text, Verdict)
    return await tools.ask(prompt, _read, agent=AGENT, phase=PHASE, trace=trace)


@dataclass(frozen=True, slots=True)
class TechLead:
    """Immediate review: by rules first with `confident`, else by the model."""

    tools: Tools
    confident: bool
    defers: bool = False

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """Review a file. Raises `CallFailed`."""
        confident = self.confident
        return await review(job, text, confident=confident, tools=self.tools, trace=trace)

    def begin_drafting(self) -> None:
        """Do nothing: no review is deferred."""

    def end_drafting(self) -> None:
        """Do nothing: no review is deferred."""


@dataclass(frozen=True, slots=True)
class FormOnly:
    """Review without a call: a file that can be read as what it is is approved."""

    defers: bool = False

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:  # noqa: ARG002  a protocol
        """Review a file."""
        error = form_error(job.path, text)
        return Review(approved=error is None, issues=() if error is None else (error,))

    def begin_drafting(self) -> None:
        """Do nothing: no review is deferred."""

    def end_drafting(self) -> None:
        """Do nothing: no review is deferred."""


async def review(job: Job, text: str, *, confident: bool, tools: Tools, trace: Trace) -> Review:
    """Review a file: by rules first with `confident`, else by the model. Raises `CallFailed`."""
    if not text.strip():
        return Review(approved=False, issues=("the file is empty",))
    if confident:
        verdict, score = by_rules(text, tools.prompts.texts.rules[job.agent.kind], job.spec)
        if verdict is not None:
            name = events.CONFIDENT_APPROVAL if verdict.approved else events.CONFIDENT_REJECTION
            trace(name, kind=job.agent.kind, score=round(score, 4))
            return verdict
        trace(events.UNCERTAIN, kind=job.agent.kind, score=round(score, 4))
    return await by_model(job, text, tools, trace)


def _read(answer: str) -> Review:
    try:
        verdict = Verdict.model_validate_json(answer)
    except ValidationError as error:
        raise Malformed(f"no verdict: {error.errors()[0]['msg']}") from error
    if verdict.approved:
        return Review(approved=True)
    return Review(approved=False, issues=tuple(map(str, verdict.issues)) or ("rejected",))
