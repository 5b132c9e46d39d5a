"""A clock that is ahead, for a process that is to run generated code."""

import datetime
import gc
import sys
import time
from collections.abc import Callable
from typing import Any

_LATER = "time", "time_ns"
_PARTS = "gmtime", "localtime", "ctime"


def put_ahead(seconds: int) -> None:
    """Let everything that is imported from now on see a time that is so many seconds ahead."""
    for name, step in zip(_LATER, (seconds, seconds * 10**9), strict=True):
        setattr(time, name, _later(getattr(time, name), step))
    for name in _PARTS:
        setattr(time, name, _of_now(getattr(time, name), time.time))
    kind, ahead = datetime.datetime, datetime.timedelta(seconds=seconds)
    now = kind.now

    def later(_: Any, tz: Any = None) -> datetime.datetime:
        return now() + ahead if tz is None else (now(datetime.UTC) + ahead).astimezone(tz)

    # The class stays the same one, for those who look at it: only its attributes are others.
    (attributes,) = gc.get_referents(kind.__dict__)
    attributes |= {
        "now": classmethod(later),
        "today": classmethod(later),
        "utcnow": classmethod(lambda cls: later(cls, datetime.UTC).replace(tzinfo=None)),
    }
    sys._clear_type_cache()


def _later(function: Callable[[], Any], step: int) -> Callable[[], Any]:
    return lambda: function() + step


def _of_now(function: Callable[[Any], Any], now: Callable[[], float]) -> Callable[..., Any]:
    return lambda seconds=None: function(now() if seconds is None else seconds)
