"""Checks of figures."""

from collections.abc import Callable

from case import Seen


def between(figure: str, least: float, most: float) -> Callable[[Seen], str]:
    """Check that a figure of every cell is between two values."""

    def check(seen: Seen) -> str:
        """The figures beyond, "" for none."""
        measured = {name: getattr(cell, figure) for name, cell in seen.cells.items()}
        is_right = measured and all(least <= value < most for value in measured.values())
        return "" if is_right else f"{figure} {measured}, {least} to {most} would be right"

    return check
