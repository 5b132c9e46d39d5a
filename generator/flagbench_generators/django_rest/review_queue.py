"""The queue where files are approved by their score, or wait for a person."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from flagbench_generators.django_rest.quality import Quality, assess
from flagbench_generators.kernel import events
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.prompt_builder import Job
from flagbench_generators.kernel.review import Review
from flagbench_generators.kernel.rule import RuleBook

# From these scores on a file is of high and of medium quality.
HIGH, MEDIUM = 0.9, 0.7


@dataclass(frozen=True, slots=True, eq=False)
class QueuedFile:
    """A queued file with its quality and its future verdict."""

    job: Job
    text: str
    quality: Quality
    trace: Trace
    verdict: asyncio.Future[Review]

    @property
    def category(self) -> str:
        """The category: high, medium, low, or error for a file that cannot run."""
        if self.quality.errors:
            return "error"
        score = self.quality.score
        return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


class HumanReviewer(Protocol):
    """A person who reviews queued files, several in one sitting."""

    async def review(
        self, files: Sequence[QueuedFile], approved: Sequence[str]
    ) -> Sequence[Review]:
        """Return a verdict for each file; `approved` are the paths approved by their score."""


@dataclass(slots=True)
class ReviewQueue:
    """Reviewer that approves scores from `threshold` on, if given, and asks a person for the rest.

    With `batch`, the person reviews all waiting files once every file of a request is written;
    else one file at a time, in order of arrival. There is only one person.
    """

    rules: Mapping[str, RuleBook]
    threshold: float | None
    batch: bool
    defers: bool
    person: HumanReviewer
    _approved: list[str] = field(default_factory=list)
    _waiting: list[QueuedFile] = field(default_factory=list)
    _all_drafted: asyncio.Event = field(default_factory=asyncio.Event)
    _reviewing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def begin_drafting(self) -> None:
        """Mark that the files of a request are being written."""
        self._all_drafted.clear()
        self._approved.clear()

    def end_drafting(self) -> None:
        """Mark that all files are written."""
        self._all_drafted.set()

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """Review a file, by its score or by the person."""
        kind = job.agent.kind
        # The context of a file is the models, if anything.
        models = "\n".join(code for _, code in job.context)
        book, is_models = self.rules[kind], kind == "models"
        quality = assess(text, book, job.spec, is_models=is_models, models=models)
        score = quality.score
        layers = {layer.name: round(layer.score, 4) for layer in quality.layers}
        trace(events.QUALITY_SCORED, kind=kind, score=score, layers=layers, cost_by=quality.worst)
        if self.threshold is not None and score >= self.threshold:
            trace(events.AUTO_APPROVED, kind=kind, score=score)
            self._approved.append(job.path)
            return Review(approved=True)
        verdict: asyncio.Future[Review] = asyncio.get_running_loop().create_future()
        self._waiting.append(QueuedFile(job, text, quality, trace, verdict))
        if self.batch:
            await self._all_drafted.wait()
            await asyncio.sleep(0)  # files that arrive simultaneously belong to the same sitting
        async with self._reviewing:
            if not verdict.done():
                await self._review_next()
        return await verdict

    async def _review_next(self) -> None:
        """Have the person review all waiting files, or the first one."""
        number = len(self._waiting) if self.batch else 1
        files, self._waiting[:] = self._waiting[:number], self._waiting[number:]
        reviews = await self.person.review(files, tuple(self._approved))
        for file, review in zip(files, reviews, strict=True):
            if not file.verdict.done():
                file.verdict.set_result(review)
