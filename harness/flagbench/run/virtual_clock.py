"""The virtual clock: an event loop on which sleeping advances the time exactly and at no cost.

looptime has such a loop, but lets time pass at the machine's own speed while a thread works, and
gives up on one after a fixed time. Here time stands still while a thread of the subject works.
"""

import asyncio
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from flagbench.errors import CouldNotRun, Problem
from flagbench.run import process_clock

T = TypeVar("T")

# Real seconds without a pending timer, and without work of its threads and child processes, after
# which a subject counts as stuck.
STUCK_AFTER_SECONDS = 5.0
# Real seconds between two looks at the subject's threads, and for which all of them must be blocked
# before time passes although they have not ended.
_LOOK_SECONDS = 0.01
_BLOCKED_FOR_SECONDS = 0.05
_TICKS_PER_SECOND = 1_000_000
# Where Python code waits for another thread.
_WAITING_CODE = ("threading.py", "queue.py", "concurrent/futures/thread.py")

# Typed as unknown: it is one of two, and what is needed of both is not in their stubs.
_PlatformLoop: Any = getattr(asyncio, "ProactorEventLoop", asyncio.SelectorEventLoop)


class VirtualLoop(_PlatformLoop):
    """Event loop that starts at 0 s, with a resolution of one microsecond.

    When nothing is ready, its time jumps to the next timer. It waits really for the jobs of its
    executors; a job that waits for a task of this loop lets time pass. `on_advance` is called with
    the microseconds of each step.
    """

    def __init__(self) -> None:
        self._ticks = 0
        self._real_select: Callable[[float | None], list[Any]]
        super().__init__()
        self._real_select = self._selector.select
        self._selector.select = self._select
        self._threads: set[threading.Thread] = {threading.current_thread()}
        self._jobs = set[asyncio.Future[Any]]()
        self._working = set[int]()
        # Tasks per thread that asked for them and may wait for their end.
        self._asked_by = Counter[int]()
        self._asking: int | None = None
        self._children: list[asyncio.SubprocessTransport] = []
        self.on_advance: Callable[[int], None] = lambda _: None

    def time(self) -> float:
        """Virtual seconds since the start."""
        return self._ticks / _TICKS_PER_SECOND

    def block(self, seconds: float) -> None:
        """Let a synchronous sleep pass: of the loop's own thread, or of another that may wait.

        Raises `ValueError` as `time.sleep` does.
        """
        if seconds < 0:
            raise ValueError("sleep length must be non-negative")
        if threading.get_ident() == self._thread_id:
            self._advance(seconds)
        else:
            asyncio.run_coroutine_threadsafe(asyncio.sleep(seconds), self).result()

    def holds_for(self, thread: threading.Thread) -> bool:
        """True for the loop's own thread, and for those that such threads started."""
        return thread in self._threads

    def add_thread(self, thread: threading.Thread) -> None:
        """Note a thread that the subject is about to start."""
        self._threads.add(thread)

    async def shutdown_default_executor(self, timeout: float | None = None) -> None:  # noqa: ARG002  asyncio's
        """Wait really for the threads of the default executor: the timeout would be virtual."""
        await super().shutdown_default_executor()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> Any:
        """Run a job in a thread. Time stands still until it is done, or waits for this loop."""

        def job() -> Any:
            self._working.add(threading.get_ident())
            try:
                return func(*args)
            finally:
                self._working.discard(threading.get_ident())

        future = super().run_in_executor(executor, job)
        self._jobs.add(future)
        future.add_done_callback(self._jobs.discard)
        return future

    def call_soon_threadsafe(self, callback: Any, *args: Any, context: Any = None) -> Any:
        """Call from another thread, which may await the tasks that the callback makes."""
        thread = threading.get_ident()

        def call(*args: Any) -> None:
            self._asking = thread
            try:
                callback(*args)
            finally:
                self._asking = None

        asked = callback if thread == self._thread_id else call
        return super().call_soon_threadsafe(asked, *args, context=context)

    def create_task(self, coro: Any, **options: Any) -> Any:
        """Make a task, and note the thread that asked for it."""
        task = super().create_task(coro, **options)
        thread = self._asking
        if thread is not None:
            self._asked_by[thread] += 1

            def end(_: object) -> None:
                self._asked_by[thread] -= 1

            task.add_done_callback(end)
        return task

    async def _make_subprocess_transport(self, *args: Any, **options: Any) -> Any:
        transport = await super()._make_subprocess_transport(*args, **options)
        self._children.append(transport)
        return transport

    def _advance(self, seconds: float) -> None:
        # Less than a microsecond is a timer that would never be due.
        ticks = round(seconds * _TICKS_PER_SECOND) or int(seconds > 0)
        self._ticks += ticks
        self.on_advance(ticks)

    def _select(self, timeout: float | None) -> list[Any]:
        """Return events that are ready, or let time pass until the next timer."""
        ready = self._real_select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or self._is_working():
            ready = self._wait(None if timeout is None else _BLOCKED_FOR_SECONDS)
        if not ready and timeout is not None:
            self._advance(timeout)
        return ready

    def _is_working(self) -> bool:
        """True if a job is under way that does not wait for a task of this loop."""
        waiting = sum(self._asked_by[thread] > 0 for thread in tuple(self._working))
        return len(self._jobs) > waiting

    def _wait(self, limit_seconds: float | None) -> list[Any]:
        """Wait really for threads and child processes.

        Returns what is ready, or nothing once all threads have been blocked for the limit. Raises
        `CouldNotRun` where None is given and nothing can end the wait.
        """
        limit = STUCK_AFTER_SECONDS if limit_seconds is None else limit_seconds
        blocked_since = time.perf_counter()
        while True:
            ready = self._real_select(min(_LOOK_SECONDS, limit))
            if ready:
                return ready
            now = time.perf_counter()
            has_child = limit_seconds is None and any(
                child.get_returncode() is None for child in self._children
            )
            if has_child or not self._are_threads_blocked():
                blocked_since = now
            elif now - blocked_since >= limit:
                break
        if limit_seconds is None:
            raise CouldNotRun(
                Problem(
                    what="the subject is stuck: it waited without a pending timer "
                    f"for {limit:g} real seconds",
                    expected="a subject that awaits only its calls, own tasks and threads, and "
                    "asyncio.sleep",
                )
            )
        return []

    def _are_threads_blocked(self) -> bool:
        """True if every thread that the subject started waits for another thread."""
        own = {thread.ident for thread in tuple(self._threads)} - {self._thread_id}
        return all(
            frame.f_code.co_filename.replace("\\", "/").endswith(_WAITING_CODE)
            for thread, frame in sys._current_frames().items()
            if thread in own
        )


def run_virtual(main: Coroutine[Any, Any, T]) -> tuple[T, float]:
    """Run `main` on a new virtual clock, which the clocks of this process follow meanwhile.

    Returns its result and the virtual seconds it took. Raises `CouldNotRun` if it waits for what
    nothing brings.
    """
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        loop = runner.get_loop()
        assert isinstance(loop, VirtualLoop)  # noqa: S101  its factory made it
        with process_clock.following(loop):
            result = runner.run(main)
        return result, loop.time()
