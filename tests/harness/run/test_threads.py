"""Threads of a subject: exact on the virtual clock, in the same order in every run."""

# ruff: noqa: E501  programs in a table
import asyncio
import queue
import sys
import threading
import time
import types
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from replay import SYNC_HEAD, Replay
from test_virtual_clock import busy_machine  # noqa: F401  the fixture

from flagbench.errors import CellStopped, CouldNotRun
from flagbench.run import turn_watch, turns
from flagbench.run.virtual_clock import run_virtual

# Made before any cell, as a subject's module makes them.
MODULE = """
import asyncio, functools, http.server, multiprocessing, queue, socket, subprocess, sys, threading, time
import urllib.request
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, as_completed, wait
from threading import Lock as MyLock
from time import monotonic as now

LOCK, RLOCK, CONDITION, EVENT = MyLock(), threading.RLock(), threading.Condition(), threading.Event()
SEMAPHORE, POOL = threading.Semaphore(1), ThreadPoolExecutor(2)

class Service:
    LOCK = threading.Lock()

    def __init__(self):
        self.lock, self.queue = threading.Lock(), queue.Queue()
        self.simple = queue.SimpleQueue()

    @functools.cached_property
    def slow(self):
        time.sleep(2)
        return 1

SERVICE = Service()

def together(*functions):
    threads = [threading.Thread(target=function) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

def guarded(lock, seen):
    def run():
        with lock:
            time.sleep(2)
            seen.append(now())
    return run

def later(seconds, function):
    def run():
        time.sleep(seconds)
        function()
    thread = threading.Thread(target=run)
    thread.start()
    return thread

def spin(number):
    return sum(range(number))

def job(number):
    time.sleep(0.1)
    return sum(i * i for i in range(number))
"""
GUARDED = "seen = []; together(*[guarded({}, seen) for _ in range(3)]); return seen"
STYLES: dict[str, tuple[str, object, float]] = {
    "a pool": ("with ThreadPoolExecutor(4) as pool: list(pool.map(time.sleep, (13, 5, 7, 2)))",
               None, 13),
    "a small pool": ("with ThreadPoolExecutor(2) as pool: list(pool.map(time.sleep, (13, 5, 7, 2)))",
                     None, 14),
    "a pool that nobody shuts down": ("list(ThreadPoolExecutor(3).map(time.sleep, (1, 2, 3)))",
                                      None, 3),
    "a pool of the module": ("list(POOL.map(time.sleep, (1, 2, 3)))", None, 4),
    "threads": ("together(lambda: time.sleep(3), lambda: time.sleep(4))", None, 4),
    "a join that times out": (
        "t = later(9, list); t.join(4); a = t.is_alive(), now(); t.join(); return a, t.is_alive()",
        ((True, 4.0), False), 9),
    "a lock": (GUARDED.format("lock").replace("seen = []", "seen, lock = [], MyLock()"),
               [2.0, 4.0, 6.0], 6),
    "a lock of the module": (GUARDED.format("LOCK"), [2.0, 4.0, 6.0], 6),
    "a lock of the module that is re-entrant": (GUARDED.format("RLOCK"), [2.0, 4.0, 6.0], 6),
    "a lock of a class": (GUARDED.format("Service.LOCK"), [2.0, 4.0, 6.0], 6),
    "a lock in an object of the module": (GUARDED.format("SERVICE.lock"), [2.0, 4.0, 6.0], 6),
    "a semaphore of the module": (GUARDED.format("SEMAPHORE"), [2.0, 4.0, 6.0], 6),
    "a condition of the module": (
        "def tell():\n        with CONDITION: CONDITION.notify_all()\n"
        "    t = later(3, tell)\n    with CONDITION: CONDITION.wait()\n    t.join()", None, 3),
    "an event of the module": ("t = later(3, EVENT.set); EVENT.wait(); t.join(); EVENT.clear()",
                               None, 3),
    "a queue of the module": ("t = later(3, lambda: SERVICE.queue.put(1)); "
                              "SERVICE.queue.get(); t.join()", None, 3),
    "a simple queue of the module": ("t = later(3, lambda: SERVICE.simple.put(1)); "
                                     "SERVICE.simple.get(); t.join()", None, 3),
    "a property that is computed once": (
        "service = Service(); together(lambda: service.slow); return service.slow", 1, 2),
    "a lock that times out": (
        "lock = MyLock(); lock.acquire(); return lock.acquire(timeout=2.5), now()", (False, 2.5), 2.5),
    "an event that times out": ("return threading.Event().wait(4), now()", (False, 4.0), 4),
    "a condition that times out": (
        "c = threading.Condition()\n    with c: return c.wait_for(lambda: False, timeout=2.5), now()",
        (False, 2.5), 2.5),
    "a queue that times out": (
        "try: queue.Queue().get(timeout=6)\n    except queue.Empty: return now()", 6.0, 6),
    "a simple queue that times out": (
        "try: queue.SimpleQueue().get(timeout=6)\n    except queue.Empty: return now()", 6.0, 6),
    "a queue that is full": (
        "q, out = queue.Queue(1), []\n    def make():\n        for i in range(3): q.put(i)\n"
        "    t = threading.Thread(target=make); t.start()\n"
        "    for _ in range(3): time.sleep(3); out.append((q.get(), now()))\n    t.join(); return out",
        [(0, 3.0), (1, 6.0), (2, 9.0)], 9),
    "a barrier": (
        "b, out = threading.Barrier(3), []\n    def run(n):\n        time.sleep(n); b.wait()\n"
        "        out.append(now())\n    together(*[lambda n=n: run(n) for n in (1, 2, 3)])\n"
        "    return out", [3.0, 3.0, 3.0], 3),
    "a timer": ("e = threading.Event(); t = threading.Timer(7, e.set); t.start(); e.wait(); t.join()",
                None, 7),
    "a result that times out": (
        "with ThreadPoolExecutor(1) as pool:\n        f = pool.submit(time.sleep, 10)\n"
        "        try: f.result(timeout=3)\n        except TimeoutError: return now()", 3.0, 10),
    "as completed": (
        "with ThreadPoolExecutor(3) as pool:\n        fs = [pool.submit(time.sleep, n) for n in (3, 1, 2)]\n"
        "        return [(fs.index(f), now()) for f in as_completed(fs, timeout=9)]",
        [(1, 1.0), (2, 2.0), (0, 3.0)], 3),
    "wait": (
        "with ThreadPoolExecutor(3) as pool:\n        fs = [pool.submit(time.sleep, n) for n in (3, 1)]\n"
        "        return len(wait(fs, timeout=2).done), now()", (1, 2.0), 3),
    "work beside a sleep": (
        "with ThreadPoolExecutor(1) as pool:\n        f = pool.submit(lambda: (spin(9_000_000), now())[1])\n"
        "        time.sleep(5); return f.result()", 0.0, 5),
    "thread locals": (
        "local, out = threading.local(), []\n    def run(n):\n        local.n = n; time.sleep(n)\n"
        "        out.append(local.n)\n    together(*[lambda n=n: run(n) for n in (2, 1)])\n    return out",
        [1, 2], 2),
    "an event loop of its own": (
        "async def main(): await asyncio.gather(asyncio.sleep(3), asyncio.to_thread(time.sleep, 5))\n"
        "    asyncio.run(main())", None, 5),
    "two event loops of its own": (
        "together(*[lambda n=n: asyncio.run(asyncio.sleep(n)) for n in (3, 4)])", None, 4),
    "a child process beside a sleep": (
        "with ThreadPoolExecutor(1) as pool:\n        f = pool.submit(lambda: (subprocess.run("
        "[sys.executable, '-c', 'import time; time.sleep(0.3)']), now())[1])\n"
        "        time.sleep(5); return f.result()", 0.0, 5),
    "the output of a child process": (
        "p = subprocess.Popen([sys.executable, '-c', 'print(1)'], stdout=subprocess.PIPE)\n"
        "    out = []; together(lambda: out.extend(p.stdout)); p.wait(); p.stdout.close(); return out",
        [b"1\n"], 0),
    "a process pool": (
        "with ProcessPoolExecutor(1) as pool:\n        f = pool.submit(job, 10)\n"
        "        time.sleep(3); return f.result()", 285, 3),
    "a pool of multiprocessing": (
        "with multiprocessing.Pool(2) as pool:\n        r = pool.map(job, (10, 20))\n"
        "    time.sleep(3); return r, now()", ([285, 2470], 3.0), 3),
    "a socket between threads": (
        "s = socket.create_server(('127.0.0.1', 0))\n    def serve():\n        c, _ = s.accept()\n"
        "        with c: time.sleep(2); c.sendall(b'x')\n"
        "    t = threading.Thread(target=serve); t.start()\n"
        "    with socket.create_connection(s.getsockname()) as c: r = c.recv(9)\n"
        "    t.join(); s.close(); return r, now()", (b"x", 2.0), 2),
}  # fmt: skip


@pytest.fixture(scope="module")
def module() -> Iterator[types.ModuleType]:
    """A module that was imported before the cells."""
    made = types.ModuleType("threaded")
    sys.modules["threaded"] = made
    exec(MODULE, vars(made))  # noqa: S102
    yield made
    del sys.modules["threaded"]


def run_in_thread(function: Callable[[], Any]) -> tuple[Any, float]:
    """Run a sync function as a sync subject is run."""

    async def main() -> Any:
        return await asyncio.to_thread(function)

    return run_virtual(main())


@pytest.mark.parametrize(("body", "value", "seconds"), STYLES.values(), ids=STYLES)
def test_each_style_is_exact(
    module: types.ModuleType, body: str, value: object, seconds: float
) -> None:
    """Twice in a process: nothing of the first cell is left."""
    exec(f"def run():\n    {body}\n", vars(module))  # noqa: S102
    function = module.run
    assert [run_in_thread(function) for _ in range(2)] == [(value, seconds)] * 2


def test_a_recording_is_no_wait_of_its_subject(module: types.ModuleType) -> None:
    """Threads go on beside one that waits in native code, also under a caller that records."""
    recorder = {"__name__": "flagbench.run.recording", "run_virtual": run_virtual}
    exec("def record(work): return run_virtual(work)", recorder)  # noqa: S102
    body = "with multiprocessing.Pool(2) as pool: return pool.map(job, (10, 20))"
    exec(f"async def main():\n    {body}\n", vars(module))  # noqa: S102
    assert recorder["record"](module.main())[0] == [285, 2470]


ASYNC = {
    "to_thread": ("await asyncio.gather(*(asyncio.to_thread(time.sleep, n) for n in (3, 4)))", 4),
    "run_in_executor": ("await loop.run_in_executor(POOL, time.sleep, 3)", 3),
    "a timeout": (
        "try: await asyncio.wait_for(asyncio.to_thread(time.sleep, 9), 2)\n"
        "    except TimeoutError: pass", 2),
    "a thread that asks the loop": (
        "def ask(): return asyncio.run_coroutine_threadsafe(asyncio.sleep(3), loop).result()\n"
        "    await asyncio.gather(asyncio.to_thread(ask), asyncio.to_thread(ask))", 3),
    "a pool of multiprocessing": (
        "with multiprocessing.Pool(2) as pool: pool.map(job, (10, 20))\n"
        "    await asyncio.sleep(3)", 3),
    "a join on the loop": ("together(lambda: time.sleep(3))", 3),
    "a loop that looks for a thread": (
        "t = later(2, list)\n    while t.is_alive(): await asyncio.sleep(0.5)", 2),
    "a call_soon_threadsafe": (
        "e = asyncio.Event(); t = later(3, lambda: loop.call_soon_threadsafe(e.set))\n"
        "    await e.wait(); t.join()", 3),
}  # fmt: skip


@pytest.mark.parametrize(("body", "seconds"), ASYNC.values(), ids=ASYNC)
def test_threads_beside_an_event_loop_are_exact(
    module: types.ModuleType, body: str, seconds: float
) -> None:
    """Whichever waits for the other."""
    head = "async def run():\n    loop = asyncio.get_running_loop()\n"
    exec(f"{head}    {body}\n", vars(module))  # noqa: S102
    assert [run_virtual(module.run()) for _ in range(2)] == [(None, seconds)] * 2


FOUR = """
import threading, time, queue
from concurrent.futures import ThreadPoolExecutor
seen, lock, done, own = [], threading.Lock(), queue.Queue(), openai.OpenAI()
def work(place):
    ask(own, (HELLO, ADDS, REVERSES)[place])
    with lock:
        time.sleep(0.1 * place)
        seen.append((place, time.monotonic()))
    done.put(place)
with ThreadPoolExecutor(4) as pool:
    list(pool.map(work, range(3)))
    pool.submit(time.sleep, 0.7)
listener(Happened("order", "", {"seen": str(seen), "done": str([done.get() for _ in range(3)])}))
return Made([], {})
"""


@pytest.mark.thorough
@pytest.mark.usefixtures("busy_machine")
def test_four_threads_have_the_same_digits_in_twenty_runs(replay: Replay) -> None:
    """Their calls and events, too, in the same order, while other processes burn the CPU."""
    told = set()
    for _ in range(20):
        cell = replay(FOUR, SYNC_HEAD)
        row = cell.measurement
        told.add((row.seconds, repr(row.row()), repr(cell.trace)))
    assert len(told) == 1


# A step of a thread: to sleep, to sleep with a lock, to put an item, or to take one of another.
STEPS = st.one_of(
    st.tuples(st.sampled_from(["sleep", "locked"]), st.integers(0, 40)),
    st.tuples(st.just("call"), st.integers(1, 40)),
)


def makespan(programs: list[list[tuple[str, int]]]) -> int:
    """The end of threads with one lock, by events: who asks first gets it first."""
    clocks, places = [0] * len(programs), [0] * len(programs)
    free_at = 0
    while any(place < len(program) for place, program in zip(places, programs, strict=True)):
        waiting = [i for i in range(len(programs)) if places[i] < len(programs[i])]
        thread = min(waiting, key=lambda i: clocks[i])
        kind, length = programs[thread][places[thread]]
        began = max(clocks[thread], free_at) if kind == "locked" else clocks[thread]
        clocks[thread] = began + length
        free_at = clocks[thread] if kind == "locked" else free_at
        places[thread] += 1
    return max(clocks, default=0)


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.tuples(st.just("sleep"), st.integers(0, 40)), max_size=5), max_size=5))
def test_threads_that_only_sleep_end_with_the_longest(
    programs: list[list[tuple[str, int]]],
) -> None:
    """The makespan is the longest sum."""
    assert elapsed(programs)[1] == max((sum(n for _, n in one) for one in programs), default=0)


@pytest.mark.thorough
@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(STEPS, max_size=4), min_size=1, max_size=4))
def test_random_programs_have_the_same_end_in_every_run(
    programs: list[list[tuple[str, int]]],
) -> None:
    """With locks, queues and calls through the loop; every event in the same order."""
    runs = {repr(elapsed(programs)) for _ in range(3)}
    assert len(runs) == 1


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(1, 6)), st.integers(1, 9))
def test_a_lock_passes_in_the_order_of_its_waiters(asked: list[int], held: int) -> None:
    """The makespan of threads that ask at different times is that of a small model."""
    programs = [[("sleep", seconds), ("locked", held)] for seconds in asked]
    assert elapsed(programs)[1] == makespan(programs)


def elapsed(programs: list[list[tuple[str, int]]]) -> tuple[list[tuple[int, float]], float]:
    """The events of threads that run these programs, and the seconds they took."""

    async def main() -> list[tuple[int, float]]:
        loop = asyncio.get_running_loop()
        lock, done = threading.Lock(), queue.Queue[tuple[int, float]]()

        def run(place: int) -> None:
            for kind, seconds in programs[place]:
                if kind == "sleep":
                    time.sleep(seconds)
                elif kind == "locked":
                    with lock:
                        time.sleep(seconds)
                else:
                    asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), loop).result()
                done.put((place, time.monotonic()))

        def all_of_them() -> list[tuple[int, float]]:
            threads = [threading.Thread(target=run, args=(i,)) for i in range(len(programs))]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            return [done.get() for _ in range(done.qsize())]

        return await asyncio.to_thread(all_of_them)

    return run_virtual(main())


PROBLEMS = {
    "a deadlock": (
        """
a, b = threading.Lock(), threading.Lock()
def run(first, second):
    with first:
        time.sleep(1)
        with second:
            pass
for name, locks in (("left", (a, b)), ("right", (b, a))):
    thread = threading.Thread(target=run, args=locks, name=name)
    thread.start()
thread.join()
""", ("stuck", "left at ", "right at ")),
    "a queue that stays empty": ("queue.Queue().get()", ("stuck", "asyncio_0 at ")),
    "a thread that is left behind": (
        "threading.Thread(target=time.sleep, args=(99,), name='sleeper').start()",
        ("returned while its threads were running: sleeper",)),
    "a daemon that is left behind": (
        "threading.Thread(target=queue.Queue().get, name='daemon', daemon=True).start()",
        ("returned while its threads were running: daemon",)),
    "a pool at work that is left behind": (
        "POOL.submit(EVENT.wait)", ("returned while its threads were running: ThreadPoolExecutor",)),
    "a thread that works for ever": (
        """
def burn():
    while True:
        pass
together(burn)
""", ("worked for 1 real seconds",)),
    "a subject that works for ever": ("while True:\n    pass", ("worked for 1 real seconds",)),
    "a loop of its own making": (
        "asyncio.SelectorEventLoop().run_until_complete(asyncio.sleep(1))", ("whose time is real",)),
}  # fmt: skip


@pytest.mark.parametrize(("body", "told"), PROBLEMS.values(), ids=PROBLEMS)
def test_what_cannot_be_measured_is_a_clear_error(
    module: types.ModuleType, monkeypatch: pytest.MonkeyPatch, body: str, told: tuple[str, ...]
) -> None:
    """It names the threads and their places; none of them lives on, and the next cell is exact."""
    monkeypatch.setattr(turns, "STUCK_AFTER_SECONDS", 0.1)
    monkeypatch.setattr(turn_watch, "WORK_AT_MOST_SECONDS", 1.0)
    lines = "".join(f"    {line}\n" for line in body.strip().splitlines())
    exec(f"def run():\n{lines}", vars(module))  # noqa: S102
    before = threading.enumerate()
    with pytest.raises((CouldNotRun, CellStopped)) as caught:
        run_in_thread(module.run)
    assert [part for part in told if part not in str(caught.value)] == [], caught.value
    for thread in set(threading.enumerate()) - set(before):
        thread.join(5)  # what shuts down the pool of the event loop
    assert threading.enumerate() == before
    assert run_in_thread(lambda: time.sleep(1)) == (None, 1.0)


def test_other_threads_of_the_process_keep_their_clock_and_locks() -> None:
    """A thread of before can wait and work beside a cell, and for it."""
    asked, answered = threading.Event(), threading.Event()
    real_seconds: list[float] = []

    def serve() -> None:
        asked.wait()
        began = time.perf_counter()
        time.sleep(0.02)
        real_seconds.append(time.perf_counter() - began)
        answered.set()

    thread = threading.Thread(target=serve)
    thread.start()

    def run() -> None:
        asked.set()
        answered.wait()

    assert run_in_thread(run) == (None, 0.0)
    thread.join()
    assert real_seconds[0] >= 0.02


def test_a_pool_and_a_lock_take_the_time_of_a_real_run(module: types.ModuleType) -> None:
    """Jobs start as workers become free, and the lock is held by one after the other."""
    lines = """
    lock = threading.Lock()
    def work(n):
        time.sleep(n)
        with lock:
            time.sleep(0.2)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, (0.9, 0.3, 0.8, 0.5)))
    later(0.4, list).join()
"""
    exec(f"def run():{lines}", vars(module))  # noqa: S102
    assert run_in_thread(module.run)[1] == 1.6
