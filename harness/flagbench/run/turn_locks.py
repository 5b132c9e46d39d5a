"""Locks of a cell: a thread with turns waits for one by handing on its turn.

To other threads, and outside of a cell, each is the real lock in it. All else that waits in
`threading` and `queue` is made of them.
"""

import _thread
import functools
import os
import queue
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from weakref import WeakValueDictionary

from flagbench.run.strand import Strand
from flagbench.run.turns import Turns

REAL_LOCK: Any = type(_thread.allocate_lock())
REAL_RLOCK: Any = _thread.RLock
_REAL_LOCKS = (REAL_LOCK, REAL_RLOCK)


class SimpleQueue(queue._PySimpleQueue):  # type: ignore[name-defined,misc]
    """`queue.SimpleQueue`, of locks."""


class _Running:
    """The turns of the cell that runs in this process, if any."""

    turns: Turns | None = None


@contextmanager
def taken_in(turns: Turns) -> Iterator[None]:
    """Let threads wait for locks in turns while the context is open."""
    _forget_in_forked_processes()
    _Running.turns = turns
    try:
        yield
    finally:
        _Running.turns = None


@functools.cache  # Python knows no way to remove it
def _forget_in_forked_processes() -> None:
    """Give real clocks and locks to a process forked in a cell: it has one of its threads only."""

    def before() -> None:
        strand = None if _Running.turns is None else _Running.turns.current()
        if strand is not None:
            strand.is_real = True
            forking[_thread.get_ident()] = strand

    def in_parent() -> None:
        strand = forking.pop(_thread.get_ident(), None)
        if strand is not None:
            strand.is_real = False

    def in_child() -> None:
        if _Running.turns is not None:
            _Running.turns.is_over = True
            _Running.turns = None

    forking = dict[int, Strand]()
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=before, after_in_parent=in_parent, after_in_child=in_child)


class _Lock:
    """A lock over a real one, by default over a new one."""

    __slots__ = ("__weakref__", "_real", "_waiters")
    _make: Any

    def __init__(self, real: Any = None) -> None:
        self._real = type(self)._make() if real is None else real
        self._waiters = deque[tuple[Turns, Strand]]()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """Acquire it, as the real one does."""
        turns = _Running.turns
        me = None if turns is None else turns.current()
        if turns is None or me is None or not blocking or -1 != timeout <= 0:
            if turns is not None and turns.is_over and blocking:
                if self._real.acquire(False):
                    return True
                turns.end_wait()
            return self._real.acquire(blocking, timeout)  # type: ignore[no-any-return]
        real = self._real
        if real.acquire(False):
            return True
        due = None if timeout == -1 else turns.due(timeout)
        waiter = (turns, me)
        self._waiters.append(waiter)
        try:
            while not real.acquire(False):
                if due is not None and turns.is_past(due):
                    return False
                if waiter not in self._waiters:  # woken, but another thread was faster
                    self._waiters.appendleft(waiter)
                turns.wait(due)
            return True
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)

    def release(self) -> None:
        """Release it, and wake the thread that has waited for longest."""
        self._real.release()
        if self._waiters:
            self._wake()

    def _wake(self) -> None:
        while self._waiters:
            turns, strand = self._waiters.popleft()
            if turns is _Running.turns:
                turns.wake(strand)
                return

    def _at_fork_reinit(self) -> None:
        self._waiters.clear()
        self._real._at_fork_reinit()

    __enter__ = acquire

    def __exit__(self, *_: object) -> None:
        self.release()

    def __repr__(self) -> str:
        return repr(self._real)


class Lock(_Lock):
    """`threading.Lock`."""

    __slots__ = ()
    _make = staticmethod(_thread.allocate_lock)
    acquire_lock = _Lock.acquire
    release_lock = _Lock.release

    def locked(self) -> bool:
        """True while a thread holds it."""
        return self._real.locked()  # type: ignore[no-any-return]

    locked_lock = locked


class RLock(_Lock):
    """`threading.RLock`."""

    __slots__ = ()
    _make = staticmethod(REAL_RLOCK)

    def _is_owned(self) -> bool:
        return self._real._is_owned()  # type: ignore[no-any-return]

    def _recursion_count(self) -> int:
        return self._real._recursion_count()  # type: ignore[no-any-return]

    def _release_save(self) -> Any:
        state = self._real._release_save()
        self._wake()
        return state

    def _acquire_restore(self, state: Any) -> None:
        self.acquire()
        for _ in range(state[0] - 1):
            self._real.acquire()


@functools.cache
def _wrappers() -> WeakValueDictionary[int, Lock | RLock]:
    """The one lock in place of each real one that was made before a cell, by the id of that."""
    return WeakValueDictionary()


def is_real(value: object) -> bool:
    """True for a lock made before the cell."""
    return type(value) in _REAL_LOCKS


def wrapped(real: Any) -> Lock | RLock:
    """The lock in place of a real one."""
    lock = _wrappers().get(id(real))
    if lock is None:
        lock = _wrappers()[id(real)] = (RLock if type(real) is REAL_RLOCK else Lock)(real)
    return lock


def adopt_property(descriptor: Any) -> None:
    """Let a cached property, which has a lock until Python 3.11, compute in turns."""
    if is_real(getattr(descriptor, "lock", None)):
        descriptor.lock = wrapped(descriptor.lock)


def adopt_condition(condition: threading.Condition) -> None:
    """Let a condition that was made before the cell wait in turns."""
    if is_real(condition._lock):  # type: ignore[attr-defined]
        waiters = condition._waiters  # type: ignore[attr-defined]
        condition.__init__(wrapped(condition._lock))  # type: ignore[misc,attr-defined]
        condition._waiters = waiters  # type: ignore[attr-defined]


def adopt_pool(pool: ThreadPoolExecutor) -> None:
    """Let a pool that was made before the cell, and has no threads yet, wait in turns."""
    if not pool._threads and type(pool._work_queue) is not SimpleQueue:
        pool._work_queue = SimpleQueue()
        if is_real(pool._shutdown_lock):
            pool._shutdown_lock = wrapped(pool._shutdown_lock)  # type: ignore[assignment]
