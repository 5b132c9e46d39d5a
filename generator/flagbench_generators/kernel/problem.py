"""Problems of a document: the place, the finding, the expected value and the fix."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

Place = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem of a document. One that cannot be parsed has `line` and `column`, else `place`."""

    place: Place
    what: str
    expected: str = ""
    line: int | None = None
    column: int | None = None
    fix: str = ""

    @property
    def where(self) -> str:
        """The line and column, from 1, if known, else the place as a JSON path."""
        if self.line is None:
            return path_of(self.place)
        return f"line {self.line}, column {self.column}"

    def __str__(self) -> str:
        expected = f"; expected: {self.expected}" if self.expected else ""
        return f"{self.where}: {self.what}{expected}"


class WrongDocument(ValueError):  # noqa: N818  what the document is
    """An invalid document; `problems` are all its problems, in the order of the document."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def path_of(place: Sequence[str | int]) -> str:
    """Format a place in the short form of RFC 9535, such as `$.entities[0].name`."""
    return "$" + "".join(_segment(step) for step in place)


def nearest(word: object, known: Sequence[str]) -> str:
    """Return the closest known word, quoted, else all of them."""
    by_lower = {candidate.lower(): candidate for candidate in known}
    close = get_close_matches(str(word).lower(), by_lower, n=1)
    return quote(by_lower[close[0]]) if close else "one of " + ", ".join(known)


def quote(value: Any) -> str:
    """Format a value as JSON, shortened to 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _segment(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
