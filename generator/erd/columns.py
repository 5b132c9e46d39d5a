"""Columns of other notations as fields: `numeric(10, 2)`, `varchar(80)`, `int[]`."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from generator.erd.field import LONGEST_TEXT, MOST_DIGITS, MOST_PLACES, Field
from generator.erd.problem import quoted
from generator.erd.types import WIDE, type_of
from generator.erd.values import HIGHEST_INTEGER, LENGTHS, LOWEST_INTEGER, FieldType

_FORM = re.compile(
    r"\s*(?P<word>[^()\[\]~]*[^()\[\]~\s])\s*(\((?P<sizes>[^)]*)\))?\s*(?P<rest>.*)", re.DOTALL
)
_SIGNS = re.compile(r"\b(unsigned|zerofill|signed)\b")
_SWITCHES = ("tinyint", "bit")  # one of them is how some databases store a boolean
_HARMLESS = re.compile(r"with(out)? time zone|unsigned|signed|zerofill")
_DIGITS, _PLACES = 12, 2  # of a decimal that does not say


@dataclass(frozen=True, slots=True)
class Typed:
    """The keys of a field that say its type, and what they leave out."""

    keys: Mapping[str, Any]
    losses: tuple[str, ...] = ()


def typed(text: str) -> Typed:
    """The type of a column as it is written there."""
    found = _FORM.fullmatch(text)
    if found is None:
        return Typed({"type": "text"}, (f"the type {text} is text",))
    word, sizes, rest = found["word"].lower(), _sizes(found["sizes"]), found["rest"].lower()
    signed = _SIGNS.sub("", word).strip() or "int"
    type_ = type_of(signed)
    if (signed in _SWITCHES and sizes == [1]) or (signed == "bit" and not sizes):
        type_, sizes = "boolean", []
    elif signed == "bit" or (rest and not _HARMLESS.fullmatch(rest)):
        type_ = None
    if type_ is None:
        return Typed({"type": "text"}, (f"the type {text} is text",))
    if type_ == "decimal":
        return _decimal(text, sizes)
    if type_ in LENGTHS and found["sizes"]:
        return _sized(text, type_, sizes)
    losses = []
    if type_ == "integer" and (signed in WIDE or _SIGNS.search(f"{word} {rest}")):
        losses = [f"{text} is an integer from {LOWEST_INTEGER} to {HIGHEST_INTEGER}"]
    return Typed({"type": type_}, tuple(losses))


def with_default(keys: Mapping[str, Any], default: object) -> Typed:
    """The keys of a field and its default, if an ERD can say it."""
    kind = keys["type"]
    if kind in ("string", "text", "decimal") and isinstance(default, int | float):
        default = str(default).lower() if isinstance(default, bool) else str(default)
    if kind == "boolean" and default in (0, 1, "true", "false", "0", "1"):
        default = default in (1, "true", "1")
    whole = {"name": "named", **keys, "default": default}
    try:
        Field.model_validate(whole)
    except ValidationError:
        return Typed(keys, (f"the default {quoted(default)} is left out",))
    return Typed({**keys, "default": default})


def _sizes(text: str | None) -> list[int]:
    return [int(one) for one in re.findall(r"\d{1,9}", text or "")]


def _sized(text: str, type_: FieldType, sizes: list[int]) -> Typed:
    if len(sizes) == 1 and 1 <= sizes[0] <= LONGEST_TEXT:
        return Typed({"type": type_, "max_length": sizes[0]})
    return Typed({"type": "text"}, (f"{text} is text of any length",))


def _decimal(text: str, sizes: list[int]) -> Typed:
    digits, places = [*sizes, 0][:2] if sizes else (_DIGITS, _PLACES)
    fits = 1 <= digits <= MOST_DIGITS and places <= min(digits, MOST_PLACES)
    if not fits:
        digits, places = MOST_DIGITS, min(places, MOST_PLACES)
    keys = {"type": "decimal", "max_digits": digits, "decimal_places": places}
    if sizes and fits:
        return Typed(keys)
    return Typed(keys, (f"{text} has {digits} digits, {places} of them after the point",))
