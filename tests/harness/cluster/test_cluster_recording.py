"""A recording on a real cluster of processes: one machine's bytes, paid once, at one pace."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from distributed import Client, LocalCluster
from house import EXAMPLES, House
from recorder_process import SOON_SECONDS, Hanging, Recorder, Slow
from scripted_provider import Answer, Received, in_words, scripted_provider

from flagbench.cassette import file, journal, lock
from flagbench.cli.main import cli
from flagbench.cluster import engine
from flagbench.errors import FlagbenchError
from flagbench.series import stale_trials

# Of an answer, in which it must not be found again.
KEY = "sk-of-the-workers-0123456789"
_INI = "[pytest]\npythonpath = . subjects\nflagbench_scenarios = scenarios\n"


@contextmanager
def cluster(folder: Path, workers: int = 2) -> Iterator[LocalCluster]:
    """Workers that are processes of their own, with a key that the client does not have."""
    with LocalCluster(
        n_workers=workers, threads_per_worker=1, local_directory=folder, dashboard_address=None,
        silence_logs=50, env={"OPENAI_API_KEY": KEY},
    ) as made:  # fmt: skip
        yield made


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    """A cluster of two workers."""
    with cluster(tmp_path_factory.mktemp("workers")) as made:
        yield made


@pytest.fixture(autouse=True)
def own(empty_house: House, monkeypatch: pytest.MonkeyPatch) -> House:
    """A project whose subject no worker has, without a key, as the working folder."""
    subjects = empty_house.path / "subjects"
    subjects.mkdir()
    (subjects / "tiny_of_the_project.py").write_text((EXAMPLES / "tiny.py").read_text())
    (empty_house.path / "pytest.ini").write_text(_INI)
    empty_house.edit("tiny.write", "tiny_of_the_project.write")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.chdir(empty_house.path)
    monkeypatch.syspath_prepend(str(subjects))  # which is undone
    return empty_house


def address(made: LocalCluster) -> str:
    """The option's value."""
    return made.scheduler_address.replace("tcp", "dask")


def record(*arguments: str) -> tuple[int, str]:
    """Exit code and words of `flagbench record`."""
    result = CliRunner().invoke(cli, ["record", "scenarios", "--yes", *arguments])
    if isinstance(result.exception, FlagbenchError):
        return result.exception.exit_code, f"{result.output}{result.exception}"
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def of(base_url: str) -> tuple[str, ...]:
    """The options for a scripted provider."""
    return "--provider", "scripted", "--base-url", base_url


def files(folder: Path) -> dict[str, bytes]:
    """The bytes of each file that a recording has left."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def identity(asked: Received) -> tuple[object, ...]:
    """What makes a request the same one when it is asked again."""
    names = ("x-flagbench-trial", "x-flagbench-occurrence")
    return *(asked.headers.get(name) for name in names), asked.prompt


@pytest.mark.thorough
def test_the_bytes_are_those_of_one_machine(own: House, workers: LocalCluster) -> None:
    """Of every cassette, and nothing else is left: also where some of it is recorded already."""
    assert record("--cassettes", "here")[0] == 0
    assert record("--cassettes", "there", "--trials", "1")[0] == 0
    code, said = record("--cassettes", "there", "--on", address(workers))
    assert (code, "recorded 6 requests" in said) == (0, True), said
    assert files(own.path / "there") == files(own.path / "here")


@pytest.mark.thorough
def test_fresh_replaces_what_is_there(own: House, workers: LocalCluster) -> None:
    """With the bytes of one machine, and the journals are gone at the end."""
    assert record()[0] == 0
    before = files(own.cassettes)
    own.edit("says hello", "says good morning")
    assert record("--fresh", "--cassettes", "here")[0] == 0
    assert record("--fresh", "--on", address(workers))[0] == 0
    assert files(own.cassettes) == files(own.path / "here") != before


@pytest.mark.thorough
def test_a_budget_is_of_all_workers(own: House, workers: LocalCluster) -> None:
    """Two trials that would fit alone do not both begin; the second is left for later."""
    assert record()[0] == 0
    own.edit("says hello", "says hello to everybody")
    one = next(stale_trials.find([own.scenario], own.cassettes)).usd or 0
    code, said = record("--stale", "--budget-usd", str(one * 1.5), "--on", address(workers))
    assert (code, said.count(" recorded\n")) == (3, 1), said
    assert "is beyond the budget" in said
    assert "with 2 trials at a time" in said


@pytest.mark.thorough
def test_a_pace_is_of_all_workers(workers: LocalCluster) -> None:
    """Two trials at the same time keep half a second between any two requests together."""
    times = list[float]()
    both, seen = threading.Barrier(2), set[str]()

    def timed(asked: Received) -> Answer:
        times.append(time.monotonic())
        if (trial := asked.headers["x-flagbench-trial"]) not in seen:
            seen.add(trial)
            both.wait(SOON_SECONDS)
        return in_words(asked)

    with scripted_provider(timed) as provider:
        arguments = (*of(provider.base_url), "--per-minute", "120", "--on", address(workers))
        code, said = record(*arguments)
    assert (code, len(times), both.broken) == (0, 12, False), said
    # Only the third may come late, and not by this much.
    assert times[-1] - times[2] > 9 * 0.5 - 1.5


@pytest.mark.thorough
def test_a_refusal_is_waited_for_by_the_others(workers: LocalCluster) -> None:
    """Who was admitted before it is answered; nobody else asks in the time that it names."""
    asked_at = list[tuple[float, str]]()
    refused = list[tuple[float, str]]()

    def script(asked: Received) -> Answer:
        trial = asked.headers["x-flagbench-trial"]
        asked_at.append((time.monotonic(), trial))
        if len({one for _, one in asked_at}) == 2 and not refused:
            refused.append(asked_at[-1])
            return Answer(status=429, headers={"retry-after": "2"})
        return in_words(asked)

    with scripted_provider(script) as provider:
        code, said = record(*of(provider.base_url), "--on", address(workers))
    assert (code, len(refused)) == (0, 1), said
    at, by = refused[0]
    others = [one for one, trial in asked_at if trial != by and at < one < at + 1.9]
    assert len(others) <= 1


@pytest.mark.thorough
def test_what_the_client_has_is_not_asked_again(own: House, workers: LocalCluster) -> None:
    """Another worker goes on from the client's journal when one was killed in mid-trial."""
    reached, release = threading.Event(), threading.Event()

    def script(asked: Received) -> Answer:
        if asked.number == 4:
            reached.set()
            assert release.wait(SOON_SECONDS)
        return in_words(asked)

    there = own.cassettes / "scripted" / "tiny" / "1.yaml"
    kept = list[int]()

    def kill() -> None:
        assert reached.wait(SOON_SECONDS)
        kept.append(len(journal.read(there)))
        (busy,) = [each.address for each in workers.scheduler.workers.values() if each.processing]
        (nanny,) = [each for each in workers.workers.values() if each.worker_address == busy]
        os.kill(nanny.process.pid, signal.SIGKILL)
        release.set()

    killer = threading.Thread(target=kill)
    killer.start()
    with scripted_provider(script) as provider:
        on = ("--trials", "1", "--on", address(workers))
        code, said = record(*of(provider.base_url), *on)
        times = Counter(map(identity, provider.received))
        in_flight = identity(provider.received[3])
    killer.join()
    assert (code, kept) == (0, [3]), said
    assert times.pop(in_flight) == 2
    assert list(times.values()) == [1] * 5
    with scripted_provider() as provider:
        assert record("--trials", "1", "--on", address(workers), *of(provider.base_url))[0] == 0
        assert not provider.received
    assert len(file.load(there, record_command="").interactions) == 6
    assert list(files(own.cassettes)) == ["scripted/tiny/1.yaml"]


@contextmanager
def commands(folder: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process of a scheduler, with a worker, both as a user starts them."""
    place = folder / "scheduler.json"
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    scheduler = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_scheduler", "--port", "0", "--no-dashboard",
         "--host", "127.0.0.1", "--scheduler-file", str(place)], **quiet,
    )  # fmt: skip
    worker = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", "--scheduler-file", str(place),
         "--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(folder)],
        env={**os.environ, "OPENAI_API_KEY": KEY}, **quiet,
    )  # fmt: skip
    try:
        end = time.monotonic() + SOON_SECONDS
        while not place.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        yield json.loads(place.read_text())["address"].replace("tcp", "dask"), scheduler
    finally:
        for process in (scheduler, worker):
            process.kill()
            process.wait()


@pytest.mark.thorough
def test_a_scheduler_that_goes_away(
    own: House, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One error; what arrived is in the cassettes, and a recording goes on with the rest."""
    hanging = Hanging(2)
    with (
        commands(tmp_path_factory.mktemp("commands")) as (there, scheduler),
        scripted_provider(hanging) as provider,
    ):

        def end() -> None:
            assert hanging.reached.wait(SOON_SECONDS)
            scheduler.kill()

        ending = threading.Thread(target=end)
        ending.start()
        code, said = record(*of(provider.base_url), "--on", there)
        ending.join()
    assert (code, "the scheduler went away while the recording" in said) == (3, True), said
    path = own.cassettes / "scripted" / "tiny" / "1.yaml"
    assert list(files(own.cassettes)) == ["scripted/tiny/1.yaml"]
    assert len(file.load(path, record_command="").interactions) == 2
    monkeypatch.setenv("OPENAI_API_KEY", KEY)  # on one machine, which is quicker
    with scripted_provider() as provider:
        assert record(*of(provider.base_url))[0] == 0
        assert len(provider.received) == 12 - 2


@pytest.mark.thorough
@pytest.mark.parametrize("place", ["here", "elsewhere"])
def test_an_interrupt_keeps_the_answer_in_flight(
    own: House, workers: LocalCluster, place: str
) -> None:
    """It is waited for on the worker, and reaches the client; a terminal interrupts all of them."""
    slow = Slow()
    on = "dask" if place == "here" else address(workers)
    with scripted_provider(slow) as provider:
        running = Recorder(own, provider.base_url, "--trials", "1", "--on", on)
        assert slow.reached.wait(SOON_SECONDS)
        os.killpg(running.process.pid, signal.SIGINT)
        time.sleep(1)
        slow.release.set()
        code, said = running.ended()
        assert len(provider.received) == 2
    assert (code, "flagbench: interrupted; recorded answers are kept" in said) == (130, True), said
    path = own.cassettes / "scripted" / "tiny" / "1.yaml"
    assert list(files(own.cassettes)) == ["scripted/tiny/1.yaml"]
    assert len(file.load(path, record_command="").interactions) == 2


@pytest.mark.thorough
def test_a_command_that_is_killed_pays_for_nothing_more(own: House, workers: LocalCluster) -> None:
    """A worker sends no request once nobody waits for it; what came before is in the journal."""
    slow = Slow()
    with scripted_provider(slow) as provider:
        arguments = ("--trials", "1", "--on", address(workers))
        running = Recorder(own, provider.base_url, *arguments)
        assert slow.reached.wait(SOON_SECONDS)
        running.process.kill()
        running.process.wait()
        slow.release.set()
        folders = [Path(each.local_directory) for each in workers.workers.values()]
        end = time.monotonic() + SOON_SECONDS
        while any(list(folder.rglob("1.yaml.part")) for folder in folders):
            assert time.monotonic() < end  # the trial has ended, and its folder with it
            time.sleep(0.1)
        assert len(provider.received) == 2
    assert len(journal.read(own.cassettes / "scripted" / "tiny" / "1.yaml")) == 1


@pytest.mark.thorough
def test_two_recorders(own: House, workers: LocalCluster) -> None:
    """The second is refused before it sends anything; the first ends as if alone."""
    slow = Slow()
    with scripted_provider(slow) as provider:
        on = ("--trials", "1", "--on", address(workers))
        running = Recorder(own, provider.base_url, *on)
        assert slow.reached.wait(SOON_SECONDS)
        code, said = record(*of(provider.base_url), *on)
        is_alone = len(provider.received) == 2
        slow.release.set()
        assert running.ended()[0] == 0
        assert len(provider.received) == 6
    assert (code, is_alone) == (3, True), said
    assert f"process {running.process.pid} is recording this cassette" in said


@pytest.mark.thorough
def test_keys_are_those_of_the_workers(own: House, workers: LocalCluster) -> None:
    """The client has none; what an answer says of it is scrubbed on the worker."""
    repeat = lambda asked: Answer(content=f"# {KEY}\n{in_words(asked).content}")  # noqa: E731
    with scripted_provider(repeat) as provider:
        code, said = record(*of(provider.base_url), "--trials", "1", "--on", address(workers))
        sent = {asked.headers["authorization"] for asked in provider.received}
    assert (code, sent) == (0, {f"Bearer {KEY}"}), said
    content = (own.cassettes / "scripted" / "tiny" / "1.yaml").read_text()
    assert ("scrubbed" in content, KEY in content) == (True, False)


@pytest.mark.thorough
def test_a_worker_without_the_key_is_named(workers: LocalCluster) -> None:
    """With its variable, before anything is sent or locked."""
    with Client(workers.scheduler_address, set_as_default=False) as client:
        one, _ = client.scheduler_info(n_workers=-1)["workers"]
        client.run(lambda: os.environ.pop("OPENAI_API_KEY"), workers=[one])
        try:
            with scripted_provider() as provider:
                code, said = record(*of(provider.base_url), "--on", address(workers))
                assert not provider.received
        finally:
            client.run(lambda: os.environ.update(OPENAI_API_KEY=KEY), workers=[one])
    assert (code, said.count("OPENAI_API_KEY is not set on the worker")) == (2, 1), said
    assert f"worker {one}: OPENAI_API_KEY" in said


@pytest.mark.thorough
def test_an_error_is_that_of_one_machine(own: House, workers: LocalCluster) -> None:
    """What came before it is kept, and a subject that cannot be repeated is named."""
    fail = lambda asked: Answer(is_cut=True) if asked.number == 3 else in_words(asked)  # noqa: E731
    on = ("--trials", "1", "--on", address(workers))
    with scripted_provider(fail) as provider:
        code, said = record(*of(provider.base_url), *on)
    assert (code, "no complete answer from the provider" in said) == (3, True), said
    path = own.cassettes / "scripted" / "tiny" / "1.yaml"
    assert len(file.load(path, record_command="").interactions) == 2
    subject = own.path / "subjects" / "tiny_of_the_project.py"
    drawn = 'content or "" or open("/dev/urandom", "rb").read(4).hex()'
    subject.write_text(subject.read_text().replace('content or ""', drawn))
    empty = lambda asked: Answer("") if asked.number == 1 else in_words(asked)  # noqa: E731
    with scripted_provider(empty) as provider:
        code, said = record(*of(provider.base_url), *on)
    assert (code, "is replayed" in said) == (3, True), said
    assert len(file.load(path, record_command="").interactions) == 6
    assert not lock.path_of(path).exists()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--on", "dask://127.0.0.1:9"], 3, "tcp://127.0.0.1:9: no scheduler answers"),
        (["--on", "dask://127.0.0.1"], 2, "expected: dask://HOST:PORT"),
        (["--on", "dask://a:1", *of("http://a:key@b/v1")], 2, "with a password"),
        (["--on", "dask", "--per-minute", "9"], 2, "--per-minute with the embedded provider"),
        (["--on", "dask", "--until-decided"], 2, "one trial after another"),
        (["--on", "dask", str(EXAMPLES / "scenarios")], 2, "scenarios/tiny.yaml is not in"),
    ],
)
def test_what_cannot_be_recorded_is_one_clear_error(
    arguments: list[str], code: int, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before a worker gets anything."""
    monkeypatch.setattr(engine, "_PATIENCE_SECONDS", 0.5)
    found, said = record(*arguments)
    assert (found, words in said) == (code, True), said
