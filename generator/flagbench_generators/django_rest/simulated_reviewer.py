"""A simulated person with documented speed and judgement, for unattended sessions."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from flagbench_generators.django_rest.review_queue import QueuedFile
from flagbench_generators.kernel import events
from flagbench_generators.kernel.review import Review

# Assumptions, not measurements: seconds to begin a sitting, and to skim a line of generated code
# together with the issues of the layers. Inspections that look for every fault are ten times slower
# (at most 500 lines an hour: Cohen, Best Kept Secrets of Peer Code Review, 2006).
SECONDS_TO_BEGIN = 20.0
SECONDS_PER_LINE = 0.5


@dataclass(frozen=True, slots=True)
class SimulatedReviewer:
    """Policy that rejects exactly the files with semantic or security issues of the layers.

    With `trusts_high`, files of high quality are approved without reading.
    """

    trusts_high: bool
    seconds_to_begin: float = SECONDS_TO_BEGIN
    seconds_per_line: float = SECONDS_PER_LINE

    async def review(
        self,
        files: Sequence[QueuedFile],
        approved: Sequence[str],  # noqa: ARG002  what passed needs no look
    ) -> Sequence[Review]:
        """Return a verdict for each file, after the time needed to read them."""
        read = [file for file in files if not self._trusts(file)]
        lines = sum(file.text.count("\n") for file in read)
        seconds = self.seconds_to_begin + self.seconds_per_line * lines
        files[0].trace(
            events.PERSON_REVIEWS,
            agent="person",
            delay_seconds=seconds,
            reason=f"{len(files)} files, {len(read)} read",
            files=len(files),
        )
        await asyncio.sleep(seconds)
        return [_verdict(file, is_trusted=self._trusts(file)) for file in files]

    def _trusts(self, file: QueuedFile) -> bool:
        return self.trusts_high and file.category == "high"


def _verdict(file: QueuedFile, *, is_trusted: bool) -> Review:
    issues = tuple(
        issue for layer in file.quality.layers if layer.name != "practice" for issue in layer.issues
    )
    return Review(approved=is_trusted or not issues, issues=() if is_trusted else issues)
