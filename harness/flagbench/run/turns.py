"""Threads of a cell in turns: one runs at a time, and time passes when none can.

A thread that waits hands the turn to the one that has been ready for longest. When none is ready,
the clock jumps to the earliest timer of all threads and event loops.
"""

import _thread
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from time import perf_counter, sleep
from typing import Any

from flagbench.errors import CellStopped, CouldNotRun
from flagbench.run import turn_problems, turn_watch
from flagbench.run.strand import Strand
from flagbench.run.turn_watch import Sight

# Real seconds without anything ready, a pending timer, or work outside of the turns (in native code
# and in child processes), after which a subject counts as stuck.
STUCK_AFTER_SECONDS = 5.0
# Real seconds that a thread has to end once its cell is over, and how often it is made to.
_END_SECONDS = 0.25
_END_TRIES = 6
_TICKS_PER_SECOND = 1_000_000
TICK_SECONDS = 1 / _TICKS_PER_SECOND
# Bound before a cell replaces it.
_allocate_lock = _thread.allocate_lock


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
        self._watch = turn_watch.HolderWatch()
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
        while not strand.gate.acquire(True, turn_watch.QUIET_SECONDS):
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
            holder = self._holder
            if holder is None or self.is_over or self.failure is not None:
                return False
            sight = self._watch.look(holder, self._turn)
            if sight is Sight.OVERWORKED:
                self._fail(turn_problems.overworked(holder, turn_watch.WORK_AT_MOST_SECONDS))
                if holder is self.main:
                    holder.end()
                    return False
            elif sight is Sight.WAITS:
                holder.is_detached = True
                self._detached.add(holder)
            else:
                return False
            self._holder = None
            return True

    def _next(self) -> Strand:
        """The thread that is next; lets time pass, or waits really, until there is one."""
        outside = turn_watch.Outside()
        while True:
            with self._guard:
                loops = [
                    strand
                    for strand in self._strands.values()
                    if strand.is_waiting and strand.select
                ]
                for strand in () if self._ready else loops:
                    if strand.select is not None and strand.select(0):
                        self._make_ready(strand)
                if self._ready:
                    return self._ready.popleft()
                while self._timers and self._timers[0][2].timer != self._timers[0][1]:
                    heappop(self._timers)
                is_quiet = outside.is_quiet(self._detached)
                if self._timers and is_quiet:
                    due, _, strand = heappop(self._timers)
                    self._advance(due)
                    self._make_ready(strand)
                    continue
                if not self._timers and any(has() for has in self.have_children):
                    outside.note_work()
                if not self._timers and outside.quiet_seconds >= STUCK_AFTER_SECONDS:
                    self._fail(turn_problems.stuck(self.main, self.live(), STUCK_AFTER_SECONDS))
                    continue
                if outside.seconds > turn_watch.WORK_AT_MOST_SECONDS:
                    seconds = turn_watch.WORK_AT_MOST_SECONDS
                    self._fail(turn_problems.without_end(self._detached, seconds))
                    continue
            wait_really = (loops[0].select if loops else None) or sleep
            wait_really(turn_watch.LOOK_SECONDS)

    def _fail(self, reason: CouldNotRun) -> None:
        """Let the first thread end the cell."""
        if self.failure is None:
            self.failure = reason
        self._make_ready(self.main)

    # The end of the cell

    def close(self) -> None:
        """End every other thread of the cell, however it waits or works."""
        with self._guard:
            self.is_over = True
            others = self.live()
        for strand in others:
            strand.silence()
            with suppress(RuntimeError):  # it has its turn
                strand.gate.release()
        for _ in range(_END_TRIES):
            until = perf_counter() + _END_SECONDS
            while any(not strand.has_ended for strand in others) and perf_counter() < until:
                sleep(turn_watch.LOOK_SECONDS)
            for strand in others:
                if not strand.has_ended:
                    strand.end()
        for strand in others:
            if strand.has_ended and strand.thread is not None:
                strand.thread.join()
