"""The wait that a refusal asks for: the headers `retry-after` and `retry-after-ms`."""

import email.utils
import math
import time
from collections.abc import Mapping

import time_machine

_SECONDS, _MILLISECONDS, _DATE = "retry-after", "retry-after-ms", "date"

Headers = Mapping[str, tuple[str, ...]]


def seconds_of(headers: Headers) -> float | None:
    """The seconds to wait; None without a wait, or for a value that cannot be read as a number.

    Milliseconds come first, as in the client of OpenAI. Header names are lower-case.
    """
    for name, divisor in ((_MILLISECONDS, 1000.0), (_SECONDS, 1.0)):
        for value in headers.get(name, ()):
            seconds = _number(value) / divisor
            if math.isfinite(seconds):
                return max(seconds, 0.0)
    return None


def holds_date(headers: Headers) -> bool:
    """True if the wait ends at a date: only beside the time of the answer does it say how long."""
    return any(_instant((value,)) is not None for value in headers.get(_SECONDS, ()))


def without_date(headers: Headers) -> dict[str, tuple[str, ...]]:
    """Headers with the wait in seconds: a replay takes place at another time.

    The wait runs from the answer's own `date`, else from now, by the real clock.
    """
    if not holds_date(headers):
        return dict(headers)
    answered = _instant(headers.get(_DATE, ()))
    if answered is None:
        real = time_machine.escape_hatch
        answered = real.time.time() if real.is_travelling() else time.time()
    instants = (_instant((value,)) for value in headers[_SECONDS])
    waits = (round(max(instant - answered, 0.0)) for instant in instants if instant is not None)
    return {**headers, _SECONDS: tuple(str(wait) for wait in waits)}


def _number(value: str) -> float:
    try:
        return float(value)
    except ValueError:
        return math.nan


def _instant(values: tuple[str, ...]) -> float | None:
    """Seconds since the epoch of the first of these that is a date (RFC 9110, 5.6.7)."""
    for value in values:
        fields = email.utils.parsedate_tz(value) if math.isnan(_number(value)) else None
        if fields is not None:
            return float(email.utils.mktime_tz(fields))
    return None
