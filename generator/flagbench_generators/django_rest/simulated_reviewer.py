"""A person with a documented speed and a documented judgement, for sessions that nobody attends."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from flagbench_generators.django_rest.review_queue import QueuedFile
from flagbench_generators.kernel import events
from flagbench_generators.kernel.review import Review

# Assumptions, not measurements: to begin a sitting takes so long, and a line of generated code that
# is skimmed beside what the layers found takes so long. Inspections that look for every fault are
# ten times slower (at most 500 lines an hour: Cohen, Best Kept Secrets of Peer Code Review, 2006).
SECONDS_TO_BEGIN = 20.0
SECONDS_PER_LINE = 0.5


@dataclass(frozen=True, slots=True)
class SimulatedReviewer:
    """Skims each file, and rejects what the layers call wrong or insecure; sees no more than they.

    With `trusts_high`, as who approves all of high quality at once, those files are not read.
    """

    trusts_high: bool
    seconds_to_begin: float = SECONDS_TO_BEGIN
    seconds_per_line: float = SECONDS_PER_LINE

    async def sit(
        self,
        files: Sequence[QueuedFile],
        approved: Sequence[str],  # noqa: ARG002  what passed needs no look
    ) -> Sequence[Review]:
        """A verdict for each file, after the time that they take."""
        read = [one for one in files if not self._trusts(one)]
        lines = sum(one.text.count("\n") for one in read)
        seconds = self.seconds_to_begin + self.seconds_per_line * lines
        files[0].trace(
            events.PERSON_REVIEWS,
            agent="person",
            delay_seconds=seconds,
            reason=f"{len(files)} files, {len(read)} read",
            files=len(files),
        )
        await asyncio.sleep(seconds)
        return [_verdict(one, is_trusted=self._trusts(one)) for one in files]

    def _trusts(self, file: QueuedFile) -> bool:
        return self.trusts_high and file.category == "high"


def _verdict(file: QueuedFile, *, is_trusted: bool) -> Review:
    wrong = tuple(
        issue for layer in file.quality.layers if layer.name != "practice" for issue in layer.issues
    )
    return Review(approved=is_trusted or not wrong, issues=() if is_trusted else wrong)
