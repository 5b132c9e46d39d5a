"""The subject's client: every call is noted and takes its recorded time."""

import asyncio
import time
from pathlib import Path

import openai
import pytest
from interactions import explain, interaction
from scripted_provider import (
    Answer,
    Received,
    Script,
    in_words,
    one_by_one,
    scripted_provider,
)

from flagbench.cassette import cassette as cassette_module
from flagbench.cassette import file, vcr_adapter
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.headers import CLOSED, OUTCOME
from flagbench.http_library import httpx
from flagbench.run.cell_run import Call
from flagbench.run.openai_client import client_over
from flagbench.run.pace import PacedWire
from flagbench.run.transport import PacedTransport
from flagbench.run.virtual_clock import run_virtual

BASE = "http://provider/v1"
COMPLETION = (
    b'{"id": "x", "object": "chat.completion", "created": 1, "model": "m", "choices": '
    b'[{"index": 0, "message": {"role": "assistant", "content": "hi"}, "finish_reason": "stop"}]}'
)


def recorded(words: str, seconds: float, **more: object) -> Interaction:
    """A recorded call."""
    body = f'{{"messages": [{{"role": "user", "content": "{words}"}}], "model": "m"}}'
    return interaction(
        request_body=body.encode(), response_body=COMPLETION, elapsed_seconds=seconds, **more
    )


def ask(client: openai.AsyncOpenAI, words: str, **more: object) -> object:
    """One call."""
    messages = [{"role": "user", "content": words}]
    return client.chat.completions.create(model="m", messages=messages, **more)


def play(cassette: Cassette, calls: object) -> tuple[list[Call], float]:
    """Run calls over a cassette; what was noted, and the seconds they took."""
    with (
        httpx.HTTPTransport(trust_env=False) as wire,
        vcr_adapter.replaying(cassette, BASE, explain) as opened,
    ):
        transport = PacedTransport(wire, opened, trial=1)
        _, seconds = run_virtual(calls(client_over(transport, BASE, "key")))
    return transport.calls, seconds


def record(
    cassette: Cassette, script: Script, calls: object, trial: int = 1, cells: int = 1
) -> tuple[float, list[Received]]:
    """Run calls that are recorded onto a cassette; the seconds they took, and what was asked."""
    with scripted_provider(script) as provider, PacedWire(trust_env=False) as wire:
        for _ in range(cells):
            with vcr_adapter.recording(cassette, provider.base_url, explain, ()) as opened:
                transport = PacedTransport(wire, opened, trial, wire_timeout_seconds=30.0)
                _, seconds = run_virtual(calls(client_over(transport, provider.base_url, "key")))
    return seconds, provider.received


def test_a_call_takes_its_recorded_time_and_is_noted() -> None:
    """Agent, phase and request id come from its headers, whatever their case."""
    cassette = Cassette.of(Path("x"), {}, [recorded("a", 1.25), recorded("b", 2.5)])

    async def calls(client: openai.AsyncOpenAI) -> None:
        headers = {"X-Agent": "backend", "x-phase": "generate", "X-Client-Request-Id": "r1"}
        await ask(client, "b", extra_headers=headers)
        await asyncio.sleep(10)
        await ask(client, "a")

    noted, seconds = play(cassette, calls)
    assert noted == [
        Call("backend", "generate", "r1", cassette.interactions[1], 1, 0.0, 2.5),
        Call("", "", "", cassette.interactions[0], 0, 12.5, 13.75),
    ]
    assert seconds == 13.75


def test_calls_overlap_as_they_would() -> None:
    """They are noted when they end."""
    cassette = Cassette.of(Path("x"), {}, [recorded("a", 3.0), recorded("b", 1.0)])

    async def calls(client: openai.AsyncOpenAI) -> None:
        await asyncio.gather(ask(client, "a"), ask(client, "b"))

    noted, seconds = play(cassette, calls)
    assert [(one.place, one.started_seconds, one.ended_seconds) for one in noted] == [
        (1, 0.0, 1.0),
        (0, 0.0, 3.0),
    ]
    assert seconds == 3.0


def test_an_error_is_the_clients_error_and_takes_its_time_too() -> None:
    """The client raises what it would raise live, at once: it never retries by itself."""
    cassette = Cassette.of(
        Path("x"), {}, [recorded("a", 0.5, status=429, headers={"retry-after": ("9",)})]
    )

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.RateLimitError) as caught:
            await ask(client, "a")
        assert caught.value.response.headers["retry-after"] == "9"

    noted, seconds = play(cassette, calls)
    assert (len(noted), seconds) == (1, 0.5)


def test_a_cancelled_call_is_noted_when_it_is_cancelled() -> None:
    """And its cancellation reaches the subject; one that was cancelled too late is none."""
    cassette = Cassette.of(Path("x"), {}, [recorded("a", 3.0), recorded("b", 1.0)])

    async def calls(client: openai.AsyncOpenAI) -> None:
        late = asyncio.create_task(ask(client, "a"))
        await ask(client, "b")
        late.cancel()
        with pytest.raises(asyncio.CancelledError):
            await late
        await asyncio.sleep(10)

    noted, seconds = play(cassette, calls)
    assert noted == [
        Call("", "", "", cassette.interactions[1], 1, 0.0, 1.0, cancelled=False),
        Call("", "", "", cassette.interactions[0], 0, 0.0, 1.0, cancelled=True),
    ]
    assert seconds == 11.0


def test_a_timeout_of_the_subject_holds_on_the_virtual_clock() -> None:
    """The call ends then, as the client's own error; one that takes exactly as long is answered."""
    cassette = Cassette.of(Path("x"), {}, [recorded("a", 600.0), recorded("b", 5.0)])

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APITimeoutError):
            await ask(client.with_options(timeout=5), "a")
        await ask(client, "b", timeout=5)

    noted, seconds = play(cassette, calls)
    assert noted == [
        Call("", "", "", cassette.interactions[0], 0, 0.0, 5.0, cancelled=True),
        Call("", "", "", cassette.interactions[1], 1, 5.0, 10.0, cancelled=False),
    ]
    assert seconds == 10.0


def test_a_closed_connection_is_the_clients_error() -> None:
    """After the time that it took, and no timeout."""
    cassette = Cassette.of(
        Path("x"), {}, [recorded("a", 3.0, status=502, headers={OUTCOME: (CLOSED,)})]
    )

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APIConnectionError) as caught:
            await ask(client, "a")
        assert not isinstance(caught.value, openai.APITimeoutError)

    assert play(cassette, calls) == ([Call("", "", "", cassette.interactions[0], 0, 0.0, 3.0)], 3.0)


def test_a_closed_connection_that_a_recorder_was_told_of_is_recorded(tmp_path: Path) -> None:
    """The subject loses its connection while recording as it does in the replay."""
    told = Answer(status=502, headers={OUTCOME: CLOSED}, elapsed_ms=1500.0)
    cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "simulated"}, [])
    ended = []

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APIConnectionError) as caught:
            await ask(client, "a")
        ended.append(type(caught.value.__cause__))

    seconds, _ = record(cassette, one_by_one([told]), calls)
    file.save(cassette)
    again = file.load(cassette.path, record_command="")
    assert [one.failure for one in again.interactions] == [CLOSED]
    assert play(again, calls)[1] == seconds == 1.5
    assert ended == [httpx.RemoteProtocolError] * 2


def test_a_timeout_of_the_subject_does_not_cut_a_recording_short(tmp_path: Path) -> None:
    """Whoever waits longer needs the answer: it is recorded whole, with its time."""
    cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "simulated"}, [])

    def late(_: object) -> Answer:
        time.sleep(0.4)
        return Answer(elapsed_ms=None)

    async def calls(client: openai.AsyncOpenAI) -> None:
        with pytest.raises(openai.APITimeoutError):
            await ask(client, "a", timeout=0.1)

    seconds, _ = record(cassette, late, calls)
    (kept,) = cassette.interactions
    assert kept.status == 200
    assert kept.elapsed_seconds >= 0.4
    assert seconds == 0.1


def test_a_recording_says_which_trial_and_which_repetition(tmp_path: Path) -> None:
    """And wants no compression; the headers of the measurement are not sent."""

    async def calls(client: openai.AsyncOpenAI) -> None:
        for _ in range(2):
            await ask(client, "a", extra_headers={"X-Agent": "backend"})

    cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "simulated"}, [])
    seconds, received = record(cassette, in_words, calls, trial=4)
    told = [
        [one.headers.get(name) for name in ("x-flagbench-trial", "x-flagbench-occurrence")]
        for one in received
    ]
    assert told == [["4", "1"], ["4", "2"]]
    assert {one.headers["accept-encoding"] for one in received} == {"identity"}
    assert all("x-agent" not in one.headers for one in received)
    assert seconds == 2 * 1.001  # what the provider declared, on the virtual clock


def test_a_recorded_request_is_digested_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For the provider's headers, the look-up and the index of the cassette together."""
    bodies: list[bytes] = []
    canonical_body = cassette_module.canonical_body
    monkeypatch.setattr(
        cassette_module, "canonical_body", lambda body: bodies.append(body) or canonical_body(body)
    )
    cassette = Cassette.of(tmp_path / "1.yaml", {"provider": "simulated"}, [])

    async def calls(client: openai.AsyncOpenAI) -> None:
        await ask(client, f"said nowhere else: {tmp_path}")

    record(cassette, in_words, calls)
    assert bodies == [cassette.interactions[0].request_body]


def test_the_platform_is_known_before_the_clock_starts() -> None:
    """The client would look it up in a thread, which a virtual clock does not wait for."""
    cassette = Cassette.of(Path("x"), {}, [recorded("a", 1.0)])
    hops = []

    async def calls(client: openai.AsyncOpenAI) -> None:
        loop = asyncio.get_running_loop()
        loop.run_in_executor = lambda *args: hops.append(args)  # type: ignore[method-assign]
        await ask(client, "a")

    play(cassette, calls)
    assert hops == []
