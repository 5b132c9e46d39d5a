"""Strict JSON: duplicate keys and numbers that JSON does not have are errors."""

import json
import math
from collections.abc import Iterator
from typing import Any, NoReturn

# Digits of a whole number that is surely in the range of a float, and digits that a message shows.
_SURELY_FINITE, _SHOWN = 300, 40

Pairs = list[tuple[str, Any]]


def parse(text: str) -> Any:
    """Parse a document.

    Raises `ValueError` for invalid JSON, a duplicate key (with its place), NaN, Infinity, a number
    beyond the range of a float, and brackets that are nested too deep.
    """
    objects: list[tuple[dict[str, Any], Pairs]] = []

    def unique(pairs: Pairs) -> dict[str, Any]:
        keys = dict(pairs)
        if len(keys) < len(pairs):
            objects.append((keys, pairs))
        return keys

    try:
        document = json.loads(
            text,
            object_pairs_hook=unique,
            parse_constant=_refuse,
            parse_float=_finite,
            parse_int=_whole,
        )
    except RecursionError as error:
        raise ValueError("brackets are nested too deep") from error
    if objects:
        keys, pairs = objects[0]
        names = [name for name, _ in pairs]
        name = next(name for name in names if names.count(name) > 1)
        place = next(_places(document, keys, ()), ())
        inside = f" in {'.'.join(place)}" if place else ""
        raise ValueError(f"duplicate key {name!r}{inside}")
    return document


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _finite(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        shown = digits if len(digits) < _SHOWN else f"{digits[:_SHOWN]}…"
        raise ValueError(f"{shown} is beyond the range of a float")
    return value


def _whole(digits: str) -> int:
    if len(digits) > _SURELY_FINITE:
        _finite(digits)
    return int(digits)


def _places(value: Any, wanted: Any, place: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The place of an object in a document, by identity."""
    if value is wanted:
        yield place
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield from _places(inner, wanted, (*place, name))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _places(inner, wanted, (*place, str(number)))
