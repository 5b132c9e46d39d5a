"""The virtual clock: an event loop on which sleeping advances the time exactly and at no cost."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import looptime

from flagbench.errors import CouldNotRun, Problem

T = TypeVar("T")

# Real seconds without a pending timer after which a subject counts as stuck.
STUCK_AFTER_SECONDS = 5.0


def new_loop() -> asyncio.AbstractEventLoop:
    """Create an event loop at time 0 s with a resolution of one microsecond.

    `noop_cycles=0`: looptime's default runs 42 empty cycles before each step, for tests that wait
    for sockets; under replay only timers can wake a subject.
    """
    loop: asyncio.AbstractEventLoop = looptime.new_event_loop(
        start=0.0, noop_cycles=0, idle_timeout=STUCK_AFTER_SECONDS
    )
    return loop


def run_virtual(main: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run `main` on a new virtual clock.

    Returns its result and the virtual seconds it took. Raises `CouldNotRun` if it waits without a
    pending timer.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            result = runner.run(main)
        except looptime.IdleTimeoutError as stuck:
            raise CouldNotRun(
                Problem(
                    what="the subject is stuck: it waited without a pending timer "
                    f"for {STUCK_AFTER_SECONDS:g} real seconds",
                    expected="a subject that awaits only its calls, own tasks and asyncio.sleep",
                )
            ) from stuck
        return result, runner.get_loop().time()
