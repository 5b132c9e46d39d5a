"""Moments of an audit log, in whatever form it has them."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

# From here on a number counts milliseconds.
_MILLISECONDS = 10**11
# What the clock of the database rounds, and what a moment in whole seconds may have lost.
_ROUNDED, _SECOND = 0.01, 1.0


def seconds_of(value: Any) -> float | None:
    """The seconds since 1970 of a moment: a number, ISO 8601, or as in HTTP; None for another."""
    if isinstance(value, bool):
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        return _seconds_of_text(value) if isinstance(value, str) else None
    return number / 1000 if number > _MILLISECONDS else number


def _seconds_of_text(text: str) -> float | None:
    text = text.strip().removesuffix("UTC").strip()
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            moment = read(text)
        except (TypeError, ValueError):
            continue
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return None


def is_between(value: Any, begun: float, ended: float) -> bool:
    """True for a moment between two others, as exactly as it is given."""
    seconds = seconds_of(value)
    if seconds is None:
        return False
    lost = _SECOND if seconds == int(seconds) else _ROUNDED
    return begun - lost <= seconds <= ended + lost
