"""Rules of a scenario for requests that vary: what is left out of account when they are matched."""

import re
from typing import Annotated, Literal

import regex
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator

from flagbench.scenario import json_path

PATH, QUERY = "path", "query"

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_TIME = r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d{1,9})?)?(?: ?[AaPp][Mm]\b)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+-]\d{2}:?\d{2}))?"

# Name -> the pattern, and what stands in place of it.
BUILT_IN = {
    "dates": (
        "|".join(
            (
                # 2026-11-29, 2026-11-29T03:05:03.123Z, 2026/11/29 03:05
                rf"(?<!\d)\d{{4}}([-/])\d{{2}}\1\d{{2}}(?:[T_ ]{_TIME}{_ZONE})?(?!\d)",
                # 20261129T030503Z, 20261129_030503
                r"(?<!\d)(?:19|20)\d{6}[T_-]?\d{6}Z?(?!\d)",
                # Sun, 29 Nov 2026 03:05:03 GMT; 29 November 2026
                rf"\b(?:{_DAY},? )?\d{{1,2}} {_MONTH},? \d{{4}}(?:,? {_TIME}{_ZONE})?(?!\d)",
                # Sun Nov 29 03:05:03 2026; November 29, 2026
                rf"\b(?:{_DAY},? )?{_MONTH} {{1,2}}\d{{1,2}}(?:,? {_TIME}{_ZONE})?,? \d{{4}}(?!\d)",
                # 29/11/2026, 29.11.2026
                r"(?<!\d)\d{1,2}([./])\d{1,2}\2\d{4}(?!\d)",
                # 03:05:03.123
                rf"(?<![\d:])\d{{1,2}}:\d{{2}}:\d{{2}}(?:[.,]\d{{1,9}})?{_ZONE}(?![\d:])",
                # Seconds or milliseconds since 1970, from 2001 to 2033
                r"(?<![\w.])1\d{9}(?:\d{3})?(?:\.\d{1,9})?(?![\w.]|\.\d)",
            )
        ),
        "date",
    ),
    "uuids": (
        r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{8}-(?:[0-9A-Fa-f]{4}-){3}[0-9A-Fa-f]{12}(?![0-9A-Fa-f])"
        r"|(?<!\w)[0-9a-f]{32}(?!\w)",
        "uuid",
    ),
    "ids": (
        r"(?<!\w)0x[0-9A-Fa-f]+(?!\w)|(?<!\w)(?:[A-Za-z]{1,12}[_-])?(?=[A-Za-z]*\d)"
        r"(?:[0-9a-f]{8,64}|[0-9A-Za-z]{16,64}|\d{4,})(?![\w-])",
        "id",
    ),
    "paths": (
        r"(?<![\w:/.\\])/(?:[\w.+@~-]+/)+[\w.+@~-]*|(?<!\w)[A-Za-z]:[\\/]{1,2}[\w.+@~\\/-]+",
        "path",
    ),
}

BuiltIn = Literal["dates", "uuids", "ids", "paths"]
Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_-]*$", max_length=40)]
Pattern = Annotated[str, StringConstraints(min_length=1, max_length=1000)]


class MatchRule(BaseModel):
    """A rule: what it looks for and where, and the name that stands in place of it."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    use: BuiltIn | None = None
    pattern: Pattern | None = None
    name: Name | None = None
    where: Annotated[str, Field(max_length=500)] = "$"
    restore: bool = False

    @model_validator(mode="after")
    def _check(self) -> "MatchRule":
        if (self.use is None) is (self.pattern is None):
            found = "neither use nor pattern" if self.use is None else "both use and pattern"
            expected = f"either use (one of {', '.join(BUILT_IN)}) or pattern"
            raise ValueError(f"{found}; expected: {expected}")
        if self.pattern is not None:
            _check_pattern(self.pattern)
            if self.name is None:
                raise ValueError("a pattern needs a name, which stands in place of what it matches")
        if self.where not in (PATH, QUERY):
            try:
                json_path.parse(self.where)
            except ValueError as error:
                raise ValueError(f"where: {error}, or {PATH}, or {QUERY}") from error
        return self

    @property
    def expression(self) -> str:
        """The regular expression."""
        return self.pattern if self.use is None else BUILT_IN[self.use][0]  # type: ignore[return-value]

    @property
    def placeholder(self) -> str:
        """The name that stands in place of what is matched."""
        return self.name or BUILT_IN[self.use][1]  # type: ignore[index]

    def __str__(self) -> str:
        what = f"use: {self.use}" if self.use else f"name: {self.name}"
        return what if self.where == "$" else f"{what}, where: {self.where}"


def _check_pattern(pattern: str) -> None:
    try:
        compiled = regex.compile(pattern)
    except (regex.error, re.error, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"pattern: not a regular expression: {error}") from error
    try:
        is_empty = compiled.search("", timeout=1.0) is not None
    except TimeoutError as error:
        raise ValueError("pattern: it takes too long on an empty text") from error
    if is_empty:
        raise ValueError("pattern: it matches an empty text")
