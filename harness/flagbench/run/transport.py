"""What the subject's client speaks to: every call is noted, and takes its recorded time."""

import asyncio
import math
from dataclasses import dataclass

from openai import AsyncOpenAI
from openai._base_client import get_platform

from flagbench import headers
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.vcr_adapter import IndexedCassette
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a cell and what was recorded of it, at `place` on the tape.

    Times are seconds on the cell's clock.

    A call that the subject cancelled, or that took longer than the subject's timeout, ended then;
    its answer is paid for in full all the same, since a provider bills what it generated, whoever
    has stopped listening.
    """

    agent: str
    phase: str
    request_id: str
    interaction: Interaction
    place: int
    started_seconds: float
    ended_seconds: float
    cancelled: bool = False


# The finest step of the clock: it passes only when nothing else is left to do at this moment.
_MOMENT_SECONDS = 1e-6


class PacedTransport(httpx.AsyncBaseTransport):
    """Plays a call from the open cassette and then sleeps its latency on the running loop.

    The exchange itself is synchronous on purpose: under replay vcrpy answers it from memory, and a
    recording must not leave the virtual clock to wait for a socket. `wire_timeout_seconds` is real,
    and for a recording; the timeout that the subject sets for a call is on the clock, and no matter
    of the recording, which other combinations share.
    """

    def __init__(
        self,
        wire: httpx.HTTPTransport,
        cassette: IndexedCassette,
        trial: int,
        wire_timeout_seconds: float | None = None,
    ) -> None:
        self._wire = wire
        self._wire_timeout = httpx.Timeout(wire_timeout_seconds).as_dict()
        self._cassette = cassette
        self._trial = trial
        self._under_way = 0
        self.calls: list[Call] = []
        self.is_interrupted = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer one request, at the pace at which it was answered when it was recorded."""
        loop = asyncio.get_running_loop()
        started_seconds = loop.time()
        agent, phase, request_id = (
            request.headers.pop(name, "")
            for name in (headers.AGENT, headers.PHASE, headers.REQUEST_ID)
        )
        patience_seconds = request.extensions.get("timeout", {}).get("read") or math.inf
        response = self._exchange(request)
        interaction, place = self._cassette.played

        def note(*, cancelled: bool) -> None:
            self._under_way -= 1
            ended_seconds = loop.time()
            times = started_seconds, ended_seconds
            self.calls.append(Call(agent, phase, request_id, interaction, place, *times, cancelled))

        self._under_way += 1
        try:
            await asyncio.sleep(min(interaction.elapsed_seconds, patience_seconds))
        except asyncio.CancelledError:
            note(cancelled=True)
            raise
        is_given_up = interaction.elapsed_seconds > patience_seconds
        note(cancelled=is_given_up)
        if is_given_up:
            raise httpx.ReadTimeout("the call took longer than its timeout", request=request)
        if interaction.is_closed:
            raise httpx.RemoteProtocolError("the connection was closed", request=request)
        return response

    async def left_under_way(self) -> int:
        """How many calls nobody waits for, once the subject has returned.

        A race's loser that was cancelled right before the return gets the moment it needs to end.
        """
        if self._under_way:
            await asyncio.sleep(_MOMENT_SECONDS)
        return self._under_way

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        if self.is_interrupted:
            raise asyncio.CancelledError
        if self._cassette.stopped is not None:
            raise self._cassette.stopped
        if self._cassette.is_recording:
            asked = self._cassette.asked(request.method, str(request.url), request.content)
            request.headers[headers.TRIAL] = str(self._trial)
            request.headers[headers.OCCURRENCE] = str(asked.occurrence + 1)
            request.headers["accept-encoding"] = "identity"
            request.extensions = {**request.extensions, "timeout": self._wire_timeout}
        try:
            return self._wire.handle_request(request)
        except KeyboardInterrupt:
            # Noted, because a subject may catch anything.
            self.is_interrupted = True
            raise
        except httpx.TransportError as error:
            self._cassette.stop(
                CouldNotRun(
                    Problem(
                        f"the provider gave no whole answer: {type(error).__name__}: {error}",
                        where=str(request.url),
                        fix="run the same command again: what was answered before is kept",
                    )
                )
            )


def client_over(transport: httpx.AsyncBaseTransport, base_url: str, api_key: str) -> AsyncOpenAI:
    """The client that a subject is given. Its timeouts are the subject's to set.

    It never retries by itself: its pauses are drawn at random and would hide calls from the
    measurement. Its platform is looked up here, because it would do so in a thread.
    """
    client = AsyncOpenAI(
        base_url=base_url,
        api_key=api_key,
        max_retries=0,
        timeout=None,
        http_client=httpx.AsyncClient(transport=transport, trust_env=False),
    )
    client._platform = get_platform()
    return client
