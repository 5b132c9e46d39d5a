"""What the sandbox's tests run in it: a light parent, and an answer that executes any code."""

import asyncio
import ctypes
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any


def warm() -> None:
    """Warm up, and leave behind what a library might: an event loop and an open file."""
    asyncio.set_event_loop(asyncio.new_event_loop())
    Path("from-warming").write_text("warm", encoding="utf-8")
    sys.left_open = os.open("from-warming", os.O_RDONLY)  # type: ignore[attr-defined]


def warm_without_end() -> None:
    """What a library does that waits for something on import."""
    if sys.platform == "linux":  # under a name by which it is known outside
        set_name = 15  # PR_SET_NAME in linux/prctl.h
        ctypes.CDLL(None).prctl(set_name, b"warming")
    while True:
        time.sleep(60)


def refuse_to_warm() -> None:
    """What a broken installation does."""
    raise ImportError("the package broken is broken")


def executor() -> Callable[[dict[str, Any]], Any]:
    """Answers a command with what its code leaves in `result`."""

    def answer(command: dict[str, Any]) -> Any:
        names: dict[str, Any] = {"__name__": "hostile"}  # asyncio reads it to warn
        exec(command["code"], names)  # noqa: S102  that is what a sandbox is for
        return names.get("result")

    return answer


def broken_factory() -> Callable[[dict[str, Any]], Any]:
    """A factory that cannot make what answers."""
    raise RuntimeError("nothing to answer with")
