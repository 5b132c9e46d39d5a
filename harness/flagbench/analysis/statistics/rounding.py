"""Rounding of results for files, so that they are the same on every machine."""

from typing import Any

# A double has 15 to 17; the last ones depend on the order of additions on a machine.
DIGITS = 10


def round_floats(value: Any) -> Any:
    """A document with every float at 10 significant digits, and tuples as lists."""
    if isinstance(value, dict):
        return {key: round_floats(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [round_floats(item) for item in value]
    return float(f"{value:.{DIGITS}g}") + 0.0 if isinstance(value, float) else value
