"""Waits of a command that end by themselves, at a time of the machine's clock.

An event loop in another language than Python, the timeout of a socket or of a lock: these cannot
be answered from outside. What they are waiting for is read from /proc. A wait for one thing counts
if it runs out before the clock is there. That of an event loop always counts: its timers may be of
no account, as those of an idle connection, and may be the program's.
"""

import os
import struct
import time
from collections.abc import Iterable, Iterator
from functools import cache

# Place of the timeout in milliseconds (int), or of the address of a timespec or timeval.
_MILLISECONDS = {"poll": 2, "epoll_wait": 3, "epoll_pwait": 3}
_TIMESPEC = {"ppoll": 2, "pselect6": 4, "epoll_pwait2": 3, "rt_sigtimedwait": 2}
_TIMEVAL = {"select": 4}
_PAIR = struct.Struct("qq")
_OPERATION, _AT_TIME, _OF_WALL_CLOCK = 0x7F, (9, 6, 13), 256


class OwnTimers:
    """The waits of a command with a timeout, and since when they last, on the cell's clock."""

    def __init__(self) -> None:
        self._since: dict[str, float] = {}

    def run_out(self, threads: Iterable[tuple[int, str]], now: float, seconds: float) -> bool:
        """True if one of these waits runs out within so many seconds from now.

        A thread comes with what tells its wait from the next one.
        """
        waits = {
            f"{thread} {line} {sign}": length
            for thread, sign in threads
            for line, length in _timed_wait_of(thread)
        }
        self._since = {wait: self._since.get(wait, now) for wait in waits}
        return any(now + seconds - self._since[wait] >= length for wait, length in waits.items())


def _timed_wait_of(thread: int) -> Iterator[tuple[str, float]]:
    """The call that a blocked thread is in, with its timeout in seconds, if it has one."""
    try:
        with open(f"/proc/{thread}/syscall", encoding="ascii") as file:  # noqa: PTH123  a hot path
            line = file.read()
        number, *words = line.split()
        name = _names().get(int(number))
        if name is None:
            return
        arguments = [int(word, 16) for word in words]
        is_loop = name.startswith("epoll") or ("poll" in name and arguments[1] > 1)
        if name in _MILLISECONDS:
            milliseconds = arguments[_MILLISECONDS[name]] & 0xFFFFFFFF
            if 0 < milliseconds < 2**31:
                yield line, 0.0 if is_loop else milliseconds / 1000
            return
        is_futex = name == "futex"
        address = arguments[3 if is_futex else (_TIMESPEC | _TIMEVAL)[name]]
        if not address:
            return
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:  # noqa: PTH123  os.pread's
            whole, part = _PAIR.unpack(os.pread(memory.fileno(), _PAIR.size, address))
    except (OSError, ValueError, struct.error):  # it goes on, or has ended
        return
    if is_loop:
        yield line, 0.0
        return
    length = whole + part / (1e6 if name in _TIMEVAL else 1e9)
    if is_futex and arguments[1] & _OPERATION in _AT_TIME:
        is_wall = arguments[1] & _OF_WALL_CLOCK or arguments[1] & _OPERATION == 6
        length -= time.time() if is_wall else time.monotonic()
    yield line, length


@cache
def _names() -> dict[int, str]:
    """Numbers of the calls that wait with a timeout, on this machine."""
    import seccompy  # noqa: PLC0415  on Linux alone

    found = {}
    for name in ("futex", *_MILLISECONDS, *_TIMESPEC, *_TIMEVAL):
        try:
            found[seccompy.syscall_nr(name)] = name
        except ValueError:  # not of this architecture
            continue
    return found
