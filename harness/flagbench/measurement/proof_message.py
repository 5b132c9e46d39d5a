"""Messages of proofs without what is of this run alone: equal failures have equal messages."""

import re

# A generated page shows the address at which the sandbox serves the API for it.
_ADDRESS = re.compile(r"\b(127\.0\.0\.1|localhost):\d{4,5}\b")
# pytest shows where an object is in memory.
_PLACE = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
# What a tool or a test measured: a number with a unit of time, or with all digits of a float.
_TIME = re.compile(
    r"\b\d+\.\d+(?= ?(?:s|secs?|seconds)\b)|\b\d+(?:\.\d+)?(?= ?(?:ms|milliseconds)\b)"
    r"|(?<=\bduration_ms )\d+(?:\.\d+)?|\b\d+\.\d{12,}(?:e-?\d+)?\b"
)


def repeatable(message: str) -> str:
    """The message without ports, places in memory and measured times."""
    without_ports = _ADDRESS.sub(r"\1:PORT", message)
    return _TIME.sub("…", _PLACE.sub("0x…", without_ports))
