"""A page of a long list, and whether there are more before and after it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any


@dataclass(frozen=True, slots=True)
class Paging:
    """The items of page `number`, which counts from 1. `total` is None where nobody counted."""

    items: Sequence[Any]
    number: int = 1
    first: int = 1
    has_more: bool = False
    total: int | None = None

    @classmethod
    def of(cls, items: Iterable[Any], query: Mapping[str, str], size: int) -> "Paging":
        """The page that a query asks for, the first where it asks for none that can be."""
        asked = query.get("page", "")
        number = max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 1
        start = (number - 1) * size
        found = list(islice(items, start, start + size + 1))
        total = len(items) if isinstance(items, Sequence) else None
        return cls(found[:size], number, start + 1, len(found) > size, total)

    @property
    def last(self) -> int:
        """The place of the last item in the whole list."""
        return self.first + len(self.items) - 1
