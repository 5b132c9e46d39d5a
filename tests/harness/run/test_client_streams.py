"""Streams through HTTP libraries by hand: chunk by chunk on the virtual clock."""

import asyncio
import gc
import http.client
import json
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from pathlib import Path

import openai
import pytest
from streaming_server import PARTS, WORDS, streaming
from test_streamed_answer import SAY, now, recorded, run

from flagbench.cassette.cassette import Cassette
from flagbench.cassette.chunks import Chunk
from flagbench.measurement.streams import streamed_calls

requests = pytest.importorskip("requests", reason="requests is not installed: make clients")
urllib3 = pytest.importorskip("urllib3")
aiohttp = pytest.importorskip("aiohttp", reason="aiohttp is not installed: make clients")

Said = list[tuple[float, str]]
BODY = json.dumps(SAY).encode()
HEADERS = {"content-type": "application/json"}
ERRORS = (
    requests.RequestException, urllib3.exceptions.HTTPError, aiohttp.ClientError, OSError,
    http.client.HTTPException,
)  # fmt: skip


def asked_by_urllib3(url: str, timeout: float | None) -> urllib3.BaseHTTPResponse:
    """An answer whose body is still to be read."""
    return urllib3.PoolManager(retries=False).request(
        "POST", url, body=BODY, headers=HEADERS, preload_content=False, timeout=timeout
    )


def by_urllib3(url: str, timeout: float | None) -> Iterator[bytes]:
    """The parts of an answer, as urllib3 streams them."""
    yield from asked_by_urllib3(url, timeout).stream()


def by_read1(url: str, timeout: float | None) -> Iterator[bytes]:
    """The same, as they are read."""
    answer = asked_by_urllib3(url, timeout)
    while part := answer.read1():
        yield part


def by_requests(url: str, timeout: float | None) -> Iterator[bytes]:
    """The same of requests."""
    answer = requests.post(url, json=SAY, stream=True, timeout=timeout)
    yield from answer.iter_content(chunk_size=None)


async def by_aiohttp(url: str, timeout: float | None) -> AsyncIterator[bytes]:
    """The same of aiohttp."""
    limits = aiohttp.ClientTimeout(sock_read=timeout)
    async with (
        aiohttp.ClientSession(timeout=limits) as session,
        session.post(url, data=BODY, headers=HEADERS) as answer,
    ):
        async for part in answer.content.iter_any():
            yield part


def by_urllib(url: str, timeout: float | None) -> Iterator[bytes]:
    """The same of the standard library."""
    asked = urllib.request.Request(url, BODY, HEADERS)  # noqa: S310  http
    with urllib.request.urlopen(asked, timeout=timeout) as answer:  # noqa: S310
        while part := answer.read1():
            yield part


SYNC = {
    "urllib3": by_urllib3, "urllib3, read1": by_read1, "requests": by_requests,
    "urllib.request": by_urllib,
}  # fmt: skip
LIBRARIES = [*SYNC, "aiohttp"]
# What a stream raises that is cut, that is reset, and that is late.
OF_URLLIB3 = ("ProtocolError", "ProtocolError", "ReadTimeoutError")
RAISED = {
    "urllib3": OF_URLLIB3,
    "urllib3, read1": OF_URLLIB3,
    "requests": ("ChunkedEncodingError", "ChunkedEncodingError", "ConnectionError"),
    "urllib.request": ("IncompleteRead", "ConnectionResetError", "TimeoutError"),
    "aiohttp": ("ClientPayloadError", "ClientPayloadError", "SocketTimeoutError"),
}


def reader(name: str, timeout: float | None = None) -> Callable[[openai.AsyncOpenAI], object]:
    """What reads a stream to its end: each part with its time, an error as its name."""

    async def read(client: openai.AsyncOpenAI) -> Said:
        said: Said = []
        url = f"{client.base_url}chat/completions"
        try:
            if name == "aiohttp":
                async for part in by_aiohttp(url, timeout):
                    said.append((now(), part.decode()))
            else:
                for part in SYNC[name](url, timeout):
                    said.append((now(), part.decode()))
        except ERRORS as error:
            said.append((now(), type(error).__name__))
        return said

    return read


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Cassette:
    """A recorded stream of four words."""
    with streaming() as base:
        return recorded(tmp_path_factory.mktemp("streams"), base)


@pytest.mark.parametrize("name", LIBRARIES)
def test_each_chunk_comes_at_its_recorded_time(whole: Cassette, name: str) -> None:
    """The call's pace is that of the recording."""
    (interaction,) = whole.interactions
    said, (call,), seconds = run(whole, reader(name))
    times = [chunk.seconds for chunk in interaction.chunks]
    assert [at for at, _ in said] == times
    assert "".join(text for _, text in said).encode() == interaction.response_body
    assert not call.cancelled
    assert call.ended_seconds == seconds == interaction.elapsed_seconds
    (pace,) = streamed_calls([call])
    first, last = times[1], times[len(WORDS)]
    assert pace.first_token_seconds == first
    assert pace.tokens_per_second == round(interaction.usage.completion_tokens / (last - first), 6)


@pytest.mark.parametrize("name", LIBRARIES)
@pytest.mark.parametrize("ends", ["cut", "reset"])
def test_a_stream_that_breaks_off_is_the_librarys_error(
    tmp_path: Path, name: str, ends: str
) -> None:
    """At its time, after what had arrived."""
    with streaming(PARTS[:3], ends=ends) as base:
        cassette = recorded(tmp_path, base)
    (interaction,) = cassette.interactions
    said, (call,), _ = run(cassette, reader(name))
    assert [at for at, _ in said[:-1]] == [chunk.seconds for chunk in interaction.chunks]
    error = RAISED[name][["cut", "reset"].index(ends)]
    assert said[-1] == (interaction.elapsed_seconds, error)
    assert (call.ended_seconds, call.cancelled) == (interaction.elapsed_seconds, False)


@pytest.mark.parametrize("name", LIBRARIES)
def test_a_timeout_between_chunks_is_the_librarys_and_virtual(whole: Cassette, name: str) -> None:
    """It is that of a wait for the next bytes."""
    (interaction,) = whole.interactions
    slow = tuple(
        Chunk(chunk.end, chunk.seconds + (20 if place > 2 else 0))
        for place, chunk in enumerate(interaction.chunks)
    )
    paused = replace(interaction, chunks=slow, elapsed_seconds=interaction.elapsed_seconds + 20)
    said, (call,), _ = run(Cassette.of(whole.path, {}, [paused]), reader(name, timeout=3))
    ended = round(interaction.chunks[2].seconds + 3, 6)
    assert said[-1] == (ended, RAISED[name][2])
    assert (round(call.ended_seconds, 6), call.cancelled) == (ended, True)


async def _closes_urllib3(url: str) -> object:
    answer = asked_by_urllib3(url, None)
    parts = answer.stream()
    next(parts)
    await asyncio.sleep(0.01)
    answer.close()
    return parts


async def _leaves_requests(url: str) -> object:
    with requests.post(url, json=SAY, stream=True) as answer:
        lines = answer.iter_lines()
        next(lines)
        await asyncio.sleep(0.01)
    return lines


async def _drops_requests(url: str) -> None:
    answer = requests.post(url, json=SAY, stream=True)
    next(answer.iter_content(chunk_size=None))
    del answer
    gc.collect()


async def _keeps_requests(url: str) -> object:
    answer = requests.post(url, json=SAY, stream=True)
    next(answer.iter_content(chunk_size=None))
    return answer


async def _leaves_aiohttp(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.post(url, json=SAY) as answer:
        await answer.content.readany()
        await asyncio.sleep(0.01)


async def _ends_session(url: str) -> object:
    async with aiohttp.ClientSession() as session:
        answer = await session.post(url, json=SAY)
        await answer.content.readany()
        await asyncio.sleep(0.01)
    return answer


STOPS = {
    "urllib3 closed": (_closes_urllib3, 0.01), "requests left": (_leaves_requests, 0.01),
    "requests dropped": (_drops_requests, 0.0), "requests kept": (_keeps_requests, 0.0),
    "aiohttp left": (_leaves_aiohttp, 0.01), "aiohttp session ended": (_ends_session, 0.01),
}  # fmt: skip


@pytest.mark.parametrize(("stop", "later_seconds"), STOPS.values(), ids=STOPS)
def test_a_reader_that_stops_early_ends_the_call(
    whole: Cassette, stop: Callable[[str], Awaitable[object]], later_seconds: float
) -> None:
    """When it closes the answer, or else when it last read it; the tokens count in full."""

    async def read(client: openai.AsyncOpenAI) -> object:
        kept = await stop(f"{client.base_url}chat/completions")
        await asyncio.sleep(1)
        return kept

    for _ in range(3):
        _, (call,), _ = run(whole, read)
        first = whole.interactions[0].chunks[0].seconds
        ended = round(call.ended_seconds - first, 6)
        assert (ended, call.cancelled) == (later_seconds, True)
        assert call.interaction.usage == whole.interactions[0].usage
