"""The virtual clock: sleeping takes no time and costs exactly its length."""

import asyncio
import os
import subprocess
import sys
import threading
import time
import types
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from house import House

from flagbench.errors import CouldNotRun
from flagbench.run import process_clock, turns, virtual_clock

BURN = "while True: sum(range(10_000))"


@pytest.fixture
def busy_machine() -> Iterator[None]:
    """Two other processes that burn CPU for as long as the test runs."""
    burning = [subprocess.Popen([sys.executable, "-c", BURN]) for _ in range(2)]
    yield
    for one in burning:
        one.kill()
        one.wait()


def test_sleep_costs_its_length_and_nothing_else() -> None:
    """Seconds that nobody could wait for pass."""

    async def main() -> str:
        await asyncio.sleep(3600)
        await asyncio.sleep(0.25)
        return "done"

    assert virtual_clock.run_virtual(main()) == ("done", 3600.25)


def test_what_runs_together_takes_as_long_as_the_longest() -> None:
    """`gather` overlaps; a semaphore of one does not."""

    async def together() -> None:
        await asyncio.gather(*(asyncio.sleep(seconds) for seconds in (3, 1, 2)))

    async def in_turn() -> None:
        turn = asyncio.Semaphore(1)

        async def one(seconds: float) -> None:
            async with turn:
                await asyncio.sleep(seconds)

        await asyncio.gather(*(one(seconds) for seconds in (3, 1, 2)))

    assert virtual_clock.run_virtual(together())[1] == 3.0
    assert virtual_clock.run_virtual(in_turn())[1] == 6.0


def test_local_work_takes_no_virtual_time() -> None:
    """What a subject computes between its calls costs no seconds: its CPU time is told apart."""

    async def main() -> None:
        await asyncio.sleep(1)
        sum(range(1_000_000))
        await asyncio.sleep(1)

    assert virtual_clock.run_virtual(main())[1] == 2.0


SLEEPERS = {
    "blocking": ("time.sleep(3600)", 3600.0),
    "by its own name": ("nap(0.05); nap(0.05)", 0.1),
    "in a thread": ("await asyncio.to_thread(time.sleep, 60)", 60.0),
    "in two threads at once": (
        "await asyncio.gather(*(asyncio.to_thread(nap, s) for s in (60, 50)))", 60.0),
    "in a pool of its own": ("await asyncio.to_thread(pooled)", 60.0),
    "a thread beside a timer": (
        "await asyncio.gather(asyncio.to_thread(time.sleep, 30), asyncio.sleep(40))", 40.0),
    "blocking delays the timers": ("await asyncio.gather(asyncio.sleep(1), late())", 5.0),
    "more jobs than threads": (
        "await asyncio.gather(*(asyncio.to_thread(nap, 1) for _ in range(100)))",
        float(-(-100 // min(32, (os.cpu_count() or 1) + 4)))),
}  # fmt: skip
SLEEPING = """
import asyncio, time
from concurrent.futures import ThreadPoolExecutor
from time import sleep as nap

def pooled():
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(time.sleep, [30, 20, 40, 5]))

async def late():
    time.sleep(4)
    await asyncio.sleep(1)

async def main():
    {}
"""


@pytest.mark.parametrize(("line", "seconds"), SLEEPERS.values(), ids=SLEEPERS)
def test_a_synchronous_sleep_costs_its_length(
    line: str, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It passes on the virtual clock, whoever sleeps and under whatever name; nothing waits."""
    module = types.ModuleType("sleeping")
    monkeypatch.setitem(sys.modules, "sleeping", module)
    exec(SLEEPING.format(line), vars(module))  # noqa: S102
    assert virtual_clock.run_virtual(module.main())[1] == seconds
    assert module.nap is time.sleep


@pytest.mark.parametrize("line", ["time.sleep(-1)", "await asyncio.to_thread(time.sleep, -1)"])
def test_a_sleep_of_less_than_nothing_is_the_error_that_it_was(line: str) -> None:
    """A subject's mistake stays its own."""
    names: dict[str, Any] = {}
    exec(SLEEPING.format(line), names)  # noqa: S102
    with pytest.raises(ValueError, match="non-negative"):
        virtual_clock.run_virtual(names["main"]())


def test_a_thread_that_works_longer_than_any_limit_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """No timer runs out meanwhile, since its own seconds are not counted."""
    monkeypatch.setattr(turns, "STUCK_AFTER_SECONDS", 0.05)

    def work() -> str:
        until = time.process_time() + 0.3
        while time.process_time() < until:
            pass
        return "worked"

    async def main() -> str:
        return await asyncio.wait_for(asyncio.to_thread(work), 0.1)

    assert virtual_clock.run_virtual(main()) == ("worked", 0.0)


def test_a_child_process_that_works_longer_than_the_limit_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A program that the subject awaits, such as a compiler."""
    monkeypatch.setattr(turns, "STUCK_AFTER_SECONDS", 0.05)

    async def main() -> int:
        program = "import time; time.sleep(0.3)"
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
        return await child.wait()

    assert virtual_clock.run_virtual(main()) == (0, 0.0)


def test_a_thread_that_asks_the_loop_lets_time_pass() -> None:
    """Synchronous code of a subject makes its calls through the loop, in any number of threads."""

    async def main() -> list[float]:
        loop = asyncio.get_running_loop()

        def call(seconds: float) -> float:
            for _ in range(3):
                asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop).result()
            return loop.time()

        def both() -> list[float]:
            with ThreadPoolExecutor(2) as pool:
                return list(pool.map(call, [1, 2]))

        return [await asyncio.to_thread(call, 5), *await asyncio.to_thread(both)]

    assert {repr(virtual_clock.run_virtual(main())) for _ in range(5)} == {
        "([15.0, 18.0, 21.0], 21.0)"
    }


CLOCKS = """
import asyncio, time, datetime, uuid
from datetime import datetime as stamp
from time import monotonic as mono, perf_counter, time as now

async def main():
    def read():
        return (time.time(), now(), time.monotonic(), mono(), perf_counter(), time.time_ns(),
                time.perf_counter_ns(), stamp.now().isoformat(), time.strftime("%H:%M:%S %Z"),
                datetime.date.today().isoformat(), uuid.uuid1().time)
    first = read()
    await asyncio.sleep(90_061.25)
    return first, read(), await asyncio.to_thread(read)
"""


def test_every_clock_follows_the_virtual_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wall clock, monotonic clock and time zone are the same in every cell, on any machine."""
    told = set()
    for zone in ("Asia/Tokyo", "America/Lima"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        module = types.ModuleType("reading")
        monkeypatch.setitem(sys.modules, "reading", module)
        exec(CLOCKS, vars(module))  # noqa: S102
        (first, later, in_thread), _ = virtual_clock.run_virtual(module.main())
        told.add((first, later))
        assert in_thread[:10] == later[:10]  # two UUIDs of one instant differ
        assert os.environ["TZ"] == zone
        assert module.mono is time.monotonic
    monkeypatch.undo()
    time.tzset()
    ((first, later),) = told
    began = process_clock.START.timestamp()
    assert first[:8] == (began, began, 0, 0, 0, began * 1e9, 0, "2026-01-01T00:00:00")
    assert later[:5] == (began + 90_061.25, began + 90_061.25, *[90_061.25] * 3)
    assert later[7:10] == ("2026-01-02T01:01:01.250000", "01:01:01 UTC", "2026-01-02")
    assert later[10] - first[10] == 90_061.25 * 10_000_000


def test_outside_a_cell_every_clock_is_its_own() -> None:
    """Also in a module that a subject imported meanwhile."""
    before = (time.sleep, time.monotonic, time.perf_counter, threading.Thread.start)
    module = types.ModuleType("imported")

    async def main() -> None:
        exec("from time import sleep, perf_counter", vars(module))  # noqa: S102
        sys.modules["imported"] = module

    try:
        virtual_clock.run_virtual(main())
    finally:
        sys.modules.pop("imported", None)
    assert (time.sleep, time.monotonic, time.perf_counter, threading.Thread.start) == before
    assert (module.sleep, module.perf_counter) == (time.sleep, time.perf_counter)
    assert time.time() > process_clock.START.timestamp() + 1000


def test_a_timeout_is_on_the_same_clock() -> None:
    """`asyncio.timeout` ends what sleeps longer, at its own length."""

    async def main() -> str:
        try:
            async with asyncio.timeout(5):
                await asyncio.sleep(10)
        except TimeoutError:
            return "ended"
        return "slept"

    assert virtual_clock.run_virtual(main()) == ("ended", 5.0)


def test_each_run_starts_at_zero() -> None:
    """A clock is never shared."""

    async def now() -> float:
        return asyncio.get_running_loop().time()

    assert [virtual_clock.run_virtual(now())[0] for _ in range(2)] == [0.0, 0.0]


def test_waiting_for_what_no_timer_brings_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """A future that nobody sets ends as COULD NOT RUN, not as a hang."""
    monkeypatch.setattr(turns, "STUCK_AFTER_SECONDS", 0.05)

    async def main() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(CouldNotRun, match="is stuck: it waited without a pending timer"):
        virtual_clock.run_virtual(main())


def test_an_exception_of_the_subject_comes_out_as_it_is() -> None:
    """The clock judges nothing."""

    async def main() -> None:
        await asyncio.sleep(1)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        virtual_clock.run_virtual(main())


def test_twenty_runs_on_a_loaded_machine_give_the_same_digits(
    house: House, busy_machine: None
) -> None:
    """Every row of every combination, twenty times, while other processes burn the CPU."""
    scenario = house.scenario
    runner = house.runner()
    told = {
        repr(
            [
                runner.cell_runner.cell(scenario, combination, 1).measurement.row()
                for combination in scenario.combinations
            ]
        )
        for _ in range(20)
    }
    assert len(told) == 1


@pytest.mark.parametrize("seconds", [1e7, 2e7, 1e9])
def test_a_timer_far_in_the_future_ends(seconds: float) -> None:
    """A step of a real clock is lost in the digits of such a time, and the loop went round."""

    async def sleep() -> None:
        await asyncio.sleep(0.25)
        await asyncio.sleep(seconds)

    assert virtual_clock.run_virtual(sleep())[1] == pytest.approx(seconds + 0.25, abs=1e-6)
