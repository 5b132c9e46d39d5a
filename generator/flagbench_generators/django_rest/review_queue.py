"""The desk where files are approved by their score, or wait for a person."""

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
    """A file on the desk, what the layers found in it, and what becomes of it."""

    job: Job
    text: str
    quality: Quality
    trace: Trace
    verdict: asyncio.Future[Review]

    @property
    def category(self) -> str:
        """high, medium, low, or error for what cannot be run at all."""
        if self.quality.errors:
            return "error"
        score = self.quality.score
        return "high" if score >= HIGH else "medium" if score >= MEDIUM else "low"


class HumanReviewer(Protocol):
    """Somebody who reviews what lies on the desk, in one sitting."""

    async def sit(self, files: Sequence[QueuedFile], approved: Sequence[str]) -> Sequence[Review]:
        """A verdict for each file; `approved` are the paths that passed by their score."""


@dataclass(slots=True)
class ReviewQueue:
    """Approves from `threshold` on, if there is one; the rest waits for the person.

    In a `batch` the person comes when all files of a request are written, and takes everything that
    lies there; else one file after the other, as they come. There is one person.
    """

    rules: Mapping[str, RuleBook]
    threshold: float | None
    batch: bool
    defers: bool
    person: HumanReviewer
    _approved: list[str] = field(default_factory=list)
    _waiting: list[QueuedFile] = field(default_factory=list)
    _drafted: asyncio.Event = field(default_factory=asyncio.Event)
    _sitting: asyncio.Lock = field(default_factory=asyncio.Lock)

    def drafting(self) -> None:
        """The files of a request are being written."""
        self._drafted.clear()
        self._approved.clear()

    def drafted(self) -> None:
        """They are all there."""
        self._drafted.set()

    async def __call__(self, job: Job, text: str, trace: Trace) -> Review:
        """The verdict on a file, by its score or by the person."""
        kind = job.agent.kind
        # Of all files, only the models are shown to others.
        models = "\n".join(shown for _, shown in job.context)
        book, is_models = self.rules[kind], kind == "models"
        quality = assess(text, book, job.asked, is_models=is_models, models=models)
        score = quality.score
        layers = {one.name: round(one.score, 4) for one in quality.layers}
        trace(events.QUALITY_SCORED, kind=kind, score=score, layers=layers, cost_by=quality.worst)
        if self.threshold is not None and score >= self.threshold:
            trace(events.AUTO_APPROVED, kind=kind, score=score)
            self._approved.append(job.path)
            return Review(approved=True)
        verdict: asyncio.Future[Review] = asyncio.get_running_loop().create_future()
        self._waiting.append(QueuedFile(job, text, quality, trace, verdict))
        if self.batch:
            await self._drafted.wait()
            await asyncio.sleep(0)  # what comes at the same moment belongs to the same sitting
        async with self._sitting:
            if not verdict.done():
                await self._sit()
        return await verdict

    async def _sit(self) -> None:
        """The person takes what lies there: everything, or the first file."""
        number = len(self._waiting) if self.batch else 1
        files, self._waiting[:] = self._waiting[:number], self._waiting[number:]
        reviews = await self.person.sit(files, tuple(self._approved))
        for file, review in zip(files, reviews, strict=True):
            if not file.verdict.done():
                file.verdict.set_result(review)
