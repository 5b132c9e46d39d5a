"""Threads and locks of the process during a cell: those that the subject makes have turns."""

import _thread
import itertools
import logging
import queue
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from concurrent import futures
from concurrent.futures import thread as pools
from contextlib import ExitStack, contextmanager
from typing import Any

from flagbench.run import held_locks, turn_locks
from flagbench.run.strand import Strand
from flagbench.run.thread_frames import frames_of
from flagbench.run.turns import Turns

# Their threads wait for something real.
_REAL_STARTERS = ("flagbench.", "asyncio.unix_events")
# What a module may hold by a name of its own, and what stands for it.
REPLACED: dict[Callable[..., Any], Callable[..., Any]] = {
    _thread.allocate_lock: turn_locks.Lock,
    turn_locks.REAL_LOCK: turn_locks.Lock,
    turn_locks.REAL_RLOCK: turn_locks.RLock,
    queue.SimpleQueue: turn_locks.SimpleQueue,
}
_START = "_start_joinable_thread" if sys.version_info >= (3, 13) else "_start_new_thread"


@contextmanager
def taking_turns(turns: Turns) -> Iterator[None]:
    """Give turns to every thread that the cell's threads start while the context is open.

    Threads and locks of before stay what they are to the threads of before.
    """
    with ExitStack() as undo:

        def replace(owner: Any, name: str, ours: Any) -> None:
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)

        for owner, name in (
            (threading, _START),
            (_thread, "start_new_thread"),
            (_thread, "start_new"),
        ):
            replace(owner, name, _starting(turns, undo, getattr(owner, name)))
        for name, ours in _methods_of_threads(turns).items():
            replace(threading.Thread, name, ours)
        replace(threading.Condition, "__enter__", _condition_enter)
        replace(threading.Condition, "wait", _condition_wait(threading.Condition.wait))
        replace(pools.ThreadPoolExecutor, "submit", _submit(pools.ThreadPoolExecutor.submit))
        undo.enter_context(turn_locks.taken_in(turns))
        yield


def _starting(turns: Turns, undo: ExitStack, real: Callable[..., Any]) -> Callable[..., Any]:
    has_locks = False

    def start(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        nonlocal has_locks
        if turns.current() is None:
            return real(function, *args, **options)
        # With two threads, the loop's and a sync subject's, only one works anyway.
        if not has_locks and not turns.is_alone:
            has_locks = True
            undo.enter_context(held_locks.with_turns())
        thread = getattr(function, "__self__", None)
        is_thread = isinstance(thread, threading.Thread)

        def begin(run: Callable[..., Any]) -> Any:
            if is_thread:
                return real(lambda: run(function), *args, **options)
            return real(lambda *given, **named: run(function, *given, **named), *args, **options)

        return turns.start(thread if is_thread else None, begin)

    return start


def _methods_of_threads(turns: Turns) -> dict[str, Callable[..., Any]]:
    real_start, real_join = threading.Thread.start, threading.Thread.join
    real_is_alive = threading.Thread.is_alive

    def start(thread: threading.Thread) -> None:
        starter = sys._getframe(1).f_globals.get("__name__", "")
        if starter.startswith(_REAL_STARTERS):
            with turns.real():
                real_start(thread)
        else:
            real_start(thread)

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        strand = turns.of_thread(thread)
        me = turns.current()
        if strand is None or me is None or strand is me or not thread._started.is_set():  # type: ignore[attr-defined]
            real_join(thread, timeout)
        elif turns.join(strand, None if timeout is None else turns.due(max(timeout, 0))):
            real_join(thread)

    def is_alive(thread: threading.Thread) -> bool:
        strand = turns.of_thread(thread)
        # The last of a thread is to hand on its turn, perhaps to the caller, which takes it first.
        if strand is not None and strand.has_ended and turns.current() is not strand:
            real_join(thread)
        return real_is_alive(thread)

    return {"start": start, "join": join, "is_alive": is_alive}


def _condition_enter(condition: threading.Condition) -> Any:
    turn_locks.adopt_condition(condition)
    return condition._lock.__enter__()  # type: ignore[attr-defined]


def _condition_wait(real: Callable[..., bool]) -> Callable[..., bool]:
    def wait(condition: threading.Condition, timeout: float | None = None) -> bool:
        turn_locks.adopt_condition(condition)
        return real(condition, timeout)

    return wait


def _submit(real: Callable[..., Any]) -> Callable[..., Any]:
    def submit(pool: Any, function: Any, /, *args: Any, **options: Any) -> Any:
        turn_locks.adopt_pool(pool)
        return real(pool, function, *args, **options)

    return submit


@contextmanager
def ended_at_the_end(turns: Turns) -> Iterator[None]:
    """End all threads of the cell when the context is left, without a word of their pools."""
    logger = logging.getLogger("concurrent.futures")
    try:
        yield
    finally:
        was_disabled, logger.disabled = logger.disabled, True
        turns.close()
        logger.disabled = was_disabled


def end_idle_pools(turns: Turns) -> None:
    """End the threads of pools that nobody shut down, as the interpreter does at its exit.

    The pools can be used again.
    """
    turns.pass_on()
    workers = {strand.thread: strand for strand in turns.live() if strand.thread is not None}
    for pool in dict.fromkeys(map(_pool_of, workers)):
        if pool is None or not all(
            worker in workers and _is_idle(workers[worker]) for worker in pool._threads
        ):
            continue
        pool._shutdown = True
        pool._work_queue.put(None)  # type: ignore[arg-type]
        for worker in sorted(pool._threads, key=lambda worker: worker.name):
            worker.join()
        pool._shutdown = False
        pool._threads.clear()  # type: ignore[attr-defined]
        pool._work_queue = turn_locks.SimpleQueue()
        pool._idle_semaphore = threading.Semaphore(0)


def _pool_of(thread: threading.Thread) -> futures.ThreadPoolExecutor | None:
    args = getattr(thread, "_args", ())
    pool = args[0]() if args and isinstance(args[0], weakref.ref) else None
    return pool if isinstance(pool, futures.ThreadPoolExecutor) else None


def _is_idle(strand: Strand) -> bool:
    """True if the thread of a pool waits for work."""
    codes = [frame.f_code for frame in frames_of(strand.ident)]
    worker = pools._worker.__code__
    get = queue._PySimpleQueue.get.__code__  # type: ignore[attr-defined]
    return any(pair == (get, worker) for pair in itertools.pairwise(codes))
