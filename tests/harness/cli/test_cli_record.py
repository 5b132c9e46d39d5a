"""`flagbench record` ended from outside: at once, with everything kept, and gone on with."""

import gc
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from house import House
from recorder_process import GRACE_SECONDS, SOON_SECONDS, Hanging, Recorder, Slow
from scripted_provider import Answer, Received, in_words, scripted_provider
from test_cli_main import Command, command  # noqa: F401  the fixture

from flagbench.cassette import file, journal
from flagbench.run import interrupts
from flagbench.run.interrupts import interruptible

Start = Callable[..., Recorder]


@pytest.fixture
def recorder(empty_house: House) -> Iterator[Start]:
    """Starts recorders, and ends those that a test left."""
    started: list[Recorder] = []

    def start(base_url: str, *arguments: str) -> Recorder:
        started.append(Recorder(empty_house, base_url, *arguments))
        return started[-1]

    yield start
    for one in started:
        one.process.kill()
        one.process.communicate()


@pytest.mark.parametrize(
    ("signals", "code"),
    [
        ([signal.SIGKILL], -9),
        ([signal.SIGINT], 130),
        ([signal.SIGTERM], 143),
        ([signal.SIGINT] * 3, 130),
    ],
    ids=["SIGKILL", "Ctrl-C", "SIGTERM", "Ctrl-C Ctrl-C Ctrl-C"],
)
def test_a_recording_that_is_ended_keeps_what_was_answered(
    recorder: Start, empty_house: House, signals: list[signal.Signals], code: int
) -> None:
    """While its fourth request hangs: it ends soon, and the next run asks for the rest."""
    path = empty_house.cassettes / "scripted" / "tiny" / "1.yaml"
    hanging = Hanging(3)
    with scripted_provider(hanging) as provider:
        running = recorder(provider.base_url, "--trials", "1")
        assert hanging.reached.wait(SOON_SECONDS)
        for number in signals:
            running.process.send_signal(number)
        ended, said = running.ended()
    assert ended == code
    assert said[0].startswith("scenarios/tiny.yaml: 6 requests, about ")
    if code > 0:
        assert said[1:] == [
            "flagbench: waiting up to 0.5 s for an answer that is paid",
            "flagbench: interrupted; recorded answers are kept",
            "POST /v1/chat/completions: no answer within 0.5 s of the interrupt, and it may "
            "have been paid",
            "    fix: run the same command again: it sends it again",
        ]
    kept = file.load(path, record_command="").interactions if path.exists() else []
    assert len(kept or journal.read(path)) == 3
    scenario = replace(empty_house.scenario, provider="scripted")
    with scripted_provider() as provider:
        empty_house.record(provider.base_url, scenario=scenario, trials=1)
    assert len(provider.received) == 3
    assert len(file.load(path, record_command="").interactions) == 6
    assert list(path.parent.iterdir()) == [path]


def asking(body: str) -> str:
    """The text of a subject that asks what `ask` is given."""
    return f"""
import asyncio
from tiny import Made, write

async def run(requests, flags, client, *, model, **more):
    async def ask(words):
        messages = [{{"role": "user", "content": words}}]
        return await client.chat.completions.create(model=model, messages=messages)
{body}
    return Made([], {{}})

run.factors = write.factors
"""


SYNC = """
import openai
from concurrent.futures import ThreadPoolExecutor
from tiny import Made, write

def run(requests, flags, base_url, *, model, **more):
    def ask(words):
        messages = [{"role": "user", "content": words}]
        client = openai.OpenAI(base_url=base_url, max_retries=0)
        return client.chat.completions.create(model=model, messages=messages)

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(ask, "abc"))
    return Made([], {})

run.factors = write.factors
"""
SUBJECTS = {"async": asking("    await asyncio.gather(*map(ask, 'abc'))"), "sync": SYNC}


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("kind", "signals", "code"),
    [
        ("async", [signal.SIGINT], 130),
        ("sync", [signal.SIGTERM] * 2, 143),
        ("async", [signal.SIGHUP, signal.SIGINT], 129),
    ],
    ids=["Ctrl-C", "SIGTERM SIGTERM", "SIGHUP Ctrl-C"],
)
def test_an_answer_in_flight_is_kept(
    recorder: Start, empty_house: House, kind: str, signals: list[signal.Signals], code: int
) -> None:
    """It was paid: it is awaited, stored and not asked for again; nothing more is sent."""
    path = empty_house.cassettes / "scripted" / "tiny" / "1.yaml"
    empty_house.path.joinpath("several.py").write_text(SUBJECTS[kind])
    empty_house.edit("tiny.write", "several.run")
    slow = Slow()
    with scripted_provider(slow) as provider:
        running = recorder(provider.base_url, "--trials", "1")
        assert slow.reached.wait(SOON_SECONDS)
        for number in signals:
            running.process.send_signal(number)
            time.sleep(0.05)
        slow.release.set()
        ended, said = running.ended()
        assert len(provider.received) == 2
    assert ended == code, said
    assert said[1:] == [
        "flagbench: waiting up to 0.5 s for an answer that is paid",
        "flagbench: interrupted; recorded answers are kept",
    ]
    assert len(file.load(path, record_command="").interactions) == 2
    with scripted_provider() as provider:
        assert recorder(provider.base_url, "--trials", "1").ended()[0] == 0
        assert len(provider.received) == 1


@pytest.mark.thorough
def test_a_killed_fresh_recording_is_gone_on_with(recorder: Start, empty_house: House) -> None:
    """The old cassettes stay until the new ones are whole, and nothing is paid for twice."""
    folder = empty_house.cassettes / "scripted" / "tiny"
    first, second = folder / "1.yaml", folder / "2.yaml"
    with scripted_provider() as provider:
        assert recorder(provider.base_url).ended()[0] == 0
    old = {one: one.read_bytes() for one in (first, second)}
    new = lambda asked: Answer(f"new {asked.prompt}")  # noqa: E731
    for answers, kept in ((3, 3), (5, 8)):
        hanging = Hanging(answers, new)
        with scripted_provider(hanging) as provider:
            running = recorder(provider.base_url, "--fresh")
            assert hanging.reached.wait(SOON_SECONDS)
            running.process.kill()
            running.ended()
        assert sum(len(journal.read(one)) for one in (first, second)) == kept
        # In the second round the first trial was whole, and the second one was reached.
        assert (first.read_bytes() == old[first]) == (kept == 3)
        assert second.read_bytes() == old[second]
    with scripted_provider(new) as provider:
        code, said = recorder(provider.base_url, "--fresh").ended()
    assert code == 0
    assert said[0].startswith("scenarios/tiny.yaml: 4 requests, about ")
    assert said[1] == (
        "scenarios/tiny.yaml: going on with 8 answers of the interrupted --fresh recording; "
        "delete cassettes/scripted/tiny/1.yaml.part cassettes/scripted/tiny/2.yaml.part "
        "to start over"
    )
    assert said[2].startswith("scenarios/tiny.yaml: recorded 12 requests, about ")
    assert len(provider.received) == 4
    assert sorted(folder.iterdir()) == [first, second]
    for one in (first, second):
        answers = [call.response_body for call in file.load(one, record_command="").interactions]
        assert len(answers) == 6
        assert all(b"new " in answer for answer in answers)


@pytest.mark.thorough
def test_a_fresh_recording_of_several_scenarios_pays_for_none_twice(
    command: Command,  # noqa: F811  the fixture
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What ended in the second goes on there, although the first was whole; then all is new."""
    monkeypatch.setenv("OPENAI_API_KEY", "some-key")
    house.write(house.scenario_file.read_text(), "zweite.yaml")

    def fresh(base_url: str) -> tuple[int, str]:
        return command(
            "record", "scenarios", "--provider", "scripted", "--base-url", base_url, "--yes",
            "--fresh",
        )  # fmt: skip

    fail = lambda asked: Answer(is_cut=True) if asked.number == 15 else in_words(asked)  # noqa: E731
    with scripted_provider(fail) as provider:
        assert fresh(provider.base_url)[0] == 3
        assert len(provider.received) == 15
        code, said = fresh(provider.base_url)
        assert code == 0
        assert len(provider.received) == 15 + 10
        assert "tiny.yaml: going on with 12 answers of the interrupted --fresh recording" in said
        assert "zweite.yaml: going on with 2 answers of the interrupted --fresh recording" in said
        code, said = fresh(provider.base_url)
        assert code == 0
        assert len(provider.received) == 25 + 24
        assert "going on" not in said
    assert not list(house.cassettes.rglob("*.part"))


def test_what_a_fresh_recording_left_is_told_before_anything_is_asked(
    command: Command,  # noqa: F811  the fixture
    house: House,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A recording that is not fresh would mix old and new answers."""
    monkeypatch.setenv("OPENAI_API_KEY", "some-key")
    fail = lambda asked: Answer(is_cut=True) if asked.number == 3 else in_words(asked)  # noqa: E731
    with scripted_provider(fail) as provider:
        arguments = ("record", "scenarios", "--provider", "scripted", "--yes")
        arguments += ("--base-url", provider.base_url)
        assert command(*arguments, "--fresh")[0] == 3
        received = len(provider.received)
        code, said = command(*arguments)
        assert (code, len(provider.received)) == (3, received)
    assert "1.yaml.part: an interrupted --fresh recording has left 2 answers here" in said
    assert "flagbench record scenarios/tiny.yaml --provider scripted --base-url URL --fresh" in said


STUBBORN = {
    "catches everything and goes on": """
    for words in "abc":
        try:
            await ask(words)
        except BaseException:
            pass
    return Made([], {})
""",
    "makes an error of it": """
    try:
        await ask("a")
    except BaseException:
        raise RuntimeError("failed")
""",
    "gathers": """
    await asyncio.gather(*map(ask, "abc"), return_exceptions=True)
    return Made([], {})
""",
    "asks again when it is cancelled": """
    async def again(words):
        try:
            await asyncio.sleep(60)
        finally:
            await ask(words)

    await asyncio.gather(again("b"), ask("a"), again("c"))
    return Made([], {})
""",
}


@pytest.mark.parametrize("body", STUBBORN.values(), ids=STUBBORN)
def test_an_interrupt_cannot_be_swallowed_by_the_subject(
    empty_house: House,
    subject_module: Callable[[str], str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    body: str,
) -> None:
    """Nothing more is sent, the recording ends as interrupted, and nothing else is said."""
    monkeypatch.setattr(interrupts, "GRACE_SECONDS", GRACE_SECONDS)
    dotted = subject_module(asking(body))
    empty_house.edit("tiny.write", dotted)

    def interrupt(_: Received) -> Answer:
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)
        return Answer(hangs=True)

    with (
        scripted_provider(interrupt) as provider,
        pytest.raises(KeyboardInterrupt) as caught,
        interruptible(),
    ):
        empty_house.record(provider.base_url)
    assert len(provider.received) == 1
    # What asyncio has to say about a task, it says when the task is forgotten.
    del caught
    gc.collect()
    assert caplog.records == []


def test_the_handlers_are_put_back() -> None:
    """After an interrupt nothing is left to stop; what a shell lets us ignore stays ignored."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGINT)
    with interruptible():
        assert signal.getsignal(signal.SIGINT) != before
        assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
    assert signal.getsignal(signal.SIGINT) == before
    with pytest.raises(ValueError, match="mine"), interruptible():
        raise ValueError("mine")
    assert signal.getsignal(signal.SIGINT) == before
    with pytest.raises(KeyboardInterrupt), interruptible():
        signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_IGN
