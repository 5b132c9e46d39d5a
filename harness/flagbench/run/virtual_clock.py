"""The virtual clock: an event loop on which sleeping takes no time and costs exactly its length."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import looptime

from flagbench.errors import CouldNotRun, Problem

T = TypeVar("T")

# Real seconds after which a subject that waits without any timer is declared stuck.
STUCK_AFTER_SECONDS = 5.0


def new_loop() -> asyncio.AbstractEventLoop:
    """A fresh loop at time 0 s, with a resolution of one microsecond.

    `noop_cycles=0`: looptime's default turns 42 empty rounds before each step, for tests that
    wait for sockets; under replay nothing but timers can wake a subject.
    """
    loop: asyncio.AbstractEventLoop = looptime.new_event_loop(
        start=0.0, noop_cycles=0, idle_timeout=STUCK_AFTER_SECONDS
    )
    return loop


def run_virtual(main: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run `main` to its end on a fresh virtual clock.

    Returns its result and the virtual seconds it took. Raises `CouldNotRun` when it waits for
    something that no timer will ever bring.
    """
    with asyncio.Runner(loop_factory=new_loop) as runner:
        try:
            result = runner.run(main)
        except looptime.IdleTimeoutError as stuck:
            raise CouldNotRun(
                Problem(
                    what="the subject waits for something that never comes "
                    f"(no timer was pending for {STUCK_AFTER_SECONDS:g} real seconds)",
                    expected="a subject that awaits only its calls, own tasks and asyncio.sleep",
                )
            ) from stuck
        return result, runner.get_loop().time()
