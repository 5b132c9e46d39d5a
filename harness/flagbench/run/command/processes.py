"""The processes of a command, seen in /proc: whether all of them are blocked, and their end."""

import contextlib
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from flagbench.acceptance.sandbox import linux_calls

# States of a thread that goes on only when something outside of it happens (proc(5)); D, a wait for
# a disk, ends by itself.
_BLOCKED = frozenset("SZTtXxI")
# Equal looks in a row after which a command is at rest; and looks at which all its threads were
# blocked, although one of them ran in between, as a spinner does.
_SAME_LOOKS = 2
_BLOCKED_LOOKS = 25
_GRACE_SECONDS = 0.5
_END_SECONDS = 5.0
_LOOK_SECONDS = 0.005
_SHOWN = 120


def can_be_seen() -> bool:
    """True where /proc tells the states of threads."""
    return sys.platform == "linux" and os.access("/proc/self/task", os.R_OK)


class Processes:
    """A process, which leads a session of its own, with all its descendants.

    `foreign` are the processes that ran before it was started.
    """

    def __init__(self, root: int, foreign: set[int]) -> None:
        self._root = root
        self._members = {root}
        self._foreign = foreign
        self._before: tuple[str, ...] | None = None
        self._same = self._blocked = 0

    def is_at_rest(self) -> bool:
        """Look once more. True when the last looks say that nothing goes on by itself."""
        states = self._states()
        if states is None:
            self.begin_looking()
            return False
        self._blocked += 1
        self._same = self._same + 1 if states == self._before else 0
        self._before = states
        return self._same >= _SAME_LOOKS or self._blocked >= _BLOCKED_LOOKS

    def begin_looking(self) -> None:
        """Forget the looks so far."""
        self._before = None
        self._same = self._blocked = 0

    def blocked(self) -> Iterator[tuple[int, str]]:
        """The threads, each with what tells its wait from the next one: how often it ran."""
        for pid in self._members:
            with contextlib.suppress(OSError):
                for thread in os.listdir(f"/proc/{pid}/task"):  # noqa: PTH208  a hot path
                    yield int(thread), _read(f"/proc/{pid}/task/{thread}/schedstat")

    def end(self, *, has_ended: bool) -> list[str]:
        """Kill them all; returns the command lines of those that the first one left behind.

        Where that has ended by itself, the others have a moment to follow it.
        """
        left: dict[int, str] = {}
        began = time.perf_counter()
        while True:
            self._refresh()
            alive = [pid for pid in self._members if _state(f"/proc/{pid}") not in ("", "Z", "X")]
            passed = time.perf_counter() - began
            is_grace = has_ended and passed < _GRACE_SECONDS
            for pid in () if is_grace else alive:
                if pid != self._root:
                    left.setdefault(pid, _command_line(pid))
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            for pid in self._members - {self._root}:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            if not alive or passed > _END_SECONDS:
                return list(left.values())
            time.sleep(_LOOK_SECONDS)

    def _refresh(self) -> None:
        """Add descendants that are new: of a member, of its session, or adopted orphans."""
        pids = all_now()
        new = {pid: _ancestry(pid) for pid in pids - self._foreign - self._members}
        is_growing = True
        while is_growing:
            joined = {
                pid
                for pid, (parent, session) in new.items()
                if pid not in self._members
                and (parent in self._members or parent == os.getpid() or session == self._root)
            }
            self._members |= joined
            is_growing = bool(joined)
        # One whose parent has ended meanwhile is looked at again: it may have been adopted.
        self._foreign = {
            pid
            for pid in pids - self._members
            if pid in self._foreign or new[pid][0] in {0, *self._foreign}
        }
        self._members &= pids | {self._root}

    def _states(self) -> tuple[str, ...] | None:
        """The state of every thread and its CPU time, or None if one of them runs."""
        self._refresh()
        states = []
        if _state(f"/proc/{self._root}") in ("", "Z", "X"):
            return None  # it has ended, which is news
        for pid in self._members:
            try:
                threads = os.listdir(f"/proc/{pid}/task")  # noqa: PTH208  a hot path
            except OSError:
                continue
            for thread in threads:
                place = f"/proc/{pid}/task/{thread}"
                state = _state(place)
                if state and state not in _BLOCKED:
                    return None
                states.append(f"{thread} {state} {_read(f'{place}/schedstat')}")
        return tuple(states)


@contextmanager
def adopting_orphans() -> Iterator[None]:
    """Have descendants whose own parent ends come to this process, where the platform can."""
    if not can_be_seen():
        yield
        return
    linux_calls.adopt_orphans()
    try:
        yield
    finally:
        linux_calls.adopt_orphans(False)


def all_now() -> set[int]:
    """The numbers of all processes; none where the platform does not list them."""
    try:
        return {int(name) for name in os.listdir("/proc") if name.isdigit()}  # noqa: PTH208  as above
    except FileNotFoundError:  # a platform without /proc
        return set()


def _read(path: str) -> str:
    """The text of a file of /proc, "" for one of a process that has ended."""
    try:
        with open(path, "rb", buffering=0) as file:  # noqa: PTH123  as above
            return file.read(4096).decode("utf-8", "replace")
    except OSError:
        return ""


def _state(place: str) -> str:
    return _read(f"{place}/stat").rpartition(")")[2].lstrip()[:1]


def _ancestry(pid: int) -> tuple[int, int]:
    """Parent and session of a process, zeros for one that has ended."""
    fields = _read(f"/proc/{pid}/stat").rpartition(")")[2].split()
    return (int(fields[1]), int(fields[3])) if fields else (0, 0)


def _command_line(pid: int) -> str:
    words = _read(f"/proc/{pid}/cmdline").replace("\0", " ").strip()
    return words[:_SHOWN] or f"process {pid}"
