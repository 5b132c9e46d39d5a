"""The end of a command by a signal, which leaves time for an answer that is paid already."""

import os
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

from flagbench.errors import Problem

# Ctrl-C, the end of a job, and that of a terminal, which Windows does not have.
_ENDING = tuple(
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None
)
# Those that a terminal sends to every process that was started in it.
OF_A_TERMINAL = tuple(number for number in _ENDING if number != signal.SIGTERM)
GRACE_SECONDS = 5.0


RECORDING = "recorded answers are kept"


class Interrupted(KeyboardInterrupt):
    """A signal that ends a command, a recording for one.

    `kept` says what is not lost, "" where nothing is known of that. `unanswered` names the request
    that it left unanswered.
    """

    def __init__(self, number: int, unanswered: str = "", kept: str = RECORDING) -> None:
        super().__init__(number, unanswered, kept)
        self.number = number
        self.kept = kept
        self.unanswered = unanswered

    @property
    def exit_code(self) -> int:
        """The exit code, as shells have it."""
        return 128 + self.number

    @property
    def loss(self) -> Problem | None:
        """The request that may have been paid and is not kept."""
        if not self.unanswered:
            return None
        what = f"no answer within {GRACE_SECONDS:g} s of the interrupt, and it may have been paid"
        return Problem(what, self.unanswered, fix="run the same command again: it sends it again")

    def __str__(self) -> str:
        head = f"interrupted; {self.kept}" if self.kept else "interrupted"
        return "\n".join(map(str, filter(None, [head, self.loss])))


@contextmanager
def interruptible(kept: str = RECORDING) -> Iterator[None]:
    """Let the first signal end a command by `Interrupted`, also while it waits.

    asyncio would defer the first Ctrl-C until its loop runs again, which it does not while a call
    waits for its answer. A handler that is not Python's, or a signal that the caller's shell
    ignores, is left alone, and so are processes that the subject forks.
    """
    own = os.getpid()

    def interrupt(number: int, _frame: FrameType | None) -> None:
        if not _is_of_fork(own, number, handlers[number]):
            raise Interrupted(number, kept=kept)

    handlers = {
        number: handler
        for number in _ENDING
        if (handler := signal.getsignal(number)) not in (signal.SIG_IGN, None)
    }
    for number in handlers:
        signal.signal(number, interrupt)
    try:
        yield
    except KeyboardInterrupt as ended:
        if isinstance(ended, Interrupted):
            ended.kept = kept  # a request that was in flight does not know the command
        # Only a message and the exit are left; a second Ctrl-C has nothing to stop.
        handlers = dict.fromkeys(handlers, signal.SIG_IGN)
        raise
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)


def _is_of_fork(own: int, number: int, before: Any) -> bool:
    """True for a signal to a process that was forked from this one; it acts there as `before`."""
    if os.getpid() == own:
        return False
    signal.signal(number, before)
    signal.raise_signal(number)
    return True


@contextmanager
def ignored(numbers: Sequence[int] = _ENDING) -> Iterator[None]:
    """Ignore further signals: what was interrupted is being put away.

    Processes that are started meanwhile ignore them to their end.
    """
    before = {number: signal.signal(number, signal.SIG_IGN) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler if handler is not None else signal.SIG_DFL)


@contextmanager
def after_the_answer(request: str) -> Iterator[Callable[[], None]]:
    """Hold a signal back while a request is in flight, and until its answer is kept.

    The caller calls what this yields when the answer has come. `GRACE_SECONDS` after a signal
    without one, `Interrupted` names the request; the subject's own alarm stands still meanwhile.
    Where a process cannot do so, as on Windows and outside of its first thread, a signal acts at
    once.
    """
    if not hasattr(signal, "setitimer") or (
        threading.current_thread() is not threading.main_thread()
    ):
        yield lambda: None
        return
    came: list[int] = []
    alarms: list[tuple[Any, tuple[float, float]]] = []  # that of the subject, once it is replaced

    own = os.getpid()

    def note(number: int, _frame: FrameType | None) -> None:
        if _is_of_fork(own, number, handlers[number]):
            return
        came.append(number)
        if len(came) == 1:
            timer = signal.setitimer(signal.ITIMER_REAL, 0)
            alarms.append((signal.signal(signal.SIGALRM, give_up), timer))
            signal.setitimer(signal.ITIMER_REAL, GRACE_SECONDS)
            said = f"\nflagbench: waiting up to {GRACE_SECONDS:g} s for an answer that is paid\n"
            os.write(2, said.encode())  # a stream cannot be written to inside of its own write

    def give_up(_number: int, _frame: FrameType | None) -> None:
        raise Interrupted(came[0], request)

    def arrived() -> None:
        while alarms:
            signal.setitimer(signal.ITIMER_REAL, 0)
            handler, timer = alarms.pop()
            signal.signal(signal.SIGALRM, handler or signal.SIG_DFL)
            signal.setitimer(signal.ITIMER_REAL, *timer)

    handlers = {
        number: handler for number in _ENDING if callable(handler := signal.getsignal(number))
    }
    for number in handlers:
        signal.signal(number, note)
    try:
        yield arrived
    except Interrupted:
        came.clear()  # it ends the recording itself
        raise
    finally:
        arrived()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        if came:
            signal.raise_signal(came[0])
