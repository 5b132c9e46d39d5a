"""Sleeps of a command: its calls of nanosleep take virtual time (seccomp, user notifications).

So do the timers of Python, see `timers.py`. Other waits with a timeout are other calls, which take
real time: see `own_timers.py`.
"""

import asyncio
import contextlib
import errno
import os
import socket
import struct
import sys
import time
from collections.abc import Callable
from typing import Any

from flagbench.run.command.timers import Timers

# Signals after a time, which is real.
ALARMS = ("alarm", "setitimer", "timer_settime", "timerfd_settime")
_ABSOLUTE = 1  # TIMER_ABSTIME, linux/time.h
_TIMESPEC = struct.Struct("qq")
_NANOSECONDS = 1_000_000_000
# A sleep until a time has begun before it is seen: what is left is rounded up to this.
_GRAIN_SECONDS = 0.01


def can_be_held() -> bool:
    """True where sleeps can be answered from outside."""
    if sys.platform != "linux":
        return False
    try:
        import seccompy  # noqa: PLC0415  installed on Linux alone

        return seccompy.supported() and seccompy.arch() in ("x86_64", "aarch64")
    except (ImportError, OSError):
        return False


class Sleeps:
    """The sleeps and timers of a command on the running loop's clock.

    `seconds` is the sum of the sleeps. `on_started` is called when the launcher is about to become
    the command, `on_alarm` when the command sets a timer whose time is real.
    """

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._loop = asyncio.get_running_loop()
        self._listener: Any = None
        self.seconds = 0.0
        self._timers = Timers()
        self._sleeping: dict[int, asyncio.TimerHandle] = {}
        self.on_started: Callable[[], None] = lambda: None
        self.on_alarm: Callable[[], None] = lambda: None
        self._ours.setblocking(False)
        self._loop.add_reader(self._ours, self._take_listener)

    def close(self) -> None:
        """Answer no more: a sleep that is under way fails, as its process is about to end."""
        self._loop.remove_reader(self._ours)
        self._ours.close()
        self.theirs.close()
        self._timers.close()
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()

    def drop_ended(self) -> bool:
        """Forget the sleeps and timers of threads that have ended. True if there were any."""
        gone = [number for number in self._sleeping if not self._listener.valid(number)]
        for number in gone:
            self._sleeping.pop(number).cancel()
        return self._timers.drop_ended() or bool(gone)

    def _take_listener(self) -> None:
        from seccompy.notify import Listener  # noqa: PLC0415  as above

        _, descriptors, _, _ = socket.recv_fds(self._ours, 1, 1)
        self._loop.remove_reader(self._ours)
        self.on_started()
        if descriptors:
            self._listener = Listener(descriptors[0])
            self._loop.add_reader(self._listener, self._begin)

    def _begin(self) -> None:
        from seccompy import SeccompError  # noqa: PLC0415  as above

        try:
            asked = self._listener.recv()
        except SeccompError as error:
            if error.errno != errno.ENOENT:  # the thread has ended meanwhile
                self._loop.remove_reader(self._listener)
            return
        try:
            self._start(asked)
        except OSError as error:
            self._answer(asked.id, error.errno or errno.EINVAL)

    def _start(self, asked: Any) -> None:
        """Start a sleep or a timer. Raises `OSError` for one that the kernel would refuse."""
        import seccompy  # noqa: PLC0415  as above
        from seccompy.notify import RespFlag  # noqa: PLC0415

        name = seccompy.syscall_name(asked.nr)
        if name not in ALARMS:
            seconds = _seconds_of(asked.pid, name, asked.args)
            self.seconds += seconds
            later = self._loop.call_later(seconds, self._answer, asked.id)
            self._sleeping[asked.id] = later
        elif name == "timerfd_settime" and self._timers.is_ours(asked.args):
            self._timers.set(asked.pid, asked.args)
            self._answer(asked.id)
        else:
            self.on_alarm()
            self._answer(asked.id, flags=RespFlag.CONTINUE)

    def _answer(self, number: int, error: int = 0, *, flags: int = 0) -> None:
        from seccompy import SeccompError  # noqa: PLC0415  as above

        self._sleeping.pop(number, None)
        if not self._listener.closed:
            with contextlib.suppress(SeccompError):  # interrupted by a signal
                self._listener.respond(number, error=error, flags=flags)


def _seconds_of(thread: int, name: str, arguments: tuple[int, ...]) -> float:
    """The length of a sleep. Raises `OSError` for one that the kernel would refuse."""
    is_by_clock = name == "clock_nanosleep"
    address = arguments[2 if is_by_clock else 0]
    with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:  # noqa: PTH123  os.pread's
        seconds, nanoseconds = _TIMESPEC.unpack(os.pread(memory.fileno(), _TIMESPEC.size, address))
    if seconds < 0 or not 0 <= nanoseconds < _NANOSECONDS:
        raise OSError(errno.EINVAL, "not a time")
    length: float = seconds + nanoseconds / _NANOSECONDS
    if not is_by_clock or not arguments[1] & _ABSOLUTE:
        return length
    left: float = length - time.clock_gettime(arguments[0])
    grains = -(-max(left, 0.0) // _GRAIN_SECONDS) if left > _GRAIN_SECONDS else 0
    return grains * _GRAIN_SECONDS if grains else max(left, 0.0)
