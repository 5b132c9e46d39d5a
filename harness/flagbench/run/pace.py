"""The pace of requests to a provider, which all processes of a recording keep together."""

import json
import math
import os
import sys
import time
from contextlib import suppress
from pathlib import Path

from flagbench.cassette import retry_after
from flagbench.cassette.received import Received
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.headers import ELAPSED
from flagbench.http_library import httpx

try:
    import fcntl
except ImportError:  # Windows, where one process records alone
    fcntl = None  # type: ignore[assignment]

_REFUSALS = (429, 503)
_MINUTE_SECONDS = 60.0
# Of a wait that a provider asks for; as long as one answer may take.
_MOST_WAIT_SECONDS = 600.0
# A longer wait is reported, or a recording would look as if it hung.
_UNTOLD_SECONDS = 5.0
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

    def seconds(self, process: str) -> float:
        """Real seconds after which a process may ask again; 0 to send its request now."""
        now = time.monotonic()
        with _Times(self._file) as times:
            until = max(times.next, 0.0 if times.refused == process else times.held)
            if until <= now:
                times.next = now + self._gap_seconds
                return 0.0
        return until - now

    def hold(self, seconds: float, process: str) -> None:
        """Let all processes but the one that was refused wait so many seconds."""
        with _Times(self._file) as times:
            times.held = max(times.held, time.monotonic() + seconds)
            times.refused = process

    def wait(self) -> None:
        """Wait, in real time, until a request may be sent."""
        while seconds := self.seconds(str(os.getpid())):
            _wait(seconds, "for the pace of the recording (--per-minute, or a refusal elsewhere)")

    def note(self, answer: Received) -> None:
        """Let the other processes wait as long as a refusal says."""
        seconds = _asked_seconds(answer)
        if answer.status in _REFUSALS and seconds:
            self.hold(min(seconds, _MINUTE_SECONDS), str(os.getpid()))


class AskedPace(Pace):
    """A pace that another process keeps, which is asked over a socket that this one inherited.

    A line goes there for each question, `wait`, which is answered by a line with the seconds, and
    for each refusal, `hold` with the seconds. Ends the cell where nobody answers any more.
    """

    def __init__(self, socket: int) -> None:
        self._socket = socket

    def seconds(self, process: str) -> float:  # noqa: ARG002  the one at the other end knows it
        """Real seconds after which this process may ask again; 0 to send its request now."""
        self._write("wait")
        answer = b""
        while not answer.endswith(b"\n"):
            if not (part := os.read(self._socket, 100)):
                raise _alone()
            answer += part
        return float(answer)

    def hold(self, seconds: float, process: str) -> None:  # noqa: ARG002
        """Let all other processes wait so many seconds."""
        self._write(f"hold {seconds}")

    def _write(self, line: str) -> None:
        try:
            os.write(self._socket, f"{line}\n".encode())
        except OSError as error:
            raise _alone() from error


def _alone() -> CellStopped:
    what = "the process that keeps the pace of the requests has ended"
    return CellStopped(CouldNotRun(Problem(what, fix="run the same command again")))


def _wait(seconds: float, reason: str) -> None:
    """Wait in real time; a long wait is reported, above the bar of a recording."""
    if seconds > _UNTOLD_SECONDS and sys.stderr is not None:
        with suppress(OSError, ValueError):  # nobody reads it
            sys.stderr.write(f"flagbench: waiting {seconds:,.0f} s {reason}\n")
            sys.stderr.flush()
    _REAL_SLEEP[0](seconds)


def _asked_seconds(answer: Received) -> float | None:
    """The wait that an answer asks for, None without one."""
    return retry_after.seconds_of(retry_after.without_date(answer.headers))


class PacedWire(httpx.HTTPTransport):
    """A wire whose requests keep a pace, None for none, and which waits in real time.

    A subject waits on the virtual clock. A provider that is asked at once refuses again, and the
    recording would say that it does so after the whole wait.
    """

    pace: Pace | None = None
    _refused = -math.inf
    _asked: float | None = None

    def wait(self, waited_seconds: float | None) -> None:
        """Wait until a request may be sent.

        `waited_seconds` is the virtual time since the latest refusal; None in a later cell than
        that, which waits as long as the provider asked.
        """
        most = _MINUTE_SECONDS if self._asked is None else min(self._asked, _MOST_WAIT_SECONDS)
        in_later_cell = 0.0 if self._asked is None else most
        due = in_later_cell if waited_seconds is None else min(waited_seconds, most)
        if (left := self._refused + due - time.monotonic()) > 0:
            asked = "no wait" if self._asked is None else f"a wait of {self._asked:,.0f} s"
            _wait(left, f"before the next request: the provider refused one and named {asked}")
        if self.pace is not None:
            self.pace.wait()

    def note(self, answer: Received) -> bool:
        """Note an answer; True for a refusal of a provider whose time is real."""
        if self.pace is not None:
            self.pace.note(answer)
        is_refusal = answer.status in _REFUSALS and ELAPSED not in answer.headers
        if is_refusal:
            self._refused, self._asked = time.monotonic(), _asked_seconds(answer)
        return is_refusal


class _Times:
    """The times in the file, read and written by one process at a time.

    They are seconds on the clock of the machine: `next` of the next request, and `held` of those of
    all processes but the `refused` one.
    """

    def __init__(self, file: Path) -> None:
        self._descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        self.next, self.held, self.refused = 0.0, 0.0, ""

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
