"""Recorders that are ended, that meet another one, or that cannot write; then the same command."""

import random
import resource
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from counted import CRASHED, TOLD, WRONG, Row, outcome_of
from house import House
from provider_faults import RESUMED, WHOLE, check, new_house
from recorder_process import Recorder
from scripted_provider import Answer, Received, in_words, scripted_provider

from flagbench.cassette import file
from flagbench.errors import CouldNotRun
from flagbench.run import recording

REQUESTS = 6
OUTCOMES = (WHOLE, RESUMED, TOLD, WRONG, CRASHED)
SIGNALS = {"SIGKILL": 8, "SIGINT": 4, "SIGTERM": 4}
PAIRS, FULL_DISKS = 2, 12
# A request takes a millisecond or two; a signal comes up to this long after one has arrived.
LATEST_SECONDS = 0.02


def gone_on(house: House, row: Row, sent: int) -> None:
    """The same recording again, and a replay of it; count what was paid, and lost."""

    def again() -> str:
        with scripted_provider() as provider:
            try:
                house.record(provider.base_url, scenario=scenario, trials=1)
            finally:
                row.paid += len(provider.received)
                row.lost += sent + len(provider.received) - REQUESTS
        # The replay is of the simulated provider's folder.
        cassette = file.load(path, record_command="")
        file.save(replace(cassette, path=house.cassette(), metadata=metadata(house)))
        return RESUMED if check(house) == WHOLE else WRONG

    scenario = replace(house.scenario, provider="scripted")
    path = house.cassettes / "scripted" / "tiny" / "1.yaml"
    row.paid += sent
    outcome = outcome_of(again)
    row.outcomes[WRONG if outcome == TOLD else outcome] += 1


def metadata(house: House) -> dict[str, object]:
    """The metadata of a simulated recording."""
    scenario = house.scenario
    return {"provider": "simulated", "model": scenario.model, "scenario": "tiny", "trial": 1,
            "settings": {}}  # fmt: skip


def killed(name: str, chance: random.Random) -> Row:
    """A recorder that gets a signal at random moments."""
    row = Row(f"{name} of the recorder")
    for _ in range(SIGNALS[name]):
        at, delay = chance.randrange(1, REQUESTS + 1), chance.uniform(0, LATEST_SECONDS)
        with new_house() as house:
            started: list[Recorder] = []

            def answer(asked: Received, at: int = at, delay: float = delay,
                       started: list[Recorder] = started) -> Answer:  # fmt: skip
                if asked.number == at:
                    send = started[0].process.send_signal
                    threading.Timer(delay, send, [getattr(signal, name)]).start()
                time.sleep(0.005)
                return in_words(asked)

            with scripted_provider(answer) as provider:
                started.append(Recorder(house, provider.base_url, "--trials", "1"))
                _, said = started[0].ended()
            if any("Traceback" in line for line in said):
                row.outcomes[CRASHED] += 1
            else:
                gone_on(house, row, len(provider.received))
    return row


def two_at_once() -> Row:
    """Two recorders of one scenario: nothing is paid twice."""
    row = Row("two recorders at once")
    for _ in range(PAIRS):
        with new_house() as house, scripted_provider() as provider:
            pair = [Recorder(house, provider.base_url, "--trials", "1") for _ in range(2)]
            codes = sorted(recorder.ended()[0] for recorder in pair)
            if codes not in ([0, 0], [0, 3]):
                row.outcomes[WRONG] += 1
                continue
            gone_on(house, row, len(provider.received))
    return row


@contextmanager
def largest_file(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond so many bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def full_disk(chance: random.Random) -> Row:
    """A disk that is full at a random size of the files."""
    row = Row("disk full")
    for _ in range(FULL_DISKS):
        with new_house() as house:
            scenario = replace(house.scenario, provider="scripted")
            told = False
            with scripted_provider() as provider, largest_file(chance.randrange(100, 12_000)):
                try:
                    house.record(provider.base_url, scenario=scenario, trials=1)
                except CouldNotRun:
                    told = True
            gone_on(house, row, len(provider.received))
            if not told:
                row.outcomes[RESUMED] -= 1
                row.outcomes[WHOLE] += 1
    return row


def no_folder() -> Row:
    """A folder of cassettes that cannot be: it is said before anything is sent."""
    row = Row("folder that cannot be written")
    for place in ("a file", "a folder as cassette", "/proc"):
        with new_house() as house, scripted_provider() as provider:
            cassettes = Path("/proc/flagbench") if place == "/proc" else house.cassettes
            if place == "a file":
                cassettes.write_text("")
            elif place == "a folder as cassette":
                house.cassette().mkdir(parents=True)
            endpoint = recording.Endpoint(provider.base_url, "k", ())

            def record(cassettes: Path = cassettes, house: House = house,
                       endpoint: recording.Endpoint = endpoint) -> str:  # fmt: skip
                recording.record_trial(
                    house.scenario, 1, endpoint,
                    cassettes=cassettes, fresh=False, on_cell=lambda: None,
                )  # fmt: skip
                return WRONG

            row.outcomes[outcome_of(record)] += 1
            row.paid += len(provider.received)
            row.lost += len(provider.received)
    return row


def rows() -> Iterator[Row]:
    """A row for each way to end."""
    chance = random.Random("ended recorders")  # noqa: S311  no secret
    for name in SIGNALS:
        yield killed(name, chance)
    yield two_at_once()
    yield full_disk(chance)
    yield no_folder()
