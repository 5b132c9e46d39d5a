"""The clock of a command: an event loop on which time passes only while the command is at rest."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Protocol, TypeVar

from flagbench.run.command import processes
from flagbench.run.command.own_timers import OwnTimers

T = TypeVar("T")

_TICKS_PER_SECOND = 1_000_000
_LOOK_SECONDS = 0.001
_LONGEST_LOOK_SECONDS = 0.016
_IDLE_SECONDS = 1.0
# Recorded seconds that pass in a real one where the threads of a command cannot be seen.
SPEED = 20.0

_Selector: Any = asyncio.SelectorEventLoop


class Resting(Protocol):
    """Processes that come to rest."""

    def is_at_rest(self) -> bool:
        """True when nothing goes on by itself."""

    def begin_looking(self) -> None:
        """Forget the looks so far."""

    def blocked(self) -> Iterator[tuple[int, str]]:
        """The threads, each with what tells its wait from the next one."""


class HeldLoop(_Selector):  # type: ignore[misc]  # one of the platform's, as a plain name
    """Event loop that starts at 0 s, with a resolution of one microsecond.

    Sockets, pipes and signals are real. The time jumps to the next timer once the processes are at
    rest, unless `at_rest`, which is called before, has done something. `on_stuck` is called when no
    call has begun or ended for `limit_seconds`, which are real. `has_own_timers` once a wait of the
    processes may have run out at another time than on this clock. `on_advance` gets the
    microseconds since the start, with those in which the processes were at rest without a timer.
    """

    def __init__(self) -> None:
        self._ticks = 0
        super().__init__()
        self._real_select: Callable[[float | None], list[Any]] = self._selector.select
        self._selector.select = self._select
        self.processes: Resting | None = None
        self.at_rest: Callable[[], bool] = lambda: False
        self.limit_seconds = float("inf")
        self.on_stuck: Callable[[float], None] = lambda _: None
        self._last_sign = time.perf_counter()
        self.is_scaled = not processes.can_be_seen()
        self.has_own_timers = False
        self._own_timers = OwnTimers()
        self._rest_ticks = 0
        self.on_advance: Callable[[int], None] = lambda _: None

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._ticks / _TICKS_PER_SECOND

    def note_sign(self) -> None:
        """Note that a call began or ended: the command is not stuck."""
        self._last_sign = time.perf_counter()

    def _select(self, timeout: float | None) -> list[Any]:
        """Return events that are ready, or let time pass until the next timer."""
        ready = self._real_select(0)
        if ready or timeout == 0:
            return ready
        if self.is_scaled and timeout is not None:
            return self._pass_scaled(timeout)
        ready, is_over = self._wait(has_timer=timeout is not None)
        # What happens after the last look is done by something that was not at rest.
        if ready or not is_over or timeout is None or (ready := self._real_select(0)):
            return ready
        if not self.at_rest():
            self._look_for_own_timers(timeout)
            self._advance(timeout)
        return []

    def _wait(self, *, has_timer: bool) -> tuple[list[Any], bool]:
        """Wait really until something is ready, or the processes are at rest: (ready, at rest)."""
        if self.processes is not None:
            self.processes.begin_looking()
        pause, rested_until = _LOOK_SECONDS, None
        while True:
            left_seconds = self.limit_seconds - (time.perf_counter() - self._last_sign)
            if left_seconds <= 0:
                self.note_sign()
                self.on_stuck(self.limit_seconds)
                return [], False
            if not has_timer and self.is_scaled:
                return self._real_select(min(left_seconds, _IDLE_SECONDS)), False
            if ready := self._real_select(pause):
                return ready, False
            is_at_rest = self.processes is None or self.processes.is_at_rest()
            if is_at_rest and has_timer:
                return [], True
            rested_until = self._pass_rest(rested_until) if is_at_rest else None
            pause = min(pause * 1.2, _LONGEST_LOOK_SECONDS)

    def _pass_scaled(self, timeout: float) -> list[Any]:
        began = time.perf_counter()
        ready = self._real_select(timeout / SPEED)
        passed = timeout if not ready else (time.perf_counter() - began) * SPEED
        if not ready and self.at_rest():
            return ready
        self._advance(min(passed, timeout))
        return ready

    def _pass_rest(self, before: float | None) -> float:
        """Let real time pass for processes that only a wait of their own makes go on."""
        now = time.perf_counter()
        if before is not None:
            self._rest_ticks += round((now - before) * _TICKS_PER_SECOND)
            self.on_advance(self._ticks + self._rest_ticks)
        self._look_for_own_timers(float("inf"))
        return now

    def _look_for_own_timers(self, seconds: float) -> None:
        """Note whether a wait runs out within so many seconds."""
        if self.processes is not None and not self.has_own_timers:
            threads = self.processes.blocked()
            self.has_own_timers = self._own_timers.run_out(threads, self.time(), seconds)

    def _advance(self, seconds: float) -> None:
        self._ticks += round(seconds * _TICKS_PER_SECOND) or int(seconds > 0)
        self.on_advance(self._ticks + self._rest_ticks)


def run_held(main: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run `main` on a new held clock. Returns its result and the virtual seconds that it took."""
    with asyncio.Runner(loop_factory=HeldLoop) as runner:
        loop = runner.get_loop()
        result = runner.run(main)
        return result, loop.time()
