"""Points in time of logs: ISO 8601, or numbers since the epoch."""

import math
from datetime import UTC, datetime
from typing import Any

# A number above this counts milliseconds: in seconds, it is a date after the year 5000.
_MOST_SECONDS = 1e11


def epoch_seconds(value: Any) -> float | None:
    """Seconds since the epoch; None for what is not a time. A text without a zone is UTC."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return None
        return value / 1000 if value > _MOST_SECONDS else float(value)
    try:
        moment = datetime.fromisoformat(str(value))
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def elapsed_seconds(start: Any, end: Any) -> float | None:
    """Seconds between two times; None where either is unknown, or the second comes first."""
    began, ended = epoch_seconds(start), epoch_seconds(end)
    if began is None or ended is None or ended < began:
        return None
    return ended - began
