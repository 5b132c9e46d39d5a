"""The virtual clock: an event loop on which sleeping advances the time exactly and at no cost.

looptime has such a loop, but lets time pass at the machine's own speed while a thread works, and
gives up on one after a fixed time. Here the threads of a subject take turns: see `turns.py`.
"""

import asyncio
import asyncio.base_events
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, TypeVar

from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.run import process_clock, turn_problems, turn_threads, turns
from flagbench.run.strand import Strand
from flagbench.run.turns import TICK_SECONDS, Turns

T = TypeVar("T")

# Typed as unknown: it is one of two, and what is needed of both is not in their stubs.
_PlatformLoop: Any = getattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop)


class VirtualLoop(_PlatformLoop):
    """Event loop on the clock of a cell; several may run, each in a thread of its own.

    When nothing is ready, its thread hands on its turn until the next timer.
    """

    def __init__(self, clock: Turns) -> None:
        self.turns = clock
        self._strand: Strand | None = None
        self._real_select: Callable[[float | None], list[Any]]
        super().__init__()
        self._real_select = self._selector.select
        self._selector.select = self._select
        # That of a real clock is lost in the digits of a time beyond half a year.
        self._clock_resolution = TICK_SECONDS / 2
        self._children: list[asyncio.SubprocessTransport] = []
        clock.have_children.append(self._has_children)

    def time(self) -> float:
        """Virtual seconds since the start of the cell."""
        return self.turns.time()

    def block(self, seconds: float) -> None:
        """Let a synchronous sleep pass in the calling thread."""
        self.turns.block(seconds)

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002  asyncio's
        """Wait for the threads of the default executor: the timeout would be virtual."""
        await super().shutdown_default_executor()

    async def _make_subprocess_transport(self, *args: Any, **options: Any) -> Any:
        transport = await super()._make_subprocess_transport(*args, **options)
        self._children.append(transport)
        return transport

    def _has_children(self) -> bool:
        return any(child.get_returncode() is None for child in self._children)

    def _write_to_self(self) -> None:
        """Wake the loop: a thread with turns does it without a real event."""
        if self._strand is not None:
            self.turns.wake(self._strand)
        if self.turns.current() is None:
            super()._write_to_self()

    def _select(self, timeout: float | None) -> list[Any]:
        """Return events that are ready, or let time pass until the next timer."""
        clock = self.turns
        ready = self._real_select(0)
        strand = self._strand = clock.current()
        if strand is None:
            return ready or self._end(timeout)
        if ready or timeout == 0:
            clock.pass_on()
            return ready or self._real_select(0)
        if timeout is not None and clock.is_alone:
            clock.block(timeout)
            return ready
        strand.select = self._real_select
        try:
            clock.wait(None if timeout is None else clock.due(timeout))
        finally:
            strand.select = None
        return self._real_select(0)

    def _end(self, timeout: float | None) -> list[Any]:
        """Wait after the end of the cell, for what its tasks do when they are cancelled."""
        ready = self._real_select(turns.STUCK_AFTER_SECONDS if timeout is None else 0)
        if timeout is None and not ready:
            what = "the subject is stuck: a task that was cancelled goes on to wait"
            raise CouldNotRun(Problem(what, expected="tasks that end when they are cancelled"))
        self.turns.skip(timeout or 0)
        return ready


def run_virtual(main: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run `main` on a new virtual clock, which the clocks of this process follow meanwhile.

    Returns its result and the virtual seconds it took. Raises `CouldNotRun` if it waits for what
    nothing brings, and if it leaves threads behind.
    """
    clock = Turns()
    try:
        with (
            process_clock.following(clock),
            turn_threads.taking_turns(clock),
            _own_loops(clock),
            asyncio.Runner(loop_factory=lambda: VirtualLoop(clock)) as runner,
            turn_threads.ended_at_the_end(clock),
        ):
            result = runner.run(main)
            seconds = clock.time()
            runner.get_loop().run_until_complete(_end_of_threads(clock))
    except BaseException:
        if clock.failure is not None:
            raise clock.failure from None
        raise
    return result, seconds


async def _end_of_threads(clock: Turns) -> None:
    """End what may be left behind. Raises `CouldNotRun` for other threads."""
    await asyncio.get_running_loop().shutdown_default_executor()
    turn_threads.end_idle_pools(clock)
    left = clock.live()
    if left:
        raise turn_problems.left_behind(left)


@contextmanager
def _own_loops(clock: Turns) -> Iterator[None]:
    """Let event loops that the subject starts run on the clock of the cell."""
    real_new, real_run = asyncio.new_event_loop, asyncio.base_events.BaseEventLoop.run_forever

    def new_event_loop() -> asyncio.AbstractEventLoop:
        return VirtualLoop(clock) if clock.current() is not None else real_new()

    def run_forever(loop: asyncio.BaseEventLoop) -> None:
        if not isinstance(loop, VirtualLoop) and clock.current() is not None:
            what = "the subject starts an event loop of its own making, whose time is real"
            expected = "asyncio.run, or a loop of asyncio.new_event_loop"
            raise CellStopped(CouldNotRun(Problem(what, expected=expected)))
        real_run(loop)

    with ExitStack() as undo:
        for owner, name, ours in (
            (asyncio, "new_event_loop", new_event_loop),
            (asyncio.events, "new_event_loop", new_event_loop),
            (asyncio.base_events.BaseEventLoop, "run_forever", run_forever),
        ):
            undo.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, ours)
        yield
