"""Refusals in force: a provider that refused a call refuses it again until its wait is over.

A recording says what the provider answered to a call that had waited so long, not what it would
have answered earlier. Without this model, a subject that ignores `retry-after` would get the next
recorded answer at once, and look faster.
"""

from dataclasses import dataclass

from flagbench import headers
from flagbench.cassette import retry_after
from flagbench.cassette.cassette import Interaction
from flagbench.http_library import httpx
from flagbench.run.rate_limit import REFUSAL_SECONDS

_REFUSALS = (429, 503)
# Of the clock: a call at the very end of its wait is in time.
_RESOLUTION_SECONDS = 1e-6


@dataclass(frozen=True, slots=True)
class Refusal:
    """A recorded refusal at its `place`, that is in force for `remaining_seconds`."""

    interaction: Interaction
    place: int
    remaining_seconds: float

    @property
    def elapsed_seconds(self) -> float:
        """Its latency: never 0, so that a subject that asks again at once gets through.

        A cell with a refusal of unknown latency has no time metrics.
        """
        return self.interaction.elapsed_seconds or REFUSAL_SECONDS

    def response(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer with the wait that remains after its latency."""
        wait_seconds = max(self.remaining_seconds - self.elapsed_seconds, 0.0)
        repeated = {name: ", ".join(values) for name, values in self.interaction.headers.items()}
        repeated.pop("retry-after-ms", None)
        repeated["retry-after"] = f"{wait_seconds:.6f}".rstrip("0").rstrip(".")
        return httpx.Response(
            self.interaction.status, headers=repeated, content=self.interaction.response_body,
            request=request,
        )  # fmt: skip


class Refusals:
    """The refusals of a cell, by the digest of the request. Times are on the cell's clock.

    `unknown` counts the calls that came before their wait was over and were played as recorded,
    because the recording does not say when they were made.
    """

    def __init__(self) -> None:
        self._noted = dict[str, _Noted]()
        self.unknown = 0

    def note(self, key: str, interaction: Interaction, place: int, now_seconds: float) -> None:
        """Note an answer to a call that ended now: a refusal with a wait, or any other."""
        wait_seconds = retry_after.seconds_of(interaction.headers)
        if interaction.status in _REFUSALS and wait_seconds:
            self._noted[key] = _Noted(interaction, place, now_seconds, wait_seconds)
        else:
            self._noted.pop(key, None)

    def waited_seconds(self, key: str, now_seconds: float) -> float | None:
        """Seconds since this request was refused; None if it was not."""
        noted = self._noted.get(key)
        return None if noted is None else now_seconds - noted.since_seconds

    def of(self, key: str, now_seconds: float, next_answer: Interaction | None) -> Refusal | None:
        """The refusal of a request that is sent now, or None if it is admitted.

        `next_answer` is what the recording has next, None for nothing. It was given after a known
        wait, and a call that has waited less is refused.
        """
        noted = self._noted.get(key)
        waited_seconds = self.waited_seconds(key, now_seconds)
        if noted is None or waited_seconds is None:
            return None
        remaining_seconds = noted.wait_seconds - waited_seconds
        if remaining_seconds < _RESOLUTION_SECONDS:
            return None
        if next_answer is not None:
            waits = next_answer.headers.get(headers.WAITED)
            if waits is None:
                self.unknown += 1
                return None
            if waited_seconds > float(waits[0]) - _RESOLUTION_SECONDS:
                return None
        return Refusal(noted.interaction, noted.place, remaining_seconds)


@dataclass(frozen=True, slots=True)
class _Noted:
    """A refusal that was answered at `since_seconds` and asks for a wait."""

    interaction: Interaction
    place: int
    since_seconds: float
    wait_seconds: float
