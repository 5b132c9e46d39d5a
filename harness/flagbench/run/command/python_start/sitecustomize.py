"""Start of Python in a command: the clock of its cell, and sleeps that say their length.

`time.sleep` asks the system to wait until a time, and what is left of it depends on the load of the
machine when that is seen from outside; here it asks for a length.
"""

import contextlib
import importlib
import sys
import time
from pathlib import Path
from typing import Any

_NANOSECONDS = 1_000_000_000
_sleep = time.sleep


def sleep(seconds: Any, /) -> None:
    """Sleep for so many seconds, as `time.sleep`."""
    try:
        import ctypes  # noqa: PLC0415  few programs sleep

        length = round(seconds * _NANOSECONDS)
        wanted = (ctypes.c_long * 2)(*divmod(length, _NANOSECONDS))
        nanosleep = ctypes.CDLL(None).nanosleep
    except Exception:  # not a number, or a Python without ctypes: it says so itself
        _sleep(seconds)
        return
    if length < 0:
        _sleep(seconds)  # raises
    elif length:
        nanosleep(wanted, None)


if sys.platform == "linux":
    time.sleep = sleep
    with contextlib.suppress(ImportError):
        import flagbench_clock  # type: ignore[import-not-found]  # beside this file

        flagbench_clock.start()

# The file of the environment that this one hides.
_own = str(Path(__file__).parent)
_paths = sys.path[:]
sys.path[:] = [path for path in _paths if path != _own]
_this = sys.modules.pop("sitecustomize", None)
try:
    importlib.import_module("sitecustomize")
except ImportError:
    if _this is not None:
        sys.modules["sitecustomize"] = _this
