"""Frames of the threads of a process."""

import gc
import sys
from types import FrameType


def current_frames() -> dict[int, FrameType]:
    """The frame of each thread, by its ident.

    The collector is off meanwhile: before Python 3.11.8 it waits for ever for a lock that this call
    holds, where it happens to collect a thread (python/cpython#106883).
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        return sys._current_frames()
    finally:
        if was_on:
            gc.enable()
