"""The pace of requests to a provider, which all processes of a recording keep together."""

import json
import os
import time
from pathlib import Path

from flagbench.cassette import retry_after
from flagbench.cassette.received import Received
from flagbench.http_library import httpx

try:
    import fcntl
except ImportError:  # Windows, where one process records alone
    fcntl = None  # type: ignore[assignment]

_REFUSALS = (429, 503)
_MINUTE_SECONDS = 60.0
# In a tuple, where the clock of a cell does not replace it: this wait is real.
_REAL_SLEEP = (time.sleep,)


class Pace:
    """The shared times of a recording, in a file: when the next request may be sent.

    With `per_minute`, requests begin at least a minute / `per_minute` apart. What a provider
    refuses to one process with a wait, the others do not ask before the wait is over: they would
    be refused for what that one sent. The process that was refused goes on as its subject does, as
    in a recording by one process.
    """

    def __init__(self, file: Path, per_minute: int | None = None) -> None:
        self._file = file
        self._gap_seconds = _MINUTE_SECONDS / per_minute if per_minute else 0.0

    def wait(self) -> None:
        """Wait, in real time, until a request may be sent."""
        while True:
            now = time.monotonic()
            with _Times(self._file) as times:
                until = max(times.next, 0.0 if times.refused == os.getpid() else times.held)
                if until <= now:
                    times.next = now + self._gap_seconds
                    return
            _REAL_SLEEP[0](until - now)

    def note(self, answer: Received) -> None:
        """Let the other processes wait as long as a refusal says."""
        seconds = retry_after.seconds_of(answer.headers)
        if answer.status not in _REFUSALS or not seconds:
            return
        with _Times(self._file) as times:
            times.held = max(times.held, time.monotonic() + min(seconds, _MINUTE_SECONDS))
            times.refused = os.getpid()


class PacedWire(httpx.HTTPTransport):
    """A wire whose requests keep a pace, None for none."""

    pace: Pace | None = None


class _Times:
    """The times in the file, read and written by one process at a time.

    They are seconds on the clock of the machine: `next` of the next request, and `held` of those of
    all processes but the `refused` one.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self.next, self.held, self.refused = 0.0, 0.0, 0

    def __enter__(self) -> "_Times":
        if fcntl is not None:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX)
        if stored := os.read(self._descriptor, 1000):
            self.next, self.held, self.refused = json.loads(stored)
        return self

    def __exit__(self, *_: object) -> None:
        os.lseek(self._descriptor, 0, os.SEEK_SET)
        os.ftruncate(self._descriptor, 0)
        os.write(self._descriptor, json.dumps([self.next, self.held, self.refused]).encode())
        os.close(self._descriptor)
