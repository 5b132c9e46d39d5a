"""Division of the collected series into parts of about the same cost, each for a machine.

It depends on nothing but the items and the accepted baselines, so that machines which do not talk
with each other divide alike.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

_MOST = 10_000
_EXPECTED = "K/N: part K of N, such as 3/8"


@dataclass(frozen=True, slots=True)
class Choice:
    """Part `number` of `of`, counted from 1."""

    number: int
    of: int


@dataclass(frozen=True, slots=True)
class Division:
    """A division as plain values, which travel between processes.

    `digest` is over all items with their costs, `folders` are those of their files, `items` is the
    number of all, `own` of those in this part.
    """

    digest: str
    folders: tuple[str, ...]
    items: int
    own: int

    @property
    def plain(self) -> tuple[str, tuple[str, ...], int, int]:
        """The values, for pytest-xdist."""
        return self.digest, self.folders, self.items, self.own


# Where a process keeps the division, and its key in what a worker of pytest-xdist hands back.
DIVISION, OUTPUT = pytest.StashKey[Division](), "flagbench_division"


def choice_of(text: str) -> Choice:
    """Parse the value of the option. Raises `ArgumentTypeError`."""
    parts = re.fullmatch(r"([0-9]{1,5})/([0-9]{1,5})", text)
    if parts is None:
        raise argparse.ArgumentTypeError(f"{text!r}; expected: {_EXPECTED}")
    number, of = map(int, parts.groups())
    if not 1 <= number <= of <= _MOST:
        raise argparse.ArgumentTypeError(f"{text!r}; expected: {_EXPECTED}, at most {_MOST}")
    return Choice(number, of)


def divide(costs: Sequence[int], parts: int) -> list[int]:
    """The part of each item, from 1, for costs of 1 or more.

    Parts are runs of neighbours, so that few of them share a scenario, whose control each replays.
    The cost of a part is at most the mean and the greatest single cost.
    """
    total, before, places = sum(costs), 0, []
    for cost in costs:
        middle = 2 * before + cost  # halves, so that all numbers are whole
        places.append(parts * middle // (2 * total) + 1)
        before += cost
    return places
