"""Frames of the threads of a process."""

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import accumulate, repeat
from types import FrameType


def current_frames() -> dict[int, FrameType]:
    """The frame of each thread, by its ident."""
    with _without_collector():
        return sys._current_frames()


def frames_of(ident: int) -> list[FrameType]:
    """The frames of a thread, the innermost first; none of one that has ended.

    They are taken by one call without bytecode, so that the thread does not go on meanwhile: step
    by step, a walk through the frames of a running thread has met an object that was no frame.
    """
    frames = list[FrameType | None]()
    # A walk ends at the `None` behind the outermost frame; a thread that has ended is missing.
    with _without_collector(), suppress(AttributeError, KeyError):
        innermost = sys._current_frames()[ident]
        frames.extend(accumulate(repeat("f_back"), getattr, initial=innermost))
    return [frame for frame in frames if frame is not None]


@contextmanager
def _without_collector() -> Iterator[None]:
    """Keep the collector off: before Python 3.11.8 `sys._current_frames` waits for ever for a lock
    that it holds, where it happens to collect a thread (python/cpython#106883).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
