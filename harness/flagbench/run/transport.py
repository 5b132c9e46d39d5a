"""Transport of the subject's client: logs every call, which takes its recorded time."""

import asyncio
import math
from dataclasses import dataclass

from openai import AsyncOpenAI
from openai._base_client import get_platform

from flagbench import headers
from flagbench.cassette import multipart
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.vcr_adapter import IndexedCassette
from flagbench.errors import CouldNotRun
from flagbench.http_library import httpx
from flagbench.run import provider_wire


@dataclass(frozen=True, slots=True)
class Call:
    """A call of a cell and its interaction, at `place` in the cassette.

    Times are seconds on the cell's clock. A call that the subject cancelled, or that exceeded the
    subject's timeout, ended then; its tokens count in full, since a provider bills what it
    generated.
    """

    agent: str
    phase: str
    request_id: str
    interaction: Interaction
    place: int
    started_seconds: float
    ended_seconds: float
    cancelled: bool = False


# The resolution of the clock: a sleep of it ends after everything else due now has run.
_CLOCK_RESOLUTION_SECONDS = 1e-6


class PacedTransport(httpx.AsyncBaseTransport):
    """Plays a call from the open cassette and then sleeps its latency on the running loop.

    The exchange itself is synchronous on purpose: vcrpy answers it from memory, and a recording,
    which first asks the provider for what is missing, must not leave the virtual clock to wait for
    a socket. `wire_timeout_seconds` is real and applies to a recording. The timeout that the
    subject sets for a call runs on the virtual clock and leaves the recording alone, which other
    combinations share.
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
        self._pending = 0
        self.calls: list[Call] = []
        self.is_interrupted = False

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request with its recorded latency."""
        loop = asyncio.get_running_loop()
        started_seconds = loop.time()
        agent, phase, request_id = (
            request.headers.pop(name, "")
            for name in (headers.AGENT, headers.PHASE, headers.REQUEST_ID)
        )
        timeout_seconds = request.extensions.get("timeout", {}).get("read") or math.inf
        response = self._exchange(_reproducible(request, await request.aread()))
        interaction, place = self._cassette.last_played

        def log_call(*, cancelled: bool) -> None:
            self._pending -= 1
            ended_seconds = loop.time()
            times = started_seconds, ended_seconds
            self.calls.append(Call(agent, phase, request_id, interaction, place, *times, cancelled))

        self._pending += 1
        try:
            await asyncio.sleep(min(interaction.elapsed_seconds, timeout_seconds))
        except asyncio.CancelledError:
            log_call(cancelled=True)
            raise
        has_timed_out = interaction.elapsed_seconds > timeout_seconds
        log_call(cancelled=has_timed_out)
        if has_timed_out:
            raise httpx.ReadTimeout("the call took longer than its timeout", request=request)
        if interaction.is_closed:
            raise httpx.RemoteProtocolError("the connection was closed", request=request)
        return response

    async def pending_calls(self) -> int:
        """The number of calls that are still pending after the subject has returned.

        A call that was cancelled just before the return, as the loser of a race, can still end.
        """
        if self._pending:
            await asyncio.sleep(_CLOCK_RESOLUTION_SECONDS)
        return self._pending

    def _exchange(self, request: httpx.Request) -> httpx.Response:
        if self.is_interrupted:
            raise asyncio.CancelledError
        if self._cassette.stopped is not None:
            raise self._cassette.stopped
        try:
            if self._cassette.is_recording:
                self._record_missing(request)
            return self._wire.handle_request(request)
        except KeyboardInterrupt:
            # Stored, because a subject may catch anything.
            self.is_interrupted = True
            raise

    def _record_missing(self, request: httpx.Request) -> None:
        """Ask the provider for the answer to a request that the cassette lacks."""
        sent = self._cassette.sent_request(request.method, str(request.url), request.content)
        if not self._cassette.lacks(sent):
            return
        asked = httpx.Request(
            request.method,
            request.url,
            headers={
                **request.headers,
                headers.TRIAL: str(self._trial),
                headers.OCCURRENCE: str(sent.occurrence + 1),
                "accept-encoding": "identity",
            },
            content=request.content,
            extensions={**request.extensions, "timeout": self._wire_timeout},
        )
        try:
            answer = provider_wire.ask(self._wire, asked)
        except CouldNotRun as reason:
            self._cassette.stop(reason)
        self._cassette.record(
            sent,
            status=answer.status,
            headers=answer.headers,
            body=answer.body,
            elapsed_seconds=answer.elapsed_seconds,
        )


def _reproducible(request: httpx.Request, body: bytes) -> httpx.Request:
    """The request with a body in one part; that of an upload is the same in every run."""
    content_type, fixed = multipart.with_fixed_boundary(
        request.headers.get("content-type", ""), body
    )
    if fixed == body:
        return request
    framing = ("content-length", "content-type", "transfer-encoding")
    kept = {name: value for name, value in request.headers.items() if name not in framing}
    return httpx.Request(
        request.method,
        request.url,
        headers={**kept, "content-type": content_type},
        content=fixed,
        extensions=request.extensions,
    )


def client_over(transport: httpx.AsyncBaseTransport, base_url: str, api_key: str) -> AsyncOpenAI:
    """Create the client of a subject. It has no timeout unless the subject sets one.

    It never retries: its pauses are random, and the retries would be hidden from the measurement.
    Its platform is looked up here, because the client would do so in a thread.
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
