"""The audit hook of this process: Python knows no way to remove one, so watches come and go."""

import functools
import sys
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flagbench.run.thread_frames import current_frames

See = Callable[[str, tuple[Any, ...]], None]
"""Gets the name of an event and its arguments; what it raises ends the call that is audited."""


class AuditHook:
    """Passes events to the watches of a cell. Without one it does nothing."""

    def __init__(self) -> None:
        self._watches: dict[str, See] = {}
        self._unwatched = threading.local()
        self._threads_before = frozenset[int]()
        sys.addaudithook(self._see)

    @contextmanager
    def watching(self, watches: Iterable[tuple[frozenset[str], See]]) -> Iterator[None]:
        """Pass events to their watch while the context is open, but of threads begun before it."""
        self._threads_before = frozenset(current_frames()) - {threading.get_ident()}
        self._watches = {event: see for events, see in watches for event in events}
        try:
            yield
        finally:
            self._watches = {}

    @contextmanager
    def unwatched(self) -> Iterator[None]:
        """Ignore what this thread does while the context is open."""
        before = getattr(self._unwatched, "now", False)
        self._unwatched.now = True
        try:
            yield
        finally:
            self._unwatched.now = before

    def _see(self, event: str, arguments: tuple[Any, ...]) -> None:
        see = self._watches.get(event)
        if see is None or getattr(self._unwatched, "now", False):
            return
        if threading.get_ident() not in self._threads_before:
            see(event, arguments)


@functools.cache
def hook() -> AuditHook:
    """The hook, which is installed when it is first asked for."""
    return AuditHook()
