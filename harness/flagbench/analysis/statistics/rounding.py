"""Numbers for files: so many digits that they are the same on every machine."""

from typing import Any

# A double has 15 to 17; what order a machine adds in shows in the last ones.
DIGITS = 10


def rounded(value: Any) -> Any:
    """A document with every float at 10 significant digits, and tuples as lists."""
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [rounded(item) for item in value]
    return float(f"{value:.{DIGITS}g}") + 0.0 if isinstance(value, float) else value
