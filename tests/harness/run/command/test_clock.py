"""The virtual time of a command has the same digits in every run, beside endless loops too."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import PROGRAMS, command_house, endless_loops, programmed_house
from scripted_provider import ScriptedProvider

from flagbench.run.cell_run import CellRun
from flagbench.run.command import clock
from flagbench.run.time_labels import EVENTS, SCALED

# By hand, from the latencies and sleeps in the programs.
SECONDS = {
    "row": 1.2,
    "pool of threads": 1.3,
    "sleeps": 1.2,
    "child of a child": 1.1,
    "asyncio": 1.15,
    "waits of threads": 1.7,
    "quiet child": 1.5,
    # Children that work take no time; a sleep of 0.32 s is seen to end at the seventh look.
    "polled children": 0.35,
    "kept connection": 0.4,
    "node": 1.5,
    "shell and curl": 1.55,
}
# Their event loops have timers of no account, which look like those of the program.
OTHER_LOOPS = ("node", "shell and curl")


@pytest.mark.parametrize("name", SECONDS)
def test_same_digits(tmp_path: Path, provider: ScriptedProvider, name: str) -> None:
    """Also of children of children, in any language, and with sleeps."""
    _, other = PROGRAMS[name]
    if other is not None and shutil.which(other[0]) is None:
        pytest.skip(f"{other[0]} is not installed")
    house = programmed_house(tmp_path, name)
    house.record(provider.base_url)
    runner = house.runner().cell_runner
    with endless_loops():
        runs = [runner.run(house.scenario, house.scenario.control, 1) for _ in range(2)]
    assert {round(run.seconds, 3) for run in runs} == {SECONDS[name]}
    assert len({run.seconds for run in runs}) == 1
    assert {run.time for run in runs} == {SCALED if name in OTHER_LOOPS else EVENTS}


@pytest.mark.parametrize(
    ("program", "seconds"),
    [
        ("for _ in range(5): time.sleep(0.0003)", 0.0015),
        ("time.sleep(3600)", 3600.0),
        ("import subprocess; subprocess.run(['sleep', '7.25'], check=True)", 7.25),
        ("import subprocess; subprocess.run(['perl', '-e', 'sleep 3'], check=True)", 3.0),
        # Both looks come once the child has ended, or is at rest.
        ("""
         import os, subprocess
         for wait in (lambda pid: os.wait4(pid, options=os.WNOHANG),
                      lambda pid: os.wait4(options=os.WNOHANG, pid=pid),
                      lambda pid: os.wait3(options=os.WNOHANG)):
             child = subprocess.Popen(["true"])
             while wait(child.pid)[0] != child.pid: time.sleep(3)
         """, 0.0),
        # A spinner beside a call takes none of its time.
        ("""
         import threading
         end = threading.Event()
         def spin():
             while not end.is_set(): time.sleep(0.125)
         spinner = threading.Thread(target=spin); spinner.start()
         ask("2.5"); end.set(); spinner.join()
         """, 2.5),
    ],
)  # fmt: skip
def test_sleeps(ran: Callable[..., CellRun], program: str, seconds: float) -> None:
    """Sleeps take virtual time, exactly where they have a length."""
    assert ran(program).seconds == pytest.approx(seconds, abs=0.126 if "spin" in program else 1e-6)


@pytest.mark.parametrize(
    "program",
    [
        # Waits long enough for a look at them on a machine that stands still for a moment.
        "import threading; threading.Lock().acquire(timeout=0.5)\n"
        "lock = threading.Lock(); lock.acquire(); lock.acquire(timeout=0.5)",
        # Less than the call that is pending beside it.
        """
        import threading
        caller = threading.Thread(target=ask, args=("0.9",)); caller.start()
        caller.join(0.4); caller.join()
        """,
        """
        import subprocess
        code = "import asyncio; asyncio.run(asyncio.sleep(0.5))"
        subprocess.run([sys.executable, "-I", "-c", code], check=True)
        """,
        "import subprocess; subprocess.run(['perl', '-e', 'select(undef,undef,undef,0.5)'])",
        """
        import signal
        signal.signal(signal.SIGALRM, lambda *_: None)
        signal.setitimer(signal.ITIMER_REAL, 0.5); signal.pause()
        """,
        # Its clock goes on with the wait.
        """
        import select
        end, polled = time.monotonic() + 0.2, select.epoll()
        while time.monotonic() < end: polled.poll(0.05)
        """,
    ],
    ids=["lock", "beside a call", "isolated Python", "other language", "alarm", "epoll"],
)
def test_real_timers_are_labelled(ran: Callable[..., CellRun], program: str) -> None:
    """A wait that ended at a time of the machine's clock makes the time inexact."""
    assert ran(program).time == SCALED


def test_a_timeout_that_does_not_run_out_is_of_no_account(ran: Callable[..., CellRun]) -> None:
    """Such as that of a client, on any clock."""
    run = ran("import socket; socket.setdefaulttimeout(5); ask('0.9')")
    assert (run.seconds, run.time) == (0.9, EVENTS)


def test_steady_clocks_start_at_0(ran: Callable[..., CellRun]) -> None:
    """As they do in process, so that a subject which prints them sends the same in both."""
    run = ran(
        """
        assert time.monotonic() < 1 and time.perf_counter_ns() < 1e9
        time.sleep(7)
        assert 7 <= time.monotonic() < 8 and 7 <= time.perf_counter() < 8
        """
    )
    assert run.seconds == 7.0


def test_a_sleep_that_was_killed_takes_no_time(ran: Callable[..., CellRun]) -> None:
    """Its end would be far away."""
    run = ran(
        """
        import subprocess
        sleeping = subprocess.Popen(["sleep", "50"])
        ask("0.2"); sleeping.kill(); sleeping.wait(); time.sleep(0.1)
        """
    )
    # A microsecond for the look before the signal.
    assert run.seconds == pytest.approx(0.3, abs=1e-5)


def test_own_work_is_apart(ran: Callable[..., CellRun]) -> None:
    """Work between two calls is real, and no virtual time; beside a call it is neither."""
    run = ran(
        """
        def work():
            end = time.process_time() + 0.4
            while time.process_time() < end: pass
        ask("100"); work(); ask("200")
        """
    )
    assert run.seconds == 300.0
    assert 0.4 <= run.own_seconds < 100.0
    assert run.local_cpu_seconds >= 0.4


def test_scaled_where_threads_cannot_be_seen(
    tmp_path: Path, provider: ScriptedProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without /proc recorded seconds pass in a part of real ones, and the label says so."""
    house = command_house(tmp_path, PROGRAMS["pool of threads"][0])
    house.record(provider.base_url)
    monkeypatch.setattr(clock.processes, "can_be_seen", lambda: False)
    run = house.runner().cell_runner.run(house.scenario, house.scenario.control, 1)
    assert run.time == SCALED
    assert run.seconds == pytest.approx(1.3, rel=0.5)
