"""`flagbench record --parallel`: the bytes of one process, one budget, one pace, one interrupt."""

import os
import signal
import threading
import time
from collections.abc import Iterator

import pytest
from click.testing import CliRunner
from house import House
from recorder_process import SOON_SECONDS, Hanging, Recorder
from scripted_provider import Answer, Received, in_words, scripted_provider

from flagbench.cassette import file, journal
from flagbench.cli.main import cli
from flagbench.headers import TRIAL
from flagbench.series import stale_trials

pytestmark = pytest.mark.skipif(os.name != "posix", reason="one process records alone there")


@pytest.fixture
def examples(monkeypatch: pytest.MonkeyPatch, empty_house: House) -> Iterator[House]:
    """A house without recordings, as the working folder."""
    monkeypatch.chdir(empty_house.path)
    return empty_house


def recorded(house: House, *arguments: str) -> dict[str, bytes]:
    """The bytes of each cassette that a recording leaves in an own folder."""
    folder = house.path / f"cassettes{len(arguments)}"
    result = CliRunner().invoke(
        cli, ["record", "scenarios", "--cassettes", str(folder), *arguments]
    )
    assert result.exit_code == 0, result.output + str(result.exception)
    paths = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_the_bytes_are_those_of_one_process(examples: House) -> None:
    """Of every cassette, and nothing else is left."""
    alone = recorded(examples)
    assert len(alone) == examples.scenario.trials
    assert recorded(examples, "--parallel", "3") == alone


@pytest.mark.thorough
def test_a_budget_is_shared(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two trials that would fit alone do not both begin; the second is left for later."""
    monkeypatch.chdir(house.path)
    house.edit("says hello", "says hello to everybody")
    one = next(stale_trials.find([house.scenario], house.cassettes)).usd or 0
    arguments = ["--stale", "--parallel", "4", "--budget-usd", str(one * 1.5)]
    result = CliRunner().invoke(cli, ["record", "scenarios", *arguments])
    assert result.exit_code == 3, result.output + str(result.exception)
    assert result.stderr.count(" recorded\n") == 1
    assert "is beyond the budget" in result.stderr
    assert "with 4 trials at a time" in result.stderr


@pytest.mark.thorough
def test_an_error_of_one_process_is_that_of_the_command(examples: House) -> None:
    """With its code and its words; what others recorded is kept."""
    fail = lambda asked: Answer(is_cut=True) if asked.number == 2 else in_words(asked)  # noqa: E731
    with scripted_provider(fail) as provider:
        code, said = Recorder(examples, provider.base_url, "--parallel", "2").ended()
    assert code == 3, said
    assert any("no complete answer from the provider" in line for line in said)


@pytest.mark.thorough
def test_an_interrupt_keeps_what_was_paid_in_every_process(empty_house: House) -> None:
    """One signal to the command ends all of them, and the next run asks for the rest."""
    folder = empty_house.cassettes / "scripted" / "tiny"
    hanging = Hanging(4)
    with scripted_provider(hanging) as provider:
        running = Recorder(empty_house, provider.base_url, "--parallel", "2")
        assert hanging.reached.wait(SOON_SECONDS)
        time.sleep(1)
        running.process.send_signal(signal.SIGTERM)
        code, said = running.ended()
    assert code == 143, said
    assert "flagbench: interrupted; recorded answers are kept" in said
    assert any("it may have been paid" in line for line in said)
    paths = [folder / "1.yaml", folder / "2.yaml"]
    kept = sum(
        len(file.load(path, record_command="").interactions)
        if path.exists()
        else len(journal.read(path))
        for path in paths
    )
    assert kept == 4
    with scripted_provider() as provider:
        assert Recorder(empty_house, provider.base_url, "--parallel", "2").ended()[0] == 0
        assert len(provider.received) == 12 - 4
    assert sorted(folder.iterdir()) == paths


@pytest.mark.thorough
def test_a_command_that_is_killed_takes_its_processes_along(empty_house: House) -> None:
    """Nothing more is paid for once nobody waits for it."""
    hanging = Hanging(4)
    with scripted_provider(hanging) as provider:
        running = Recorder(empty_house, provider.base_url, "--parallel", "2")
        assert hanging.reached.wait(SOON_SECONDS)
        running.process.kill()
        running.process.wait()
        end = time.monotonic() + SOON_SECONDS
        while list(empty_house.cassettes.rglob("*.lock")) and time.monotonic() < end:
            time.sleep(0.1)
        assert not list(empty_house.cassettes.rglob("*.lock"))
        assert len(provider.received) <= 6


@pytest.mark.thorough
def test_the_pace_holds_for_all_processes_together(empty_house: House) -> None:
    """120 a minute are half a second between two requests; only the first may come late."""
    times = list[float]()

    def timed(asked: Received) -> Answer:
        times.append(time.monotonic())
        return in_words(asked)

    with scripted_provider(timed) as provider:
        arguments = ("--parallel", "2", "--per-minute", "120")
        assert Recorder(empty_house, provider.base_url, *arguments).ended()[0] == 0
    assert len(times) == 12
    assert times[-1] - times[0] > 11 * 0.5 - 2


class RefusesOnce:
    """Refuses the first request with a wait, while one of another trial is under way.

    That one is answered when the refused process has asked again, so that its next one comes after
    the wait was noted. `asked` has the trial and the time of each request.
    """

    WAIT_SECONDS = 3

    def __init__(self) -> None:
        self.asked = list[tuple[str, float]]()
        self.refused_at = 0.0
        self._lock = threading.Lock()
        self._other_asks, self._again = threading.Event(), threading.Event()

    def __call__(self, asked: Received) -> Answer:
        """Answer, or refuse."""
        trial = asked.headers[TRIAL]
        with self._lock:
            self.asked.append((trial, time.monotonic()))
            known = [of for of, _ in self.asked]
        if len(known) == 1:
            assert self._other_asks.wait(SOON_SECONDS)
            self.refused_at = time.monotonic()
            return Answer(status=429, headers={"retry-after": str(self.WAIT_SECONDS)})
        if trial == known[0]:
            self._again.set()
        elif known.count(trial) == 1:
            self._other_asks.set()
            assert self._again.wait(SOON_SECONDS)
        return in_words(asked)


@pytest.mark.thorough
def test_a_wait_that_one_process_is_given_is_kept_by_the_others(empty_house: House) -> None:
    """The provider gets nothing of another process before it is over."""
    refusing = RefusesOnce()
    with scripted_provider(refusing) as provider:
        code, said = Recorder(empty_house, provider.base_url, "--parallel", "2").ended()
    assert code == 0, said
    (first, _), *_ = refusing.asked
    # That of the first was under way when it was refused.
    _, *others = [at for trial, at in refusing.asked if trial != first]
    assert len(others) == 5
    assert min(others) >= refusing.refused_at + refusing.WAIT_SECONDS


def test_a_pace_needs_an_endpoint(examples: House) -> None:
    """The embedded provider has no limit to keep."""
    result = CliRunner().invoke(cli, ["record", "scenarios", "--per-minute", "60"])
    assert "--per-minute with the embedded provider" in str(result.exception)
    assert not list(examples.cassettes.rglob("*.yaml"))


@pytest.mark.parametrize("option", ["--parallel", "--per-minute"])
def test_until_decided_is_one_trial_after_another(
    house: House, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    """It looks after each."""
    monkeypatch.chdir(house.path)
    result = CliRunner().invoke(cli, ["record", "scenarios", "--until-decided", option, "2"])
    assert "one trial after another" in str(result.exception)
