"""A thread of a cell."""

import _thread
import ctypes
import threading
from collections.abc import Callable
from typing import Any

# Bound before a cell replaces it.
_allocate_lock = _thread.allocate_lock


class Strand:
    """A thread of the cell. It runs while it has the turn."""

    def __init__(self, thread: threading.Thread | None, ident: int = 0) -> None:
        self.thread = thread
        self.ident = ident
        self.native_id = threading.get_native_id() if ident else 0
        self.gate = _allocate_lock()
        self.gate.acquire()
        self.is_woken = False
        self.is_waiting = False
        self.is_detached = False
        self.has_ended = False
        # Clocks and locks are real for it, since the harness itself works in it.
        self.is_real = False
        self.timer = 0
        self.joiners: list[Strand] = []
        # Waits really for what the event loop has to do that waits in it.
        self.select: Callable[[float], list[Any]] | None = None

    @property
    def name(self) -> str:
        """The name of its thread."""
        return self.thread.name if self.thread is not None else f"thread {self.ident}"

    def silence(self) -> None:
        """Let its thread end without a word."""
        if self.thread is not None:
            setattr(self.thread, "_invoke_excepthook", lambda *_: None)  # noqa: B010  it is private

    def end(self) -> None:
        """Raise `SystemExit` in it once it runs Python code."""
        ctypes.pythonapi.PyThreadState_SetAsyncExc(
            ctypes.c_ulong(self.ident), ctypes.py_object(SystemExit)
        )
