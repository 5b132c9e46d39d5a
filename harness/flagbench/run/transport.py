"""Transport of the subject's client: logs every call, which takes its recorded time."""

import asyncio
import os
import time
from dataclasses import dataclass

from flagbench import headers
from flagbench.cassette import retry_after
from flagbench.cassette.addresses import service_of
from flagbench.cassette.cassette import Interaction
from flagbench.cassette.chunks import Chunks, bytes_of, edits_between, moved
from flagbench.cassette.vcr_adapter import IndexedCassette, SentRequest
from flagbench.errors import CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench.run import interrupts, network, provider_wire
from flagbench.run.cell_run import Call
from flagbench.run.credentials import cookies_in, keys_in, with_key
from flagbench.run.pace import PacedWire
from flagbench.run.pausing import pause
from flagbench.run.portable_messages import with_alias, with_body, with_native_path
from flagbench.run.refusals import Refusals
from flagbench.run.reproducible_request import reproducible
from flagbench.run.streamed_answer import StreamedAnswer, timeout_of
from flagbench.run.workdir import Workdir


@dataclass(frozen=True, slots=True)
class _Answer:
    """A response and the interaction that it comes from; `is_repeated` by a refusal in force."""

    response: httpx.Response
    interaction: Interaction
    place: int
    elapsed_seconds: float
    sent: SentRequest
    chunks: Chunks = ()
    is_repeated: bool = False


# The resolution of the clock: a sleep of it ends after everything else due now has run.
_CLOCK_RESOLUTION_SECONDS = 1e-6


class PacedTransport(httpx.AsyncBaseTransport):
    """Plays a call from the open cassette and then sleeps its latency on the running loop.

    The exchange itself is synchronous on purpose: vcrpy answers it from memory, and a recording,
    which first asks the provider for what is missing, must not leave the virtual clock to wait for
    a socket. `wire_timeout_seconds` is real and applies to a recording. The timeout that the
    subject sets for a call runs on the virtual clock and leaves the recording alone, which other
    combinations share.

    A refused call that comes again before its wait is over, and earlier than it was recorded, is
    refused again, as a provider would; `refused_again` counts these. The path of the `workdir`,
    which is another in every cell, is replaced in requests and put back into answers. A recording
    sends `api_key`, whatever key the subject's client has.
    """

    def __init__(
        self,
        wire: httpx.HTTPTransport,
        cassette: IndexedCassette,
        trial: int,
        wire_timeout_seconds: float | None = None,
        workdir: Workdir | None = None,
        api_key: str = "",
    ) -> None:
        self._wire = wire
        self._process = os.getpid()
        self._workdir = workdir
        self._key = api_key
        self._refusals = Refusals()
        # The end of the latest refusal that was recorded, on the cell's clock.
        self._refused_seconds: float | None = None
        self._wire_timeout = httpx.Timeout(wire_timeout_seconds).as_dict()
        self._cassette = cassette
        self._trial = trial
        self._pending = 0
        self._streams: list[StreamedAnswer] = []
        self.calls: list[Call] = []
        # Agent, phase and request id of the latest call; of the one that stopped the cell, if any.
        self.latest = ("", "", "")
        self.interrupted: KeyboardInterrupt | None = None
        self.refused_again = 0
        self.exchange_cpu_seconds = 0.0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request with its recorded latency."""
        network.check_process(self._process)
        loop = asyncio.get_running_loop()
        started_seconds = loop.time()
        agent, phase, request_id = (
            request.headers.pop(name, "")
            for name in (headers.AGENT, headers.PHASE, headers.REQUEST_ID)
        )
        if self._cassette.stopped is None:
            self.latest = agent, phase, request_id
        timeout_seconds = timeout_of(request)
        request = with_alias(reproducible(request, await request.aread()), self._workdir)
        self._cassette.caller = agent, phase
        answer = self._answer(request, started_seconds)
        interaction, place = answer.interaction, answer.place

        def log_call(ended_seconds: float, cancelled: bool) -> None:
            self._pending -= 1
            times = started_seconds, ended_seconds
            by = agent or interaction.service
            found = self._cassette.counterpart_of(answer.sent)
            self.calls.append(
                Call(
                    by, phase, request_id, interaction, place, *times, cancelled,
                    answer.sent.places, found.how if found else "",
                )
            )  # fmt: skip

        self._pending += 1
        # The client gets the headers of a stream with its first chunk.
        latency_seconds = answer.chunks[0].seconds if answer.chunks else answer.elapsed_seconds
        try:
            await pause(min(latency_seconds, timeout_seconds))
        except asyncio.CancelledError:
            log_call(loop.time(), True)
            raise
        has_timed_out = latency_seconds > timeout_seconds
        if has_timed_out or not answer.chunks:
            log_call(loop.time(), has_timed_out)
        if has_timed_out:
            raise httpx.ReadTimeout("the call took longer than its timeout", request=request)
        if interaction.is_closed:
            raise httpx.RemoteProtocolError("the connection was closed", request=request)
        if not answer.is_repeated:
            self._refusals.note(answer.sent.key, interaction, place, loop.time())
        if not answer.chunks:
            return answer.response
        pieces = bytes_of(answer.chunks, answer.response.read())
        stream = StreamedAnswer(
            [(piece, started_seconds + seconds) for piece, seconds in pieces],
            loop=loop,
            ends_seconds=started_seconds + answer.elapsed_seconds,
            cut=interaction.cut,
            timeout_seconds=timeout_seconds,
            request=request,
            on_end=log_call,
        )
        self._streams.append(stream)
        stream.when_ended(lambda: self._streams.remove(stream))
        return httpx.Response(
            answer.response.status_code,
            headers=answer.response.headers.raw,
            stream=stream,
            extensions=answer.response.extensions,
        )

    @property
    def unknown_refusals(self) -> int:
        """Calls that a provider might have refused again, which the recording does not say."""
        return self._refusals.unknown

    async def pending_calls(self) -> int:
        """The number of calls that are still pending after the subject has returned.

        A call that was cancelled just before the return, as the loser of a race, can still end.
        A stream that nobody reads any more has ended.
        """
        for stream in [stream for stream in self._streams if not stream.is_waiting]:
            stream.abandon()
        if self._pending:
            await asyncio.sleep(_CLOCK_RESOLUTION_SECONDS)
        return self._pending

    def _answer(self, request: httpx.Request, now_seconds: float) -> "_Answer":
        """The answer to a request: of a refusal in force, or played."""
        began = time.process_time()
        try:
            if self.interrupted is not None:
                raise asyncio.CancelledError
            if self._cassette.stopped is not None:
                raise self._cassette.stopped
            sent = self._cassette.sent_request(request.method, str(request.url), request.content)
            recorded = self._cassette.recorded_answer(sent)
            is_live = recorded is None and self._cassette.is_recording
            refusal = self._refusals.of(sent.key, now_seconds, recorded)
            if refusal is not None and not is_live:
                self.refused_again += 1
                return _Answer(
                    refusal.response(request), refusal.interaction, refusal.place,
                    refusal.elapsed_seconds, sent, is_repeated=True,
                )  # fmt: skip
            waited_seconds = self._refusals.waited_seconds(sent.key, now_seconds)
            self._cassette.waited_seconds = waited_seconds
            response = self._exchange(request, now_seconds)
            interaction, place = self._cassette.last_played
            if retry_after.holds_date(interaction.headers):
                self._cassette.stop(_unknown_wait(interaction))
            chunks = interaction.chunks
            if self._cassette.restores:
                body = response.read()
                restored = self._cassette.restored(sent, place, body)
                response = with_body(response, restored)
                chunks = moved(chunks, edits_between(body, restored))
            response, chunks = with_native_path(response, chunks, self._workdir)
            # An answer of unknown latency comes at once; its cell has no time metrics.
            elapsed_seconds = interaction.elapsed_seconds or 0.0
            return _Answer(response, interaction, place, elapsed_seconds, sent, chunks)
        finally:
            self.exchange_cpu_seconds += time.process_time() - began

    def _exchange(self, request: httpx.Request, now_seconds: float) -> httpx.Response:
        try:
            if self._cassette.is_recording:
                self._record_missing(request, now_seconds)
            return self._wire.handle_request(request)
        except KeyboardInterrupt as interrupt:
            # Stored, because a subject may catch anything.
            self.interrupted = interrupt
            raise

    def _record_missing(self, request: httpx.Request, now_seconds: float) -> None:
        """Ask the provider for the answer to a request that the cassette lacks."""
        sent = self._cassette.sent_request(request.method, str(request.url), request.content)
        self._cassette.keep_out(keys_in(str(request.url), request.headers))
        if not self._cassette.lacks(sent):
            return
        is_service = service_of(sent.path) != ""
        url, sent_headers = str(request.url), dict(request.headers)
        if not is_service:  # which gets what the subject sends it, and never the provider's key
            url, sent_headers = with_key(url, sent_headers, self._key)
            sent_headers[headers.TRIAL] = str(self._trial)
            sent_headers[headers.OCCURRENCE] = str(sent.occurrence + 1)
        asked = httpx.Request(
            request.method,
            url,
            headers={
                **sent_headers,
                "accept-encoding": "identity",
            },
            content=request.content,
            extensions={**request.extensions, "timeout": self._wire_timeout},
        )
        paced = self._wire if isinstance(self._wire, PacedWire) and not is_service else None
        if paced is not None:
            since = self._refused_seconds
            paced.wait(None if since is None else now_seconds - since)
        with interrupts.after_the_answer(f"{sent.method} {sent.path}") as arrived:
            try:
                answer = provider_wire.ask(self._wire, asked, follow_redirects=not is_service)
            except CouldNotRun as reason:
                self._cassette.stop(reason)
            arrived()
            if paced is not None and paced.note(answer):
                self._refused_seconds = now_seconds + (answer.elapsed_seconds or 0.0)
            self._cassette.keep_out(cookies_in(answer.headers.get("set-cookie", ())))
            self._cassette.record(sent, answer)


def _unknown_wait(interaction: Interaction) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"the recorded answer {interaction.status} says retry-after: "
            f"{', '.join(interaction.headers['retry-after'])}, and not when it was given",
            expected="a wait in seconds, as a recording writes it",
            fix="record the scenario again, with --fresh",
        )
    )
