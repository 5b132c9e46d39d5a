"""Sample values as a user might enter them, different for every attribute and row.

Texts differ by proof as well (`seed`), so that no code can have been written for them.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flagbench.scenario.specification import Attribute, Entity

# Rows whose texts have quotes and a letter that is not ASCII, as names do: that which is created
# first, and that which another one is changed to.
_QUOTED = (1, 3)
# Careless code takes 0 for none. All numbers of one row are 0, and in another one the first integer
# alone, so that values in the wrong columns show.
_ZEROS, _ZERO = 4, 1
# A text has no limit, not even that of a string elsewhere (255).
_LONG = ", and more" * 30
# Values that are invalid for the type. Any text is a valid string, hence an object.
INVALID: Mapping[str, Sequence[Any]] = {
    "string": [{"not": "a text"}],
    "text": [{"not": "a text"}],
    "email": [{"not": "a text"}],
    "integer": ["not a number", 1.5],
    "number": ["not a number"],
    "boolean": ["not a boolean"],
    "date": ["not a date", "2023-02-30"],
    "datetime": ["not a date", "2023-02-30T09:30:00"],
}


def value(attribute: Attribute, place: int, row: int, seed: int = 0) -> Any:
    """Build a JSON value. `place` is the index of the attribute, from 0; `row` counts from 1."""
    label = seed + row
    text = f"{attribute.words} {label}"
    mark = " 'é\"" if row in _QUOTED else ""
    number = (place + row) % 7 + 1  # small, so that most rules accept it
    day = f"20{10 + row:02}-{place % 12 + 1:02}-{(place + row) % 28 + 1:02}"
    values: dict[str, Any] = {
        "string": f"{text}{mark}",
        "text": f"{text}, in a few more words{mark}{_LONG if row == 1 else ''}",
        "email": f"{attribute.name.capitalize()}{label}@example.org",
        "integer": number,
        "number": number + 0.25,
        "boolean": number % 2 == 1,
        "date": day,
        "datetime": f"{day}T09:30:00",
    }
    return values[attribute.type]


def body(entity: Entity, row: int, seed: int = 0, *, optional: bool = True) -> dict[str, Any]:
    """Build a valid body without relations: all attributes, or only the required ones."""
    return {
        attribute.name: _value_in(entity, attribute, place, row, seed)
        for place, attribute in enumerate(entity.values)
        if optional or attribute.required
    }


def _value_in(entity: Entity, attribute: Attribute, place: int, row: int, seed: int) -> Any:
    name = attribute.name
    if name in entity.examples:
        return entity.examples[name][row % len(entity.examples[name])]
    # A business rule may forbid it.
    is_free = not entity.rules and name not in entity.unique
    if is_free and row == _ZEROS and attribute.type in ("integer", "number"):
        return 0
    if is_free and row == _ZERO and attribute.type == "integer":
        first = next(other for other in entity.values if other.type == "integer")
        return 0 if attribute == first else value(attribute, place, row, seed)
    return value(attribute, place, row, seed)
