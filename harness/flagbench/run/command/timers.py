"""Timers of Python in a command: a file of its own is written to when the time has come.

The program asks by `flagbench_clock.MARK` as the flags of timerfd_settime, which is answered from
outside.
"""

import asyncio
import os
import struct
from pathlib import Path

from flagbench.run.command.python_start.flagbench_clock import MARK

_NANOSECONDS = 1_000_000_000
# Interval and value of an itimerspec, of which only the value is used.
_ITIMERSPEC = struct.Struct("qqqq")
_RINGS = (1).to_bytes(8, "little")


class Timers:
    """Timers on the running loop's clock, by process and number of the file."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._running: dict[tuple[int, int], tuple[asyncio.TimerHandle, int]] = {}

    @staticmethod
    def is_ours(arguments: tuple[int, ...]) -> bool:
        """True for arguments of timerfd_settime that are a message."""
        return arguments[1] == MARK

    def set(self, thread: int, arguments: tuple[int, ...]) -> None:
        """Set or stop a timer. Raises `OSError` for a process that has ended."""
        from seccompy.notify import pidfd_getfd, pidfd_open  # noqa: PLC0415  on Linux alone

        process, file = _process_of(thread), arguments[0] & 0xFFFFFFFF
        self._stop((process, file))
        with open(f"/proc/{thread}/mem", "rb", buffering=0) as memory:  # noqa: PTH123  os.pread's
            raw = os.pread(memory.fileno(), _ITIMERSPEC.size, arguments[2])
        _, _, seconds, nanoseconds = _ITIMERSPEC.unpack(raw)
        if not seconds and not nanoseconds:
            return
        opened = pidfd_open(process)
        try:
            ours = pidfd_getfd(opened, file)
        finally:
            os.close(opened)
        length = seconds + nanoseconds / _NANOSECONDS
        handle = self._loop.call_later(length, self._ring, (process, file))
        self._running[process, file] = handle, ours

    def drop_ended(self) -> bool:
        """Stop the timers of processes that have ended. True if there were any."""
        gone = [key for key in self._running if not Path(f"/proc/{key[0]}").exists()]
        for key in gone:
            self._stop(key)
        return bool(gone)

    def close(self) -> None:
        """Stop all."""
        for key in tuple(self._running):
            self._stop(key)

    def _ring(self, key: tuple[int, int]) -> None:
        _, ours = self._running.pop(key)
        os.write(ours, _RINGS)
        os.close(ours)

    def _stop(self, key: tuple[int, int]) -> None:
        if key in self._running:
            handle, ours = self._running.pop(key)
            handle.cancel()
            os.close(ours)


def _process_of(thread: int) -> int:
    for line in Path(f"/proc/{thread}/status").read_text().splitlines():
        if line.startswith("Tgid:"):
            return int(line.split()[1])
    raise ProcessLookupError(thread)
