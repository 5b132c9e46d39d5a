"""Clocks and waits of Python in a command, on the clock of its cell.

The clock stands still while the command works, but for a microsecond at each look, so that a loop
that waits for a time comes to its end. A wait with a timeout is one without, and for a file that
the harness writes to when the time has come.
"""

import contextlib
import importlib.machinery
import math
import os
import select
import sys
import time
from typing import Any

VARIABLE = "FLAGBENCH_CLOCK"
# Flags of timerfd_settime that no kernel knows: a message to the harness.
MARK = 0x464C4200
# Of the shared file: the wall clock at the start and the virtual time, in nanoseconds.
SIZE = 16
_LOOK = 1_000
# Timers are rounded up to it, so that the looks before them make no difference.
_GRAIN = 100_000
_NANOSECONDS = 1_000_000_000


class _Clock:
    """The clock of a cell, which the harness moves."""

    def __init__(self, shared: Any) -> None:
        self._shared = shared
        self._looked = 0
        self._wall = int.from_bytes(shared[0:8], "little")

    def time_ns(self) -> int:
        """As `time.time_ns`."""
        return self._wall + self.monotonic_ns()

    def monotonic_ns(self) -> int:
        """As `time.monotonic_ns`, from 0 at the start of the cell, as in process."""
        self._looked += _LOOK
        return int.from_bytes(self._shared[8:16], "little") + self._looked

    def time(self) -> float:
        """As `time.time`."""
        return self.time_ns() / _NANOSECONDS

    def monotonic(self) -> float:
        """As `time.monotonic`."""
        return self.monotonic_ns() / _NANOSECONDS


class _Timer:
    """A file that can be read when so many seconds have passed, where `is_held`."""

    def __init__(self, seconds: float) -> None:
        self.file = os.eventfd(0)
        grains = math.ceil(round(seconds * _NANOSECONDS / _GRAIN, 6))
        self.is_held = self._set(grains * _GRAIN or _LOOK)

    def _set(self, length: int) -> bool:
        import ctypes  # noqa: PLC0415  few programs wait

        wanted = (ctypes.c_long * 4)(0, 0, *divmod(length, _NANOSECONDS))
        failed: int = ctypes.CDLL(None).timerfd_settime(self.file, MARK, wanted, None)
        return failed == 0

    def stop(self) -> None:
        """Let it ring no more."""
        if self.is_held:
            self._set(0)
        os.close(self.file)


class _Waiter:
    """A lock that one thread waits for, with a timeout on the clock of the cell."""

    def __init__(self, lock: Any) -> None:
        self._lock, self._file = lock(), -1
        self._guard = lock()

    def acquire(self, blocking: bool = True, timeout: float = -1) -> bool:
        """As `lock.acquire`."""
        if timeout <= 0 or not blocking:
            return self._lock.acquire(blocking, timeout)  # type: ignore[no-any-return]
        timer = _Timer(timeout)
        try:
            if not timer.is_held:
                return self._lock.acquire(True, timeout)  # type: ignore[no-any-return]
            self._wait(timer)
            return self._lock.acquire(False)  # type: ignore[no-any-return]
        finally:
            timer.stop()

    def _wait(self, timer: _Timer) -> None:
        with self._guard:
            if not self._lock.locked():
                return
            self._file = os.eventfd(0)
        try:
            poll = select.poll()
            for file in (self._file, timer.file):
                poll.register(file, select.POLLIN)
            poll.poll()
        finally:
            with self._guard:
                os.close(self._file)
                self._file = -1

    def release(self) -> None:
        """As `lock.release`."""
        with self._guard:
            self._lock.release()
            if self._file >= 0:
                os.eventfd_write(self._file, 1)

    def locked(self) -> bool:
        """As `lock.locked`."""
        return self._lock.locked()  # type: ignore[no-any-return]


def _of_threading(threading: Any) -> None:
    """Conditions, and with them events, queues, futures: each wait has a lock of its own."""
    lock = threading._allocate_lock
    threading._allocate_lock = lambda: _Waiter(lock)


def _of_selectors(selectors: Any) -> None:
    """Selectors, and with them asyncio and subprocess."""
    for name in ("EpollSelector", "PollSelector", "SelectSelector"):
        selector = getattr(selectors, name, None)
        if selector is not None:
            selector.select = _select_of(selector.select)


def _select_of(real: Any) -> Any:
    def select(self: Any, timeout: "float | None" = None) -> Any:
        if timeout is None or timeout <= 0:
            return real(self, timeout)
        ready = real(self, 0)
        if ready:
            return ready
        # In whole milliseconds, as epoll and poll have it.
        timer = _Timer(math.ceil(timeout * 1e3) / 1e3)
        try:
            if not timer.is_held:
                return real(self, timeout)
            key = self.register(timer.file, 1)
            try:
                ready = real(self, None)
            finally:
                self.unregister(timer.file)
            return [item for item in ready if item[0] is not key]
        finally:
            timer.stop()

    return select


def _plain_select(real: Any) -> Any:
    def select_(reading: Any, writing: Any, failing: Any, timeout: Any = None, /) -> Any:
        if timeout is None or timeout <= 0:
            return real(reading, writing, failing, timeout)
        timer = _Timer(timeout)
        try:
            if not timer.is_held:
                return real(reading, writing, failing, timeout)
            ready, *others = real([*reading, timer.file], writing, failing)
            return ([file for file in ready if file != timer.file], *others)
        finally:
            timer.stop()

    return select_


def _look_at_rest(real: Any) -> Any:
    """A look for children that have ended, once those that work have ended or are at rest.

    The clock stands still while they work: whether a look comes before their end must not depend on
    the machine, or a program that polls would sleep once more, or once less.
    """

    def wait(*arguments: Any, **named: Any) -> Any:
        ended = real(*arguments, **named)
        # The kind of an id, the id, and the options, where a function has them.
        given = [*arguments, *(named[name] for name in ("pid", "options") if name in named)]
        if not given[-1] & os.WNOHANG or (ended and ended[0]):
            return ended
        timer = _Timer(0)
        child = -1
        try:
            if not timer.is_held:
                return ended
            poll = select.poll()
            poll.register(timer.file, select.POLLIN)
            with contextlib.suppress(OSError):  # any child, or one of a group
                child = os.pidfd_open(given[-2] if len(given) > 1 else -1)
                poll.register(child, select.POLLIN)
            poll.poll()
        finally:
            timer.stop()
            if child >= 0:
                os.close(child)
        return real(*arguments, **named)

    return wait


class _Finder:
    """Replaces what waits in a module of the standard library once it has been imported."""

    def __init__(self, replacing: Any) -> None:
        self._replacing = replacing

    def find_spec(self, name: str, path: Any, target: Any = None) -> Any:
        """The spec as Python finds it, whose loader replaces; None for other modules."""
        replace = self._replacing.pop(name, None)
        if replace is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(name, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def exec_module(module: Any) -> None:
            run(module)
            replace(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def start() -> None:
    """Follow the clock of the cell, if this is a command of one."""
    if not hasattr(os, "eventfd"):  # before Python 3.10
        return
    try:
        import mmap  # noqa: PLC0415  of a cell alone

        with open(os.environ[VARIABLE], "rb") as file:  # noqa: PTH123  pathlib is slow to import
            clock = _Clock(mmap.mmap(file.fileno(), SIZE, access=mmap.ACCESS_READ))
    except (ImportError, KeyError, OSError, ValueError):
        return
    for name in ("time", "time_ns", "monotonic", "monotonic_ns"):
        setattr(time, name, getattr(clock, name))
    time.perf_counter, time.perf_counter_ns = clock.monotonic, clock.monotonic_ns
    select.select = _plain_select(select.select)
    for name in ("waitpid", "waitid", "wait3", "wait4"):
        setattr(os, name, _look_at_rest(getattr(os, name)))
    replacing = {"threading": _of_threading, "selectors": _of_selectors}
    for name in [name for name in replacing if name in sys.modules]:
        replacing.pop(name)(sys.modules[name])
    sys.meta_path.insert(0, _Finder(replacing))
