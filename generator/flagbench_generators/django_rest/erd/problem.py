"""What is wrong in an ERD: where, what, what would be right and which command helps."""

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from pydantic_core import PydanticCustomError

Place = tuple[str | int, ...]

_PLAIN_KEY = re.compile(r"[A-Za-z_]\w*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong. What is not JSON has `line` and `column`, from 1."""

    place: Place
    what: str
    right: str = ""
    line: int | None = None
    column: int | None = None
    fix: str = ""

    @property
    def where(self) -> str:
        """The line if there is one, else the place as a JSON path."""
        if self.line is None:
            return path_of(self.place)
        return f"line {self.line}, column {self.column}"

    def __str__(self) -> str:
        right = f"; right would be {self.right}" if self.right else ""
        return f"{self.where}: {self.what}{right}"


class ErdErrors(ValueError):  # noqa: N818  it carries all of them
    """An ERD is wrong; `problems` holds everything found, in the order of the document."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def path_of(place: Sequence[str | int]) -> str:
    """The place in the short form of RFC 9535, such as `$.entities[0].name`."""
    return "$" + "".join(_segment(one) for one in place)


def refused(problems: Sequence[Problem]) -> PydanticCustomError:
    """What a validator raises so that no problem is lost; places are relative to its value."""
    text = "; ".join(f"{one.what}; right would be {one.right}" for one in problems)
    # Braces of a message are a placeholder to pydantic: the text comes in by one.
    return PydanticCustomError("erd", "{text}", {"text": text, "problems": tuple(problems)})


def nearest(word: object, known: Sequence[str]) -> str:
    """The known word that was probably meant, in quotes, else all of them."""
    by_lower = {one.lower(): one for one in known}
    close = get_close_matches(str(word).lower(), by_lower, n=1)
    return quoted(by_lower[close[0]]) if close else "one of " + ", ".join(known)


def quoted(value: Any) -> str:
    """A value as the reader wrote it in JSON, shortened."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _segment(step: str | int) -> str:
    if isinstance(step, int):
        return f"[{step}]"
    if _PLAIN_KEY.fullmatch(step):
        return f".{step}"
    escaped = step.replace("\\", "\\\\").replace("'", "\\'")
    return f"['{escaped}']"
