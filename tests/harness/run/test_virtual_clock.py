"""The virtual clock: sleeping takes no time and costs exactly its length."""

import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from house import House

from flagbench.errors import CouldNotRun
from flagbench.run import virtual_clock

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


def test_blocking_work_takes_no_virtual_time() -> None:
    """A subject that computes (or here, sleeps for real) between its calls costs no seconds."""

    async def main() -> None:
        await asyncio.sleep(1)
        time.sleep(0.05)
        await asyncio.sleep(1)

    assert virtual_clock.run_virtual(main())[1] == 2.0


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
    monkeypatch.setattr(virtual_clock, "STUCK_AFTER_SECONDS", 0.05)

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
