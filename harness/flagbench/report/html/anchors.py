"""Ids of the tables and figures of a page."""

import re
from collections import Counter

_OTHER = re.compile(r"[^a-z0-9]+")


class Anchors:
    """Ids that say what a table or a figure shows; each is given once."""

    def __init__(self) -> None:
        self._given = Counter[str]()

    def __call__(self, kind: str, title: str) -> str:
        """The id of the next table or figure with this title."""
        name = f"{kind}-{_OTHER.sub('-', title.lower()).strip('-')}"
        self._given[name] += 1
        return name if self._given[name] == 1 else f"{name}-{self._given[name]}"
