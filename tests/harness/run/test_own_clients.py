"""Clients that a subject builds itself: counted, replayed with their latency, on virtual time."""

from collections.abc import Callable

import pytest
from house import House
from replay import HEAD, SYNC_HEAD, Replay
from scripted_provider import scripted_provider

OWN = {
    "sync": (SYNC_HEAD, "ask(openai.OpenAI(), HELLO)"),
    "sync with base_url": (
        SYNC_HEAD,
        "ask(openai.OpenAI(base_url=str(client.base_url), api_key='x'), HELLO)",
    ),
    "sync, on the loop": (HEAD, "ask(openai.OpenAI(), HELLO)"),
    "sync, in a thread": (HEAD, "await asyncio.to_thread(ask, openai.OpenAI(), HELLO)"),
    "async": (HEAD, "await ask(openai.AsyncOpenAI(), HELLO)"),
}


@pytest.mark.parametrize(("head", "call"), OWN.values(), ids=OWN)
def test_the_call_of_an_own_client_takes_its_latency(replay: Replay, head: str, call: str) -> None:
    """The same second and tokens as through the client passed to the subject."""
    row = replay(f"answer = {call}\nassert answer.choices\nreturn Made([], {{}})", head).measurement
    given = replay("await ask(client, HELLO)\nreturn Made([], {})").measurement
    assert (row.calls, row.seconds, row.tokens) == (1, given.seconds, given.tokens)
    assert row.seconds > 0


def test_sync_calls_of_a_pool_overlap(replay: Replay) -> None:
    """Two calls at once take as long as the longer one, in every run."""
    row = replay("""
from concurrent.futures import ThreadPoolExecutor
with ThreadPoolExecutor(2) as pool:
    list(pool.map(lambda words: ask(openai.OpenAI(), words), (HELLO, ADDS)))
return Made([], {})
""", SYNC_HEAD).measurement  # fmt: skip
    given = replay("""
await asyncio.gather(ask(client, HELLO), ask(client, ADDS))
return Made([], {})
""").measurement
    assert (row.calls, row.seconds) == (2, given.seconds)


@pytest.mark.parametrize(("head", "call"), list(OWN.values())[::2], ids=list(OWN)[::2])
def test_a_timeout_of_an_own_client_is_virtual(replay: Replay, head: str, call: str) -> None:
    """It raises the library's own error after exactly that time; retries count as calls."""
    timed = call.replace("OpenAI()", "OpenAI(timeout=0.25, max_retries=0)")
    row = replay(f"""
try:
    {timed}
except openai.APITimeoutError:
    return Made([], {{}})
""", head).measurement  # fmt: skip
    assert (row.calls, row.seconds) == (1, 0.25)


def test_an_unrecorded_call_of_a_sync_client_is_explained(stopped: Callable[..., str]) -> None:
    """As one through the client passed to the subject is."""
    assert "is not recorded" in stopped("ask(openai.OpenAI(), 'unheard')", SYNC_HEAD)


def test_an_unrecorded_call_of_a_thread_is_explained(stopped: Callable[..., str]) -> None:
    """Also where another waits for ever for the thread that it ended."""
    told = stopped("""
import queue, threading
answers = queue.Queue()
threading.Thread(target=lambda: answers.put(ask(openai.OpenAI(), "unheard"))).start()
answers.get()
""", SYNC_HEAD)  # fmt: skip
    assert "is not recorded" in told


@pytest.mark.parametrize("head", [HEAD, SYNC_HEAD], ids=["async", "sync"])
@pytest.mark.parametrize("client", ["client", "openai.AsyncOpenAI()"], ids=["given", "own"])
def test_calls_in_an_event_loop_of_its_own_are_exact(
    replay: Replay, head: str, client: str
) -> None:
    """They overlap as on the loop of the cell, with its sleeps and timeouts."""
    run = (
        "asyncio.run(main())"
        if head == SYNC_HEAD
        else "await asyncio.to_thread(asyncio.run, main())"
    )
    row = replay(f"""
async def main():
    a = {client}
    await asyncio.gather(ask(a, HELLO), ask(a, ADDS), asyncio.sleep(0.1))
    try:
        await asyncio.wait_for(ask(a, REVERSES), 0.25)
    except TimeoutError:
        await asyncio.sleep(1)
{run}
return Made([], {{}})
""", head).measurement  # fmt: skip
    given = replay("""
await asyncio.gather(ask(client, HELLO), ask(client, ADDS))
return Made([], {})
""").measurement
    assert (row.calls, row.seconds) == (3, round(given.seconds + 1.25, 6))


@pytest.mark.parametrize("kind", ["def run", "async def run"])
def test_a_recording_sends_the_real_key(
    empty_house: House, subject_module: Callable[[str], str], kind: str
) -> None:
    """The subject sees a placeholder, and its calls are in the cassette."""
    dotted = subject_module(f"""
import os, openai
{kind}(model, requests):
    assert os.environ["OPENAI_API_KEY"] == "flagbench"
    messages = [{{"role": "user", "content": requests[0]}}]
    openai.OpenAI().chat.completions.create(model=model, messages=messages)
""")
    empty_house.edit("tiny.write\n", f"{dotted}\nfactors: {{short: {{env: S}}}}\n")
    empty_house.edit('targets:\n  all:\n    token_reduction: ">= 20 %"\n', "targets:\n  all:\n")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, trials=1)
    keys = {received.headers["authorization"] for received in provider.received}
    assert len(provider.received) == 1
    assert keys != {"Bearer flagbench"}
    scenario = empty_house.scenario
    cell = empty_house.runner().cell_runner.cell(scenario, scenario.control, 1)
    assert cell.measurement.calls == 1
