"""Sleeps of a command: its calls of nanosleep take virtual time (seccomp, user notifications).

Timers inside an event loop, of asyncio or node, and waits for another thread are other calls: they
take real time, which is the command's own.
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

_ABSOLUTE = 1  # TIMER_ABSTIME, linux/time.h
_TIMESPEC = struct.Struct("qq")
_NANOSECONDS = 1_000_000_000
# A sleep until a time has begun before it is seen: what is left is rounded up to this.
_GRAIN_SECONDS = 0.01
# A sleep of up to this is a look for the end of a child, if one has ended meanwhile; whether it had
# before depends on the machine.
_LOOK_SECONDS = 0.001


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
    """The sleeps of a command on the running loop's clock. `seconds` is their sum.

    `on_started` is called when the launcher is about to become the command.
    """

    def __init__(self) -> None:
        self._ours, self.theirs = socket.socketpair()
        self._loop = asyncio.get_running_loop()
        self._listener: Any = None
        self._looks: dict[int, tuple[int, float, asyncio.TimerHandle]] = {}
        self.seconds = 0.0
        self.on_started: Callable[[], None] = lambda: None
        self._ours.setblocking(False)
        self._loop.add_reader(self._ours, self._take_listener)

    def close(self) -> None:
        """Answer no more: a sleep that is under way fails, as its process is about to end."""
        self._loop.remove_reader(self._ours)
        self._ours.close()
        self.theirs.close()
        if self._listener is not None:
            self._loop.remove_reader(self._listener)
            self._listener.close()

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
            seconds = _seconds_of(asked.pid, asked.nr, asked.args)
        except OSError as error:
            self._answer(asked.id, error.errno or errno.EINVAL)
            return
        self.seconds += seconds
        timer = self._loop.call_later(seconds, self._answer, asked.id, 0)
        if seconds <= _LOOK_SECONDS:
            self._looks[asked.id] = asked.pid, seconds, timer

    def end_looks(self, has_news: Callable[[int], bool]) -> bool:
        """End the shortest sleeps of threads for which there is news. True if there were any."""
        seen = [number for number, (thread, _, _) in self._looks.items() if has_news(thread)]
        for number in seen:
            _, seconds, timer = self._looks[number]
            timer.cancel()
            self.seconds -= seconds
            self._answer(number, 0)
        return bool(seen)

    def _answer(self, number: int, error: int) -> None:
        from seccompy import SeccompError  # noqa: PLC0415  as above

        self._looks.pop(number, None)
        if not self._listener.closed:
            with contextlib.suppress(SeccompError):  # interrupted by a signal
                self._listener.respond(number, error=error)


def _seconds_of(thread: int, number: int, arguments: tuple[int, ...]) -> float:
    """The length of a sleep. Raises `OSError` for one that the kernel would refuse."""
    import seccompy  # noqa: PLC0415  as above

    is_by_clock = seccompy.syscall_name(number) == "clock_nanosleep"
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
