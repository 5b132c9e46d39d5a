"""The self-check of a recording: a subject that a replay cannot repeat is named, with the call."""

from collections.abc import Callable

import pytest
from house import House
from scripted_provider import scripted_provider

from flagbench.cassette import file
from flagbench.errors import CouldNotRun, ExitCode
from flagbench.run import recording

HEAD = """
import asyncio, os, subprocess, sys
from tiny import File, Happened, Made, Switch
STATE = []

def drawn(size):
    with open("/dev/urandom", "rb") as system:
        return system.read(size)

async def run(requests, flags, client, *, model, workdir, listener):
    async def ask(words):
        messages = [{"role": "user", "content": words}]
        headers = {"X-Agent": "writer", "X-Phase": "generate", "X-Client-Request-Id": words[:4]}
        answer = await client.chat.completions.create(
            model=model, messages=messages, extra_headers=headers)
        return answer.choices[0].message.content

    def made(text, **rates):
        return Made([File("code", "a.py", text, True, "r1")], rates)

"""
FACTORS = 'run.factors = (Switch("short", "TINY_SHORT"), Switch("parallel", "TINY_PARALLEL"))\n'
CHILD = """subprocess.check_output(
        [sys.executable, "-c", "import time; print(time.time_ns())"], text=True)"""

# What the subject does, and what is said of it.
UNREPEATABLE = {
    "a prompt with a random number": (
        "return made(await ask('one two three four five ' + drawn(8).hex()))",
        r"call 1 \(writer generate one\s?\): POST /v1/chat/completions is not "
        r"recorded; the nearest is interaction \d, which differs "
        r"at\n      \$\.messages\[0\]\.content line 1: ",
    ),
    "a prompt with the time of a child": (
        f"return made(await ask('one two three four five ' + {CHILD}))",
        r"which differs at\n      \$\.messages\[0\]\.content line 1: ",
    ),
    "a value kept between cells": (
        "STATE.append(1)\n    await ask('one')\n    return made(f'a = 0\\nb = {len(STATE)}')",
        r"artifact a\.py, line 2: 'b = 1' was recorded, 'b = 5' is replayed",
    ),
    "calls kept between cells": (
        "if 'one' not in STATE:\n        STATE.append('one'); await ask('one')\n"
        "    return made('')",
        r"call 1 \(writer generate one\) was recorded, artifact a\.py is replayed",
    ),
    "a pause of a random length": (
        "await asyncio.sleep(drawn(3)[0] + int.from_bytes(drawn(3)) / 2**24)\n"
        "    return made(await ask('one'))",
        r"call 1 \(writer generate one\): '….* s to .* s' was recorded, '….* s' is replayed",
    ),
    "an event with a random number": (
        "await ask('one')\n"
        "    listener(Happened('drawn', 'r1', {'n': drawn(8).hex(), 'o': object()}))\n"
        "    return made('')",
        r"event 1: '….*' was recorded, '….*' is replayed",
    ),
    "a rate of a random number": (
        "await ask('one')\n"
        "    return made('', luck_rate=(int.from_bytes(drawn(5)), 2**40))",
        r"the rates: '.*luck_rate.*' was recorded, '.*' is replayed",
    ),
    "an error by chance": (
        "await ask('one')\n    STATE.append(1)\n    assert len(STATE) < 5, 'no more'\n"
        "    return made('')",
        r"the subject raised AssertionError: no more",
    ),
}  # fmt: skip

Write = Callable[[str], str]


def use(house: House, subject_module: Write, body: str) -> None:
    """Let the tiny scenario have a subject that does this."""
    house.edit("tiny.write", subject_module(f"{HEAD}    {body}\n\n{FACTORS}"))


@pytest.mark.parametrize(("body", "told"), UNREPEATABLE.values(), ids=UNREPEATABLE)
def test_a_subject_that_a_replay_cannot_repeat_is_named(
    empty_house: House, subject_module: Write, body: str, told: str
) -> None:
    """After its first trial: what was paid is kept, and nothing more is sent."""
    use(empty_house, subject_module, body)
    with scripted_provider() as provider:
        with pytest.raises(CouldNotRun, match=told) as caught:
            empty_house.record(provider.base_url)
        sent = len(provider.received)
    assert 1 <= sent <= 4
    assert caught.value.exit_code == ExitCode.COULD_NOT_RUN
    problem = caught.value.problems[0]
    assert problem.where.startswith(f"{empty_house.scenario_file}::none trial 1")
    assert problem.what.startswith("a replay differs from what was recorded: ")
    assert "the recording is kept" in problem.fix
    assert len(file.load(empty_house.cassette(), record_command="").interactions) == sent
    assert not empty_house.cassette(2).exists()


def test_the_first_cell_that_differs_is_named(empty_house: House, subject_module: Write) -> None:
    """A flag that only some combinations have, and that draws a number."""
    use(
        empty_house, subject_module,
        "more = drawn(4).hex() if flags['TINY_SHORT'] == 'true' else ''\n"
        "    return made(await ask('one') + more)",
    )  # fmt: skip
    with scripted_provider() as provider, pytest.raises(CouldNotRun) as caught:
        empty_house.record(provider.base_url)
    (problem,) = caught.value.problems
    assert problem.where.endswith("::short trial 1")
    assert problem.what.endswith("; 1 more of its 4 cells differ")


def test_what_is_as_recorded_is_not_said(empty_house: House, subject_module: Write) -> None:
    """Random numbers of Python's own, the clock, its folder, and an object of its own."""
    use(
        empty_house, subject_module,
        "import random, time, uuid\n"
        "    (workdir / 'x').write_text('x')\n"
        "    said = await ask(f'one {random.random()} {time.time()} {workdir} {uuid.uuid4()}')\n"
        "    listener(Happened('seen', 'r1', {'at': time.time(), 'folder': str(workdir),\n"
        "                                     'object': object(), 'deep': [{1: (2, None)}]}))\n"
        "    await asyncio.sleep(random.random())\n"
        "    return made(f'{said} {workdir}')",
    )  # fmt: skip
    with scripted_provider() as provider:
        assert empty_house.record(provider.base_url).requests == 2


def test_only_what_was_recorded_is_checked(empty_house: House, subject_module: Write) -> None:
    """A recording that adds nothing says nothing."""
    use(empty_house, subject_module, UNREPEATABLE["a value kept between cells"][0])
    with scripted_provider() as provider:
        with pytest.raises(CouldNotRun):
            empty_house.record(provider.base_url, trials=1)
        assert empty_house.record(provider.base_url, trials=1) == recording.NO_USAGE


@pytest.mark.parametrize(
    "program",
    [
        "import urllib.request; urllib.request.urlopen('http://api.elsewhere.test/v1')",
        "import socket; socket.create_connection(('192.0.2.1', 80), timeout=2)",
    ],
    ids=["by a proxy", "by itself"],
)
def test_a_child_that_calls_a_network_is_noticed_while_it_records(
    empty_house: House, subject_module: Write, program: str
) -> None:
    """In the first cell, before the calls of the others are paid."""
    use(
        empty_house, subject_module,
        f"words = flags['TINY_SHORT'] + flags['TINY_PARALLEL']\n"
        f"    await ask(words)\n"
        f"    subprocess.run([sys.executable, '-c', {program!r}], capture_output=True)\n"
        f"    return made('')",
    )  # fmt: skip
    with scripted_provider() as provider:
        with pytest.raises(CouldNotRun, match="tried to reach"):
            empty_house.record(provider.base_url)
        assert len(provider.received) == 1
