"""One cell: whatever a subject does, it is measured, or said why it could not be."""

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from house import House
from patience import PATIENCE_SECONDS
from replay import HEAD, Replay
from test_virtual_clock import busy_machine  # noqa: F401  the fixture

from flagbench.run import turns


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


def test_what_a_subject_changes_in_its_process_is_undone(replay: Replay) -> None:
    """Variables, the working folder, and an output that it closes."""
    before = Path.cwd(), dict(os.environ)
    replay("""
import os, sys
os.environ["MADE_BY_SUBJECT"] = str(workdir)
os.environ.pop("HOME", None)
os.chdir(workdir)
sys.stdout.close()
return Made([], {})
""")
    assert (Path.cwd(), dict(os.environ)) == before
    assert not sys.stdout.closed


def test_a_fork_ends_where_it_leaves_the_subject(tmp_path: Path) -> None:
    """It would record and report as its parent does; here it returns, exits or fails."""
    (tmp_path / "forking.py").write_text("""
import os, sys
def sync(workdir):
    fork(workdir, lambda: None)
async def run(workdir):
    for how in (lambda: None, lambda: sys.exit(3), lambda: 1 / 0):
        if fork(workdir, how):
            return how()
def fork(workdir, how):
    child = os.fork()
    if child:
        (workdir / str(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))).touch()
    return not child
""")
    told = recorded(tmp_path, "forking", "run", "sync")
    assert told.count(".yaml: recorded 0 requests") == 2
    assert "ZeroDivisionError" in told


@pytest.mark.parametrize(
    "call",
    [
        "if not (child := os.fork()):\n    await ask(client, HELLO)\nos.waitpid(child, 0)\n",
        """
def called():
    if not (child := os.fork()):
        try:
            urllib.request.urlopen(base_url + "/chat/completions", b"{}")
        finally:
            os._exit(1)
    os.waitpid(child, 0)
await asyncio.to_thread(called)
""",
    ],
    ids=["the client", "a thread's own client"],
)
def test_calls_of_a_fork_are_not_lost(stopped: Callable[[str], str], call: str) -> None:
    """Its parent cannot count them, and the fork must not wait for a loop that it does not have."""
    told = stopped(
        "import os, urllib.request\nbase_url = os.environ['OPENAI_BASE_URL']\n"
        f"{call}return Made([], {{}})"
    )
    assert told.startswith("a forked process tried to reach the provider, which is outside the")


def test_a_recording_stays_where_it_is_while_the_subject_moves(tmp_path: Path) -> None:
    """Its folder is named from that of the command."""
    (tmp_path / "moving.py").write_text("""
import os
async def run(requests, client, model, workdir):
    os.chdir(workdir)
    messages = [{"role": "user", "content": requests[0]}]
    await client.chat.completions.create(model=model, messages=messages)
    assert not os.listdir(), os.listdir()
""")
    assert "run.yaml: recorded 1 requests" in recorded(tmp_path, "moving", "run")
    assert (tmp_path / "cassettes" / "simulated" / "run" / "1.yaml").exists()


def recorded(folder: Path, module: str, *functions: str) -> str:
    """What the command tells that records a scenario of each function, in a process of its own."""
    head = "title: T\nabout: A.\ntrials: 1\nrequests: [x]\ndesign: named\ncombinations: [none]\n"
    for name in functions:
        (folder / f"{name}.yaml").write_text(f"{head}subject: {module}.{name}\n")
    command = "from flagbench.cli.main import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", command, "record", *(f"{name}.yaml" for name in functions)],
        cwd=folder, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stderr


UNRECORDED = "ask(client, HELLO + '\\nand goodbye')"


SWALLOWING = {
    "plain": f"await {UNRECORDED}\n",
    "catches Exception": f"""
try:
    await {UNRECORDED}
except Exception:
    pass
""",
    "catches everything": f"""
try:
    await {UNRECORDED}
except BaseException:
    pass
""",
    "gathers": f"await asyncio.gather({UNRECORDED}, return_exceptions=True)\n",
    "retries": f"""
for _ in range(3):
    try:
        await {UNRECORDED}
    except BaseException:
        await asyncio.sleep(1)
""",
}


@pytest.mark.parametrize("body", SWALLOWING.values(), ids=SWALLOWING)
def test_an_unrecorded_request_cannot_be_swallowed(
    stopped: Callable[[str], str], house: House, body: str
) -> None:
    """The reason names scenario, series, trial, cassette, nearest request, words and command."""
    told = stopped(f"{body}return Made([], {{}})").replace(f"{house.path}/", "")
    assert told == (
        "scenarios/tiny.yaml::none trial 1 (cassettes/simulated/tiny/1.yaml): "
        "POST /v1/chat/completions is not recorded; the nearest is interaction 5, which differs "
        'at\n      $.messages[0].content line 1: after "a function that says": '
        'recorded "hello", sent "hello\\nand goodbye"\n'
        "    expected: the prompt as it was recorded, or a recording of the prompt as it is "
        "now\n"
        "    fix: flagbench record scenarios/tiny.yaml"
    )


def test_a_stop_is_told_once(
    stopped: Callable[[str], str], caplog: pytest.LogCaptureFixture
) -> None:
    """asyncio tells of every task whose end nobody awaited; of a stop the cell tells itself."""
    told = stopped(f"""
forgotten = [asyncio.ensure_future({UNRECORDED}) for _ in range(2)]
await asyncio.sleep(1)
return Made([], {{}})
""")
    gc.collect()
    assert "is not recorded" in told
    assert caplog.records == []


def test_what_asyncio_says_about_a_subjects_own_tasks_is_heard(
    replay: Replay, caplog: pytest.LogCaptureFixture
) -> None:
    """An error in a task that it forgot may be why its figures are odd."""
    replay("""
async def fail():
    raise ValueError("mine")

asyncio.create_task(fail())
await asyncio.sleep(1)
return Made([], {})
""")
    gc.collect()
    assert [one.getMessage().split("\n")[0] for one in caplog.records] == [
        "Task exception was never retrieved"
    ]


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
    assert "sent the same request 2 times; recorded answers: 1 (interaction 5)" in told


OWN = "openai.AsyncOpenAI(base_url={url}, api_key='k', max_retries=0)"
ELSEWHERE = OWN.format(url="'http://elsewhere.test/v1'")
SAME = OWN.format(url="str(client.base_url)")


def test_the_standard_library_to_the_provider_is_measured(replay: Replay) -> None:
    """With the time and the tokens of its call."""
    cell = replay("""
import json, urllib.request
body = {"messages": [{"role": "user", "content": HELLO}], "model": "gpt-4o-mini"}
url = f"{client.base_url}chat/completions"
direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
direct.open(urllib.request.Request(url, json.dumps(body).encode(), method="POST"))
return Made([], {})
""")
    assert cell.measurement.calls == 1
    assert cell.measurement.tokens > 0
    assert cell.measurement.seconds > 0


@pytest.mark.parametrize(
    "call",
    [
        f"await ask({ELSEWHERE}, HELLO)",
        "import urllib.request; urllib.request.urlopen('http://elsewhere.test/v1/x')",
        "import requests; await asyncio.to_thread(requests.get, 'http://elsewhere.test/v1/x')",
    ],
    ids=["openai", "urllib", "requests in a thread"],
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


UNDER_WAY = {
    "not awaited": """
waiting = asyncio.create_task(ask(client, HELLO))
await asyncio.sleep(0.1)
""",
    "shielded from its timeout, so not cancelled": """
try:
    await asyncio.wait_for(asyncio.shield(asyncio.ensure_future(ask(client, HELLO))), 0.5)
except TimeoutError:
    pass
""",
    "sent while another is cancelled": """
async def stubborn():
    try:
        await ask(client, HELLO)
    finally:
        await ask(client, ADDS)

task = asyncio.create_task(stubborn())
await asyncio.sleep(0.5)
task.cancel()
""",
}


@pytest.mark.parametrize("body", UNDER_WAY.values(), ids=UNDER_WAY)
def test_a_call_that_nobody_waits_for_is_noticed(stopped: Callable[[str], str], body: str) -> None:
    """Its tokens and seconds would be missing."""
    told = stopped(f"{body}return Made([], {{}})")
    assert told.startswith("the subject returned while 1 calls were pending\n")
    assert "every call awaited or cancelled, through the client passed to the subject" in told


# Calls, seconds of the cell, and seconds of all calls together.
CANCELLING = {
    "a timeout shorter than the latency": ("""
try:
    await asyncio.wait_for(ask(client, HELLO), 0.25)
except TimeoutError:
    await asyncio.sleep(1)
""", (1, 1.25, 0.25)),
    "asyncio.timeout": ("""
try:
    async with asyncio.timeout(0.25):
        await ask(client, HELLO)
except TimeoutError:
    await asyncio.sleep(1)
""", (1, 1.25, 0.25)),
    "a timeout longer than the latency": ("""
await asyncio.wait_for(ask(client, HELLO), 60)
""", (1, 1.04, 1.04)),
    "a timeout that is past before the call is sent": ("""
try:
    await asyncio.wait_for(ask(client, HELLO), 0)
except TimeoutError:
    pass
""", (0, 0.0, 0.0)),
    "the first of two": ("""
racing = [asyncio.create_task(ask(client, words)) for words in (HELLO, ADDS)]
done, late = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
assert done == {racing[0]}
for one in late:
    one.cancel()
await asyncio.gather(*late, return_exceptions=True)
""", (2, 1.04, 2.08)),
    "the first of two, the other not awaited": ("""
racing = [asyncio.create_task(ask(client, words)) for words in (HELLO, ADDS)]
_, late = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
for one in late:
    one.cancel()
""", (2, 1.04, 2.08)),
    "the first of two, the other not awaited and deep inside": ("""
async def deep():
    async with asyncio.TaskGroup() as group:
        group.create_task(asyncio.wait_for(asyncio.gather(ask(client, ADDS)), 60))

racing = [asyncio.create_task(ask(client, HELLO)), asyncio.create_task(deep())]
_, late = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
for one in late:
    one.cancel()
""", (2, 1.04, 2.08)),
    "a task group in which one fails": ("""
async def fail():
    await asyncio.sleep(0.5)
    raise ValueError("mine")

try:
    async with asyncio.TaskGroup() as group:
        group.create_task(ask(client, HELLO))
        group.create_task(ask(client, ADDS))
        group.create_task(fail())
except* ValueError:
    pass
""", (2, 0.5, 1.0)),
}  # fmt: skip


@pytest.mark.parametrize(("body", "expected"), CANCELLING.values(), ids=CANCELLING)
def test_a_cancelled_call_is_paid_for_and_ends_when_it_was_cancelled(
    replay: Replay, body: str, expected: tuple[int, float, float]
) -> None:
    """Whole tokens and dollars as if it had been awaited; the seconds that the subject waited."""
    row = replay(f"{body}return Made([], {{}})").measurement
    usage = row.by_agent.get("")
    assert (row.calls, row.seconds, usage.seconds if usage else 0.0) == expected
    calls, *_ = expected
    asked = ["ask(client, HELLO)", "ask(client, ADDS)"][:calls]
    awaited = replay(f"await asyncio.gather({', '.join(asked)})\nreturn Made([], {{}})").measurement
    assert (row.prompt_tokens, row.completion_tokens, row.usd, row.failed_calls) == (
        awaited.prompt_tokens, awaited.completion_tokens, awaited.usd, {},
    )  # fmt: skip
    assert row.tokens > 0 or not calls


def test_cancelling_gives_the_same_digits_every_time(
    replay: Replay,
    busy_machine: None,  # noqa: F811  the fixture
) -> None:
    """Twenty runs of all kinds of cancelling in one cell, while other processes burn the CPU."""
    told = {
        repr(replay("""
try:
    await asyncio.wait_for(ask(client, HELLO), 0.1)
except TimeoutError:
    pass
racing = [asyncio.create_task(ask(client, words)) for words in (ADDS, REVERSES)]
_, late = await asyncio.wait(racing, return_when=asyncio.FIRST_COMPLETED)
for one in late:
    one.cancel()
await asyncio.sleep(0.1)
return Made([], {})
""").measurement.row())
        for _ in range(20)
    }  # fmt: skip
    assert len(told) == 1


def test_an_exception_of_the_subject_is_told_with_its_line(stopped: Callable[[str], str]) -> None:
    """The last frame, as a person would look for it."""
    told = stopped("raise KeyError('mine')")
    assert "the subject raised KeyError: 'mine'\n    expected: a subject that returns" in told
    assert f"{HEAD.count(chr(10)) + 1}: the subject" in told


@pytest.mark.parametrize(
    "what",
    [
        "SystemExit(3)",
        "asyncio.CancelledError()",
        "GeneratorExit",
        "type('Own', (BaseException,), {})",
        "type('Mute', (Exception,), {'__str__': lambda _: 1})",
    ],
    ids=["exits", "is cancelled", "is closed", "is no Exception", "has no words"],
)
def test_any_other_end_of_the_subject_is_told_too(stopped: Callable[[str], str], what: str) -> None:
    """A subject that exits has not been measured."""
    assert "the subject raised" in stopped(f"raise {what}")


@pytest.mark.parametrize(
    "outcome",
    ["3", "Made([], {'x_rate': 3})", "Made(['text'], {})"],
    ids=["a number", "a rate that is a number", "an artifact that is a text"],
)
def test_an_outcome_of_another_shape_is_told(stopped: Callable[[str], str], outcome: str) -> None:
    """A user's first subject will return the wrong thing."""
    stopped(f"return {outcome}")


def test_a_subject_that_waits_for_ever_is_ended(
    stopped: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told after some real seconds without any timer."""
    monkeypatch.setattr(turns, "STUCK_AFTER_SECONDS", 0.05)
    assert "is stuck" in stopped("await asyncio.get_running_loop().create_future()")


def test_text_that_utf8_cannot_hold_is_an_artifact_too(replay: Replay) -> None:
    """A model may send half a surrogate pair."""
    cell = replay("return Made([File('code', 'x.py', '\\ud800', True, 'r')], {})")
    assert len(cell.measurement.artifacts[0].sha256) == 64


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
