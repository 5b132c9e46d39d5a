"""Streams: recorded from a server on loopback, and replayed chunk by chunk on the virtual clock."""

import asyncio
import gc
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from threading import Event, Thread

import openai
import pytest
from interactions import explain
from streaming_server import END, PARTS, ROLE, WORDS, chunk, streaming
from test_transport import BASE

from flagbench.cassette import file, vcr_adapter
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.chunks import Chunk
from flagbench.headers import CUT, RESET
from flagbench.http_library import httpx
from flagbench.run import own_clients
from flagbench.run.cell_run import Call
from flagbench.run.counterfactual import Counterfactual, with_latencies
from flagbench.run.openai_client import client_over
from flagbench.run.rate_limit import RateLimitedTransport
from flagbench.run.transport import PacedTransport
from flagbench.run.virtual_clock import run_virtual
from flagbench.run.workdir import ALIAS, Workdir

SAY = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "a"}]}
Read = Callable[[openai.AsyncOpenAI], object]


def run(
    cassette: Cassette,
    read: Read,
    base: str = "",
    *,
    workdir: Workdir | None = None,
    counterfactual: Counterfactual | None = None,
) -> tuple[object, list[Call], float]:
    """Record from a base URL, or replay without; what `read` returns, the calls and the seconds."""
    opened = (
        vcr_adapter.recording(cassette, base, explain, ())
        if base
        else vcr_adapter.replaying(cassette, BASE, explain)
    )
    with httpx.HTTPTransport(trust_env=False) as wire, opened as played:
        transport = PacedTransport(wire, played, 1, 30.0, workdir)
        limited = RateLimitedTransport(transport, counterfactual or Counterfactual())

        async def main() -> object:
            client = client_over(limited, base or BASE, "key")
            loop = asyncio.get_running_loop()
            with own_clients.intercepted(limited, wire, loop, played.stop):
                returned = await read(client)
                await transport.pending_calls()
            return returned

        returned, seconds = run_virtual(main())
    return returned, transport.calls, seconds


def now() -> float:
    """Seconds of the virtual clock."""
    return round(asyncio.get_running_loop().time(), 6)


async def read_async(client: openai.AsyncOpenAI) -> list[tuple[float, object]]:
    """Each text with its time; an error as its name."""
    said: list[tuple[float, object]] = []
    try:
        stream = await client.chat.completions.create(**SAY)
        said.append((now(), "head"))
        async for event in stream:
            said.append((now(), event.choices[0].delta.content))  # noqa: PERF401  an error keeps it
    except (openai.APIConnectionError, httpx.TransportError) as error:  # older ones pass them on
        said.append((now(), type(error.__cause__ or error).__name__))
    return said


async def read_sync(client: openai.AsyncOpenAI) -> list[tuple[float, object]]:
    """The same by a sync client of the subject's own."""
    own = openai.OpenAI(base_url=str(client.base_url), api_key="x", max_retries=0)
    said: list[tuple[float, object]] = []
    try:
        stream = own.chat.completions.create(**SAY)
        said.append((now(), "head"))
        for event in stream:
            said.append((now(), event.choices[0].delta.content))  # noqa: PERF401  an error keeps it
    except (openai.APIConnectionError, httpx.TransportError) as error:  # older ones pass them on
        said.append((now(), type(error.__cause__ or error).__name__))
    return said


def recorded(folder: Path, base: str) -> Cassette:
    """A cassette of one streamed call, as it is read from its file."""
    cassette = Cassette.of(folder / "1.yaml", {"provider": "mine"}, [])
    run(cassette, read_async, base)
    file.save(cassette)
    return file.load(cassette.path, record_command="")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Cassette:
    """A recorded stream of four words."""
    with streaming() as base:
        return recorded(tmp_path_factory.mktemp("streams"), base)


def test_chunks_are_recorded_with_their_ends_and_times(whole: Cassette) -> None:
    """The pauses of the server lie between them; the ends are those of the scrubbed body."""
    (call,) = whole.interactions
    body, start = call.response_body, 0
    assert len(call.chunks) == len(PARTS)
    for part, one in zip(PARTS, call.chunks, strict=True):
        assert body[start : one.end] == part.replace(b"chatcmpl-abcdef123", b"scrubbed")
        start = one.end
    times = [0.0, *(one.seconds for one in call.chunks), call.elapsed_seconds]
    pauses = [after - before for before, after in pairwise(times)]
    assert all(0.04 < pause < 1 for pause in pauses)


@pytest.mark.parametrize("read", [read_async, read_sync])
def test_each_chunk_comes_at_its_recorded_time(whole: Cassette, read: Read) -> None:
    """The headers come with the first; the same digits in every replay."""
    (call,) = whole.interactions
    said, calls, _ = run(whole, read)
    times = [one.seconds for one in call.chunks]
    texts = ["", *WORDS, None]
    assert said == [(times[0], "head"), *zip(times, texts, strict=True)]
    assert not calls[0].cancelled
    for _ in range(3):
        assert run(whole, read)[0] == said
    assert run(whole, read_async)[0] == run(whole, read_sync)[0]


@pytest.mark.parametrize("read", [read_async, read_sync])
@pytest.mark.parametrize(
    ("ends", "failure", "error"),
    [("cut", CUT, "RemoteProtocolError"), ("reset", RESET, "ReadError")],
)
def test_a_stream_that_breaks_off_is_kept_and_breaks_off_again(
    tmp_path: Path, ends: str, failure: str, error: str, read: Read
) -> None:
    """As the same error at the same time; what arrived is paid for."""
    with streaming(PARTS[:3], ends=ends) as base:
        cassette = recorded(tmp_path, base)
    (call,) = cassette.interactions
    assert (call.failure, call.fault) == (failure, "")
    assert call.usage.completion_tokens > 0
    said, calls, seconds = run(cassette, read)
    assert said[-1] == (call.elapsed_seconds, error)
    assert [text for _, text in said[1:-1]] == ["", *WORDS[:2]]
    assert (calls[0].ended_seconds, seconds) == (call.elapsed_seconds, call.elapsed_seconds)
    assert not calls[0].cancelled


def test_a_line_that_breaks_off_keeps_no_identity(tmp_path: Path) -> None:
    """It is not JSON any more."""
    with streaming([*PARTS[:2], chunk({"content": "x"})[:40]], ends="cut") as base:
        cassette = recorded(tmp_path, base)
    assert b"chatcmpl" not in cassette.interactions[0].response_body
    assert b'data: {"id": "scrubbed' in cassette.interactions[0].response_body


async def _breaks(client: openai.AsyncOpenAI) -> object:
    stream = await client.chat.completions.create(**SAY)
    async for _ in stream:
        break
    await asyncio.sleep(1)
    return stream


async def _drops(client: openai.AsyncOpenAI) -> None:
    stream = await client.chat.completions.create(**SAY)
    async for _ in stream:
        break
    del stream
    await asyncio.sleep(1)
    gc.collect()
    await asyncio.sleep(1)


async def _closes(client: openai.AsyncOpenAI) -> None:
    async with await client.chat.completions.create(**SAY) as stream:
        async for _ in stream:
            break
        await asyncio.sleep(0.01)
    await asyncio.sleep(1)


async def _breaks_sync(client: openai.AsyncOpenAI) -> object:
    own = openai.OpenAI(base_url=str(client.base_url), api_key="x")
    stream = own.chat.completions.create(**SAY)
    for _ in stream:
        break
    await asyncio.sleep(1)
    return stream


async def _drops_sync(client: openai.AsyncOpenAI) -> None:
    await _breaks_sync(client)
    gc.collect()
    await asyncio.sleep(1)


async def _closes_sync(client: openai.AsyncOpenAI) -> None:
    own = openai.OpenAI(base_url=str(client.base_url), api_key="x")
    with own.chat.completions.create(**SAY) as stream:
        next(iter(stream))
        await asyncio.sleep(0.01)


async def _cancels(client: openai.AsyncOpenAI) -> None:
    async def read() -> None:
        async for _ in await client.chat.completions.create(**SAY):
            pass

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read(), 0.12)


STOPS = {
    "break": (_breaks, 0.0), "dropped": (_drops, 0.0), "closed later": (_closes, 0.01),
    "sync break": (_breaks_sync, 0.0), "sync dropped": (_drops_sync, 0.0),
    "sync closed later": (_closes_sync, 0.01),
}  # fmt: skip


@pytest.mark.parametrize(("read", "later_seconds"), STOPS.values(), ids=STOPS)
def test_a_client_that_stops_reading_ends_the_call(
    whole: Cassette, read: Read, later_seconds: float
) -> None:
    """When it closes the stream, or else when it last read it; the tokens count in full."""
    for _ in range(3):
        _, (call,), _ = run(whole, read)
        first = whole.interactions[0].chunks[0].seconds
        ended = round(call.ended_seconds - first, 6)
        assert (ended, call.cancelled) == (later_seconds, True)
        assert call.interaction.usage == whole.interactions[0].usage


def test_a_stream_is_closed_while_another_thread_collects_garbage(whole: Cassette) -> None:
    """Which may take for ever, as when a finalizer waits."""
    is_collecting, is_over = Event(), Event()

    class Waits:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            is_collecting.set()
            is_over.wait()

    def collects() -> None:
        Waits()
        gc.collect()

    run(whole, _closes)
    thread = Thread(target=collects)
    thread.start()
    is_collecting.wait()
    _, (call,), _ = run(whole, _closes)
    is_over.set()
    thread.join()
    assert round(call.ended_seconds - whole.interactions[0].chunks[0].seconds, 6) == 0.01


def test_a_cancelled_reader_ends_the_call(whole: Cassette) -> None:
    """At that time."""
    _, (call,), _ = run(whole, _cancels)
    assert (round(call.ended_seconds, 6), call.cancelled) == (0.12, True)


@pytest.mark.parametrize("client_kind", ["async", "sync"])
def test_a_timeout_between_chunks_is_virtual(whole: Cassette, client_kind: str) -> None:
    """It is that of a wait for the next bytes, not of the whole answer."""
    (call,) = whole.interactions
    slow = [
        Chunk(one.end, one.seconds + (20 if place > 2 else 0))
        for place, one in enumerate(call.chunks)
    ]
    paused = replace(call, chunks=tuple(slow), elapsed_seconds=call.elapsed_seconds + 20)
    cassette = Cassette.of(whole.path, {}, [paused])

    async def read(client: openai.AsyncOpenAI) -> float:
        with pytest.raises((openai.APITimeoutError, httpx.ReadTimeout)):
            if client_kind == "async":
                async for _ in await client.chat.completions.create(**SAY, timeout=5):
                    pass
            else:
                own = openai.OpenAI(base_url=str(client.base_url), api_key="x")
                for _ in own.chat.completions.create(**SAY, timeout=5):
                    pass
        return now()

    ended, (noted,), _ = run(cassette, read)
    assert ended == round(call.chunks[2].seconds + 5, 6)
    assert noted.cancelled


def test_a_slow_reader_gets_what_has_arrived_at_once(whole: Cassette) -> None:
    """And the call ends when it has read all of it."""

    async def read(client: openai.AsyncOpenAI) -> list[float]:
        times = []
        async for _ in await client.chat.completions.create(**SAY):
            times.append(now())
            await asyncio.sleep(0.2)
        return times

    times, _, _ = run(whole, read)
    first = whole.interactions[0].chunks[0].seconds
    assert times == [round(first + 0.2 * place, 6) for place in range(len(PARTS))]


def test_an_error_in_the_stream_is_replayed(tmp_path: Path) -> None:
    """As the SDK raises it, at its time."""
    error = b'data: {"error": {"message": "overloaded", "type": "server_error"}}\n\n'

    async def read(client: openai.AsyncOpenAI) -> tuple[str, float]:
        with pytest.raises(openai.APIError) as caught:
            async for _ in await client.chat.completions.create(**SAY):
                pass
        return caught.value.message, now()

    with streaming([ROLE, chunk({"content": "a"}), error]) as base:
        cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "mine"}, [])
        live = run(cassette, read, base)[0]
    assert live == ("overloaded", cassette.interactions[0].chunks[2].seconds)
    assert run(cassette, read)[0] == live


def test_lines_of_json_are_a_stream_too(tmp_path: Path) -> None:
    """Of httpx, as a local model sends them."""
    lines = [json.dumps({"response": word}).encode() + b"\n" for word in WORDS]

    async def read(client: openai.AsyncOpenAI) -> list[tuple[float, str]]:
        async with (
            httpx.AsyncClient() as own,
            own.stream("POST", f"{client.base_url}generate", json={"model": "m"}) as answer,
        ):
            return [(now(), json.loads(line)["response"]) async for line in answer.aiter_lines()]

    with streaming(lines, content_type="application/x-ndjson") as base:
        cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "mine"}, [])
        run(cassette, read, base)
    said = run(cassette, read)[0]
    chunks = cassette.interactions[0].chunks
    assert said == [(one.seconds, word) for one, word in zip(chunks, WORDS, strict=True)]


def test_a_stream_of_one_object_keeps_its_bytes(tmp_path: Path) -> None:
    """The chunks count them; the objects of other answers are written in another form."""
    body = b'{"response" :  "hi"}\n'
    with streaming([body[:12], body[12:]], content_type="application/x-ndjson") as base:
        call = recorded_lines(tmp_path, base)
    file.save(Cassette.of(tmp_path / "2.yaml", {}, [call]))
    assert file.load(tmp_path / "2.yaml", record_command="").interactions == [call]
    assert (call.response_body, [one.end for one in call.chunks]) == (body, [12, len(body)])


def recorded_lines(folder: Path, base: str) -> Interaction:
    """A stream of lines, asked for by httpx."""

    async def read(client: openai.AsyncOpenAI) -> None:
        async with httpx.AsyncClient() as own:
            await own.post(f"{client.base_url}generate", json={"model": "m"})

    cassette = Cassette.of(folder / "lines.yaml", {"provider": "mine"}, [])
    run(cassette, read, base)
    (call,) = cassette.interactions
    return call


def test_a_plain_answer_has_no_chunks(tmp_path: Path) -> None:
    """And nothing new in its cassette."""
    body = b'{"choices": [{"index": 0, "message": {"role": "assistant", "content": "hi"}}]}'
    plain = {name: value for name, value in SAY.items() if name != "stream"}

    async def read(client: openai.AsyncOpenAI) -> None:
        await client.chat.completions.create(**plain)

    with streaming([body], content_type="application/json") as base:
        cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "mine"}, [])
        run(cassette, read, base)
    file.save(cassette)
    assert cassette.interactions[0].chunks == ()
    assert "chunks" not in cassette.path.read_text()


def test_the_path_of_the_workdir_keeps_the_times_of_the_chunks(
    whole: Cassette, tmp_path: Path
) -> None:
    """An alias in two chunks arrives with the second."""
    text = chunk({"content": f"see {ALIAS}/workdir/a.py now"})
    half = text.index(ALIAS.encode()) + 6
    body = ROLE + text + END
    ends = [len(ROLE), len(ROLE) + half, len(ROLE) + len(text), len(body)]
    (tmp_path / "cell").mkdir()
    workdir = Workdir(tmp_path / "cell")
    asked = {**SAY, "messages": [{"role": "user", "content": f"in {ALIAS}/workdir"}]}
    call = replace(
        whole.interactions[0],
        request_body=json.dumps(asked).encode(),
        response_body=body,
        chunks=tuple(Chunk(end, float(place)) for place, end in enumerate(ends)),
        elapsed_seconds=3.0,
    )

    async def read(client: openai.AsyncOpenAI) -> list[tuple[float, bytes]]:
        messages = [{"role": "user", "content": f"in {workdir.path}"}]
        made = client.chat.completions.with_streaming_response.create(
            **{**SAY, "messages": messages}
        )
        async with made as answer:
            return [(now(), part) async for part in answer.iter_bytes()]

    said, _, _ = run(Cassette.of(whole.path, {}, [call]), read, workdir=workdir)
    native = text.replace(ALIAS.encode(), str(tmp_path / "cell").encode())
    start = half - 6
    assert said == [(0.0, ROLE), (1.0, native[:start]), (2.0, native[start:]), (3.0, END)]


def test_a_faster_provider_streams_faster(whole: Cassette) -> None:
    """A speed divides the times of chunks; a rate spreads them over its time."""
    (call,) = whole.interactions
    (fast,) = with_latencies(whole, Counterfactual(speed=2.0)).interactions
    assert [one.seconds * 2 for one in fast.chunks] == [one.seconds for one in call.chunks]
    assert fast.elapsed_seconds * 2 == call.elapsed_seconds
    paced = Counterfactual(tokens_per_second=10.0, first_token_seconds=1.0)
    (slow,) = with_latencies(whole, paced).interactions
    assert slow.chunks[0].seconds == 1.0
    assert slow.elapsed_seconds == 1.0 + call.usage.completion_tokens / 10
    assert [one.end for one in slow.chunks] == [one.end for one in call.chunks]
    said, _, _ = run(with_latencies(whole, paced), read_async)
    assert said[0] == (1.0, "head")


def test_a_stream_occupies_its_client_until_its_end(whole: Cassette) -> None:
    """Under a limit of concurrent calls."""
    double = Cassette.of(whole.path, {}, [*whole.interactions, *whole.interactions])

    async def read(client: openai.AsyncOpenAI) -> object:
        return await asyncio.gather(read_async(client), read_async(client))

    (first, second), calls, _ = run(double, read, counterfactual=Counterfactual(parallelism=1))
    end = whole.interactions[0].elapsed_seconds
    assert second[0][0] == round(end + first[0][0], 6)
    assert [call.started_seconds for call in calls] == [0.0, end]
