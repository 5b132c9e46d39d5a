"""Threads of a cell in turns: one runs at a time, and time passes when none can.

A thread that waits hands the turn to the one that has been ready for longest. When none is ready,
the clock jumps to the earliest timer of all threads and event loops.
"""

import _thread
import ctypes
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from time import perf_counter, sleep
from typing import Any

from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.run import native_waits

# Real seconds without anything ready, a pending timer, or work outside of the turns (in native code
# and in child processes), after which a subject counts as stuck.
STUCK_AFTER_SECONDS = 5.0
# Real seconds for which a thread may work without handing on the turn.
WORK_AT_MOST_SECONDS = 300.0
# Real seconds between two looks at what is outside of the turns, and for which it must be quiet
# before the others go on.
_LOOK_SECONDS = 0.01
_QUIET_SECONDS = 0.05
# The same for a thread that waits for a child process, whose work takes no virtual time.
_CHILD_QUIET_SECONDS = 1.0
# Real seconds that a thread has to end once its cell is over.
_END_SECONDS = 2.0
_TICKS_PER_SECOND = 1_000_000
# Bound before a cell replaces it.
_allocate_lock = _thread.allocate_lock
_SHOWN_THREADS = 8


class Strand:
    """A thread of the cell. It runs while it has the turn."""

    def __init__(self, thread: threading.Thread | None, ident: int = 0) -> None:
        self.thread = thread
        self.ident = ident
        self.native_id = threading.get_native_id() if ident else 0
        self.gate = _allocate_lock()
        self.gate.acquire()
        self.is_woken = False
        self.is_waiting = False
        self.is_detached = False
        self.has_ended = False
        # Clocks and locks are real for it, since the harness itself works in it.
        self.is_real = False
        self.timer = 0
        self.joiners: list[Strand] = []
        # Waits really for what the event loop has to do that waits in it.
        self.select: Callable[[float], list[Any]] | None = None

    @property
    def name(self) -> str:
        """The name of its thread."""
        return self.thread.name if self.thread is not None else f"thread {self.ident}"


class Turns:
    """The virtual clock and the threads of a cell, of which the first made it.

    It starts at 0 s and has a resolution of one microsecond. `on_advance` is called with the
    microseconds of each step.
    """

    def __init__(self) -> None:
        self._ticks = 0
        self._guard = _allocate_lock()
        self.main = Strand(threading.current_thread(), _thread.get_ident())
        self._strands = {self.main.ident: self.main}
        self._of_threads: dict[threading.Thread, Strand] = {}
        self._starting = 0
        self._holder: Strand | None = self.main
        self._ready = deque[Strand]()
        self._timers: list[tuple[int, int, Strand]] = []
        self._sequence = 0
        self._detached = set[Strand]()
        self._turn = 0
        # The turn, since when it lasts, the last look, and since when which state stays.
        self._watched: tuple[int, float, float, tuple[float, object] | None] = (-1, 0.0, 0.0, None)
        self.is_over = False
        self.failure: CouldNotRun | None = None
        # Of each event loop: whether it has child processes.
        self.have_children: list[Callable[[], bool]] = []
        self.on_advance: Callable[[int], None] = lambda _: None

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._ticks / _TICKS_PER_SECOND

    @property
    def is_alone(self) -> bool:
        """True if the cell has one thread."""
        return len(self._strands) + self._starting == 1

    def current(self) -> Strand | None:
        """The calling thread, or None if it is not of the cell."""
        strand = self._strands.get(_thread.get_ident())
        if strand is None or strand.is_real or self.is_over:
            return None
        if strand.is_detached:
            self._return(strand)
        return strand

    def of_thread(self, thread: threading.Thread) -> Strand | None:
        """A thread that the cell started."""
        return self._of_threads.get(thread)

    def live(self) -> list[Strand]:
        """The threads of the cell that have not ended, but for the first."""
        return [strand for strand in self._strands.values() if strand is not self.main]

    @contextmanager
    def real(self) -> Iterator[None]:
        """Leave the calling thread its real clock and locks while the context is open."""
        strand = self.current()
        if strand is None:
            yield
            return
        strand.is_real = True
        try:
            yield
        finally:
            strand.is_real = False

    # Clock

    def block(self, seconds: float) -> None:
        """Sleep in the calling thread. Raises `ValueError` as `time.sleep` does."""
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if seconds == 0:
            self.pass_on()
            return
        due = self.due(seconds)
        if self.is_alone:
            self._advance(due)
            return
        while self._ticks < due:
            self.wait(due)

    def due(self, seconds: float) -> int:
        """The microsecond at which seconds from now are over."""
        # Less than a microsecond is a timer that would never be due.
        return self._ticks + (round(seconds * _TICKS_PER_SECOND) or int(seconds > 0))

    def skip(self, seconds: float) -> None:
        """Let time pass for all threads."""
        self._advance(self.due(seconds))

    def is_past(self, due: int) -> bool:
        """True once a microsecond has come."""
        return self._ticks >= due

    def _advance(self, due: int) -> None:
        ticks = due - self._ticks
        if ticks > 0:
            self._ticks = due
            self.on_advance(ticks)

    # Turns

    def wait(self, due: int | None = None) -> bool:
        """Hand the turn on until `wake`, or until a microsecond of the clock.

        Returns whether this thread was woken; it may have been for an earlier wait.
        """
        strand = self.current()
        if strand is None:  # the cell ended meanwhile
            raise SystemExit
        with self._guard:
            if strand.is_woken:
                strand.is_woken = False
                return True
            strand.is_waiting = True
            if due is not None:
                self._sequence = strand.timer = self._sequence + 1
                heappush(self._timers, (due, strand.timer, strand))
            self._holder = None
        self._hand_on()
        self._park(strand)
        woken, strand.is_woken = strand.is_woken, False
        return woken

    def pass_on(self) -> None:
        """Let every thread run that is ready."""
        strand = self.current()
        if strand is None or not self._ready:
            return
        with self._guard:
            self._ready.append(strand)
            self._holder = None
        self._hand_on()
        self._park(strand)

    def end_wait(self) -> None:
        """End a thread of the cell that is about to wait after the end of the cell."""
        strand = self._strands.get(_thread.get_ident())
        if strand is not None and strand is not self.main:
            raise SystemExit

    def wake(self, strand: Strand) -> None:
        """Make a thread ready, also from a thread that is not of the cell."""
        with self._guard:
            strand.is_woken = True
            if strand.is_waiting:
                self._make_ready(strand)

    def start(self, thread: threading.Thread | None, real: Callable[..., Any], *args: Any) -> Any:
        """Start a thread by `real(run, *args)`, in which `run(function, ...)` has turns."""
        strand = Strand(thread)
        with self._guard:
            self._starting += 1

        def run(function: Callable[..., Any], *args: Any, **options: Any) -> None:
            strand.ident, strand.native_id = _thread.get_ident(), threading.get_native_id()
            with self._guard:
                self._strands[strand.ident] = strand
                self._starting -= 1
            try:
                self._park(strand)
                function(*args, **options)
            finally:
                self._end(strand)

        if thread is not None:
            self._of_threads[thread] = strand
        try:
            started = real(run, *args)
        except BaseException:
            with self._guard:
                self._starting -= 1
            raise
        with self._guard:
            self._ready.append(strand)
        return started

    def join(self, strand: Strand, due: int | None) -> bool:
        """Wait for the end of a thread. Returns whether it came in time."""
        me = self.current()
        while me is not None and not strand.has_ended:
            if due is not None and self.is_past(due):
                return False
            strand.joiners.append(me)
            self.wait(due)
        return True

    def _make_ready(self, strand: Strand) -> None:
        strand.is_waiting = False
        strand.timer = 0
        self._ready.append(strand)

    def _hand_on(self) -> None:
        """Give the turn to the next thread, which may be the caller."""
        following = self._next()
        with self._guard:
            self._holder = following
            self._turn += 1
        following.gate.release()

    def _park(self, strand: Strand) -> None:
        """Wait really for the turn."""
        while not strand.gate.acquire(True, _QUIET_SECONDS):
            if self.is_over:
                break
            if self._takes_from_holder():
                self._hand_on()
        if self.failure is not None and strand is self.main:
            raise CellStopped(self.failure)
        if self.is_over:
            raise SystemExit

    def _end(self, strand: Strand) -> None:
        with self._guard:
            strand.has_ended = True
            self._strands.pop(strand.ident, None)
            self._detached.discard(strand)
            for joiner in strand.joiners:
                joiner.is_woken = True
                if joiner.is_waiting:
                    self._make_ready(joiner)
            has_turn = self._holder is strand
            if has_turn:
                self._holder = None
        if has_turn and not self.is_over:
            self._hand_on()

    def _return(self, strand: Strand) -> None:
        """Queue up again after a wait in native code."""
        with self._guard:
            if not strand.is_detached:
                return
            strand.is_detached = False
            self._detached.discard(strand)
            self._ready.append(strand)
        self._park(strand)

    # What is outside of the turns

    def _takes_from_holder(self) -> bool:
        """Take the turn from a thread that waits in native code, for others that are parked."""
        with self._guard:
            holder, now = self._holder, perf_counter()
            if holder is None or self.is_over or self.failure is not None:
                return False
            turn, began, looked, before = self._watched
            if turn != self._turn:
                self._watched = (self._turn, now, now, None)
                return False
            if now - looked < _QUIET_SECONDS:
                return False
            if native_waits.is_of_harness(holder):
                self._watched = (turn, now, now, None)
                return False
            if now - began > WORK_AT_MOST_SECONDS:
                self._holder = None
                self._fail(
                    f"{_described(holder)} worked for {WORK_AT_MOST_SECONDS:g} real seconds "
                    "without a call, a wait or an end",
                    "work of a thread that ends",
                )
                if holder is self.main:
                    _raise_in(holder.ident)
                return holder is not self.main
            state = native_waits.state_of(holder)
            if state is None or before is None or state != before[1]:
                self._watched = (turn, began, now, (now, state))
                return False
            quiet = _CHILD_QUIET_SECONDS if native_waits.is_for_child(holder) else _QUIET_SECONDS
            if now - before[0] < quiet:
                self._watched = (turn, began, now, before)
                return False
            holder.is_detached = True
            self._detached.add(holder)
            self._holder = None
            return True

    def _next(self) -> Strand:
        """The thread that is next; lets time pass, or waits really, until there is one."""
        quiet_since = looked = perf_counter()
        states: object = None
        while True:
            with self._guard:
                if self._ready:
                    return self._ready.popleft()
                loops = [one for one in self._strands.values() if one.is_waiting and one.select]
                for strand in loops:
                    if strand.select is not None and strand.select(0):
                        self._make_ready(strand)
                if self._ready:
                    return self._ready.popleft()
                while self._timers and self._timers[0][2].timer != self._timers[0][1]:
                    heappop(self._timers)
                now = perf_counter()
                if self._detached:
                    state = native_waits.states_of(self._detached)
                    if state is None or state != states:
                        states, quiet_since = state, now
                is_quiet = not self._detached or now - quiet_since >= _QUIET_SECONDS
                if self._timers and is_quiet:
                    due, _, strand = heappop(self._timers)
                    self._advance(due)
                    self._make_ready(strand)
                    continue
                if not self._timers and any(has() for has in self.have_children):
                    quiet_since = now
                if not self._timers and now - quiet_since >= STUCK_AFTER_SECONDS:
                    self._fail(*self._deadlock())
                    continue
                if now - looked > WORK_AT_MOST_SECONDS:
                    who = self._shown(self._detached) or "it"
                    self._fail(
                        f"{who} waited for something outside of the virtual clock "
                        f"for {WORK_AT_MOST_SECONDS:g} real seconds",
                        "child processes and native code that end",
                    )
                    continue
            wait_really = (loops[0].select if loops else None) or sleep
            wait_really(_LOOK_SECONDS)

    def _fail(self, what: str, expected: str) -> None:
        """Let the first thread end the cell."""
        if self.failure is None:
            self.failure = CouldNotRun(Problem(f"the subject is stuck: {what}", expected=expected))
        self.main.is_waiting = True
        self._make_ready(self.main)

    def _deadlock(self) -> tuple[str, str]:
        others = self.live()
        what = f"it waited without a pending timer for {STUCK_AFTER_SECONDS:g} real seconds"
        if others:
            what += f"; {self._shown(others)}"
            main = native_waits.place_of(self.main)
            what += f"; the event loop's thread waits at {main}" if main else ""
        return what, "a subject that awaits only its calls, own tasks and threads, and sleeps"

    def _shown(self, strands: Any) -> str:
        named = sorted(_described(strand) for strand in strands)
        more = len(named) - _SHOWN_THREADS
        return ", ".join(named[:_SHOWN_THREADS]) + (f" and {more} others" if more > 0 else "")

    # The end of the cell

    def left(self) -> CouldNotRun | None:
        """The threads that the cell leaves behind as a reason to stop, or None without any."""
        others = self.live()
        if not others:
            return None
        return CouldNotRun(
            Problem(
                f"the subject returned while its threads were running: {self._shown(others)}",
                expected="threads joined, and pools shut down, before the subject returns",
            )
        )

    def close(self) -> None:
        """End every other thread of the cell, however it waits or works."""
        with self._guard:
            self.is_over = True
            others = self.live()
        for strand in others:
            with suppress(RuntimeError):  # it has its turn
                strand.gate.release()
        until = perf_counter() + _END_SECONDS
        while any(not strand.has_ended for strand in others) and perf_counter() < until:
            sleep(_QUIET_SECONDS)
            for strand in others:
                if not strand.has_ended:
                    _raise_in(strand.ident)


def _described(strand: Strand) -> str:
    place = native_waits.place_of(strand)
    return f"{strand.name} at {place}" if place else strand.name


def _raise_in(ident: int) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(ident), ctypes.py_object(SystemExit))
