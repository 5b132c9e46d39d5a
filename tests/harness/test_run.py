"""One cell: whatever a subject does, it is measured, or said why it could not be."""

from collections.abc import Callable
from pathlib import Path

import pytest
from house import House

from harness import clock
from harness.errors import CouldNotRun
from harness.worker import Cell

HEAD = """
import asyncio
import openai
from tiny import File, Happened, Made

def ask(client, words, **more):
    messages = [{"role": "user", "content": words}]
    return client.chat.completions.create(model="gpt-4o-mini", messages=messages, **more)

HELLO = "Write Python: a function that says hello"

async def run(requests, flags, client, *, model, workdir, listener):
"""
FACTORS = "factors: {short: {env: TINY_SHORT}, parallel: {env: TINY_PARALLEL}}\n"

Replay = Callable[[str], Cell]


@pytest.fixture
def replay(house: House, subject_module: Callable[[str], str]) -> Replay:
    """Replays the control's first trial of a subject with this body, over the tiny cassette."""

    def run(body: str) -> Cell:
        lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
        dotted = subject_module(HEAD + lines)
        house.edit("subject: tiny.write\n", f"subject: {dotted}\n{FACTORS}")
        scenario = house.scenario
        return house.worker()._cell(scenario, scenario.control, 1)

    return run


@pytest.fixture
def stopped(replay: Replay) -> Callable[[str], str]:
    """Replays a subject that cannot be measured, and gives the reason."""

    def run(body: str) -> str:
        with pytest.raises(CouldNotRun) as caught:
            replay(body)
        return str(caught.value)

    return run


def test_a_subject_that_asks_once(replay: Replay) -> None:
    """Its call, its time, its events, its artifacts and its rates arrive."""
    cell = replay("""
answer = await ask(client, HELLO, extra_headers={"X-Agent": "a", "X-Phase": "p"})
listener(Happened("written", "r"))
listener(Happened("slow_warning", "r", {"message": "slow"}))
await asyncio.sleep(1)
text = answer.choices[0].message.content
return Made([File("code", "x.py", text, True, "r")], {"odd_rate": (1, 2)})
""")
    row = cell.measurement
    assert (row.calls, row.seconds, cell.used, cell.recorded) == (1, 2.04, (4,), 6)
    assert row.events == {"written": 1, "slow_warning": 1}
    assert row.warnings == ["slow"]
    assert row.rates == {"odd_rate": (1, 2), "approval_rate": (1, 1)}
    assert list(row.by_agent) == ["a"]
    assert list(row.by_phase) == ["p"]
    assert cell.cpu_seconds > 0


def test_each_cell_has_an_empty_folder_that_is_gone_after_it(
    replay: Replay, tmp_path: Path
) -> None:
    """What a cell leaves in its folder, no other cell sees."""
    told = tmp_path / "told"
    replay(f"""
assert list(workdir.iterdir()) == []
(workdir / "cache").write_text("x")
with open({str(told)!r}, "w") as stream:
    stream.write(str(workdir))
return Made([], {{}})
""")
    assert not Path(told.read_text()).exists()


UNRECORDED = "ask(client, HELLO + '\\nand goodbye')"


@pytest.mark.parametrize(
    "body",
    [
        f"await {UNRECORDED}",
        f"try:\n    await {UNRECORDED}\nexcept Exception:\n    pass\nreturn Made([], {{}})",
        f"try:\n    await {UNRECORDED}\nexcept BaseException:\n    pass\nreturn Made([], {{}})",
        f"await asyncio.gather({UNRECORDED}, return_exceptions=True)\nreturn Made([], {{}})",
        f"for _ in range(3):\n    try:\n        await {UNRECORDED}\n"
        "    except BaseException:\n        await asyncio.sleep(1)\nreturn Made([], {})",
    ],
    ids=["plain", "catches Exception", "catches everything", "gathers", "retries"],
)
def test_an_unrecorded_request_cannot_be_swallowed(
    stopped: Callable[[str], str], house: House, body: str
) -> None:
    """The reason names scenario, series, trial, cassette, nearest request, words and command."""
    told = stopped(body).replace(f"{house.path}/", "")
    assert told == (
        "scenarios/tiny.yaml::none trial 1 (cassettes/simulated/tiny/1.yaml): "
        "POST /v1/chat/completions is not recorded; the nearest is interaction 5, which differs "
        'at\n      $.messages[0].content line 1: after "a function that says": '
        'recorded "hello", asked "hello\\nand goodbye"\n'
        "    right would be: the prompt as it was recorded, or a recording of the prompt as it is "
        "now\n"
        "    to mend it: flagbench record scenarios/tiny.yaml"
    )


def test_after_an_unrecorded_request_no_other_is_answered(stopped: Callable[[str], str]) -> None:
    """A subject that goes on gets the same stop again, not an answer."""
    told = stopped(f"""
try:
    await {UNRECORDED}
except BaseException:
    pass
await ask(client, HELLO)
raise RuntimeError("was answered")
""")
    assert "was answered" not in told
    assert "and goodbye" in told


def test_one_repetition_too_many(stopped: Callable[[str], str]) -> None:
    """Recorded once, asked twice."""
    told = stopped("await ask(client, HELLO)\nawait ask(client, HELLO)")
    assert "asks the same for the 2. time, and 1 answer(s) are recorded (interaction 5)" in told


OWN = "openai.AsyncOpenAI(base_url={url}, api_key='k', max_retries=0)"
ELSEWHERE = OWN.format(url="'http://elsewhere.test/v1'")
SAME = OWN.format(url="str(client.base_url)")


def test_a_client_of_its_own_to_the_provider_is_noticed(stopped: Callable[[str], str]) -> None:
    """It would be answered in no time, outside the measurement."""
    told = stopped(f"await ask({SAME}, HELLO)\nreturn Made([], {{}})")
    assert told.startswith("1 calls went past the client")


@pytest.mark.parametrize(
    "call",
    [
        f"await ask({ELSEWHERE}, HELLO)",
        "import urllib.request; urllib.request.urlopen('http://elsewhere.test/v1/x')",
        "import requests; await asyncio.to_thread(requests.get, 'http://elsewhere.test/v1/x')",
    ],
)
def test_another_host_ends_the_cell(stopped: Callable[[str], str], call: str) -> None:
    """Whichever library asks, and although the subject catches every `Exception`."""
    told = stopped(f"try:\n    {call}\nexcept Exception:\n    pass\nreturn Made([], {{}})")
    assert "http://elsewhere.test/v1/" in told
    assert "which is not its provider" in told


@pytest.mark.parametrize("client", [ELSEWHERE, SAME], ids=["elsewhere", "provider"])
def test_a_client_of_its_own_is_noticed_when_its_error_is_swallowed(
    stopped: Callable[[str], str], client: str
) -> None:
    """`gather(return_exceptions=True)` turns the stop into a value."""
    stopped(
        f"await asyncio.gather(ask({client}, 'unrecorded'), return_exceptions=True)\n"
        "return Made([], {})"
    )


def test_a_call_that_is_not_awaited_is_noticed(stopped: Callable[[str], str]) -> None:
    """Its tokens and seconds would be missing."""
    told = stopped("""
waiting = asyncio.create_task(ask(client, HELLO))
await asyncio.sleep(0.1)
return Made([], {})
""")
    assert "every call awaited, through the client that the subject was given" in told


def test_an_exception_of_the_subject_is_told_with_its_line(stopped: Callable[[str], str]) -> None:
    """The last frame, as a person would look for it."""
    told = stopped("raise KeyError('mine')")
    assert told.endswith("the subject raised KeyError: 'mine'")
    assert f"{HEAD.count(chr(10)) + 1}: the subject" in told


@pytest.mark.parametrize("what", ["SystemExit(3)", "asyncio.CancelledError()"])
def test_any_other_end_of_the_subject_is_told_too(stopped: Callable[[str], str], what: str) -> None:
    """A subject that exits has not been measured."""
    assert "the subject raised" in stopped(f"raise {what}")


@pytest.mark.parametrize("outcome", ["None", "Made([], {'x_rate': 3})", "Made(['text'], {})"])
def test_an_outcome_of_another_shape_is_told(stopped: Callable[[str], str], outcome: str) -> None:
    """A user's first subject will return the wrong thing."""
    stopped(f"return {outcome}")


def test_a_subject_that_waits_for_ever_is_ended(
    stopped: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told after some real seconds without any timer."""
    monkeypatch.setattr(clock, "STUCK_AFTER_SECONDS", 0.05)
    assert "never comes" in stopped("await asyncio.get_running_loop().create_future()")


def test_text_that_utf8_cannot_hold_is_an_artifact_too(replay: Replay) -> None:
    """A model may send half a surrogate pair."""
    cell = replay("return Made([File('code', 'x.py', '\\ud800', True, 'r')], {})")
    assert len(cell.measurement.artifacts[0]["sha256"]) == 64


def test_the_order_of_parallel_calls_does_not_mix_their_answers(replay: Replay) -> None:
    """Each gets its own, and the time is that of the longest."""
    cell = replay("""
words = ["adds two numbers", "says hello", "reverses a text"]
answers = await asyncio.gather(*(ask(client, f"Write Python: a function that {one}")
                                 for one in words))
for one, answer in zip(words, answers):
    assert one in answer.choices[0].message.content
return Made([], {})
""")
    assert (cell.measurement.calls, cell.measurement.seconds) == (3, 1.046)


def test_a_client_does_not_retry_by_itself(house: House, replay: Replay) -> None:
    """Its pauses are random, and it would hide calls from the measurement."""
    cell = replay("assert client.max_retries == 0\nreturn Made([], {})")
    assert cell.measurement.calls == 0
