"""Threads that wait in native code: for a lock made before the cell, a socket, a child process."""

import os
import platform
from collections.abc import Iterable, Iterator
from itertools import takewhile
from pathlib import Path
from types import FrameType
from typing import Protocol

from flagbench.run.thread_frames import current_frames, frames_of

# Where Python code waits for another thread; the place of a wait is outside of it.
_WAITING_FILES = ("threading.py", "queue.py", "selectors.py")
_WAITING_FOLDERS = ("/concurrent/futures/", "/asyncio/", "/flagbench/run/")
_CHILD_FILES = ("subprocess.py", "/multiprocessing/popen_fork.py")
# Modules of the harness that wait really, whoever calls them.
_REAL_MODULES = ("flagbench.run.pace", "flagbench.run.provider_wire", "flagbench.run.recording")
# Numbers of the system calls nanosleep and clock_nanosleep: work in native code, not a wait.
_SLEEPS = {"x86_64": ("35", "230"), "aarch64": ("101", "115")}.get(platform.machine(), ())
_PROC = Path("/proc/self/task")
_FRAMES = 12


class Thread(Protocol):
    """A thread by its numbers."""

    ident: int
    native_id: int


def state_of(thread: Thread) -> tuple[object, ...] | None:
    """Frame and CPU time of a thread that waits in native code, or None while it works."""
    frame = current_frames().get(thread.ident)
    if frame is None:
        return None
    try:
        fields = (_PROC / str(thread.native_id) / "stat").read_text().rpartition(")")[2].split()
        call = (_PROC / str(thread.native_id) / "syscall").read_text().split()[0]
    except OSError:  # another platform, or the thread has ended
        return (id(frame), frame.f_lasti) if not _PROC.exists() else None
    if fields[0] != "S" or call in _SLEEPS:
        return None
    return id(frame), frame.f_lasti, fields[11], fields[12]


def states_of(threads: Iterable[Thread]) -> tuple[object, ...] | None:
    """The states of threads that wait for one another; None if one works or waits for a child."""
    children = _children()
    states = [children]
    for thread in threads:
        state = state_of(thread)
        if state is None or is_for_child(thread):
            return None
        states.append(state)
    return None if children is None else tuple(states)


def is_for_child(thread: Thread) -> bool:
    """True if a thread waits for a child process."""
    return any(_file(frame).endswith(_CHILD_FILES) for frame in frames_of(thread.ident)[:_FRAMES])


def is_of_harness(thread: Thread) -> bool:
    """True if a thread waits in the harness itself, as for a provider."""
    return any(frame.f_globals.get("__name__") in _REAL_MODULES for frame in _in_cell(thread))


def place_of(thread: Thread) -> str:
    """The file and line at which a thread waits or works; "" outside of a subject's code."""
    for frame in _in_cell(thread):
        file = _file(frame)
        if not file.endswith(_WAITING_FILES) and not any(part in file for part in _WAITING_FOLDERS):
            return f"{file}:{frame.f_lineno}"
    return ""


def _in_cell(thread: Thread) -> Iterator[FrameType]:
    """The frames of a thread, the innermost first, without those around its cell."""
    return takewhile(lambda frame: frame.f_code.co_name != "run_virtual", frames_of(thread.ident))


def _children() -> tuple[object, ...] | None:
    """State and CPU time of the child processes; None if one of them works."""
    states = []
    for path in _PROC.glob("*/children"):
        try:
            numbers = path.read_text().split()
        except OSError:  # the thread has ended
            continue
        for number in numbers:
            try:
                text = Path(f"/proc/{number}/stat").read_text()
            except OSError:  # the child has ended
                continue
            fields = text.rpartition(")")[2].split()
            if fields[0] in "RD":
                return None
            states.append((number, fields[11], fields[12]))
    return tuple(sorted(states))


def _file(frame: FrameType) -> str:
    return frame.f_code.co_filename.replace(os.sep, "/")
