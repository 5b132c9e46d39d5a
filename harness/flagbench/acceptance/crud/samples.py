"""Values for checks: what a user might enter, other for every attribute and row."""

from collections.abc import Mapping
from typing import Any

from flagbench.scenario.specification import Attribute, Entity

# What no attribute of the type may take. A string takes any text, so it is given an object.
WRONG: Mapping[str, Any] = {
    "string": {"not": "a text"},
    "text": {"not": "a text"},
    "email": {"not": "a text"},
    "integer": "not a number",
    "number": "not a number",
    "boolean": "not a boolean",
    "date": "not a date",
    "datetime": "not a date",
}


def value(attribute: Attribute, place: int, row: int) -> Any:
    """A value as JSON has it. `place` is the attribute's, from 0; `row` counts from 1."""
    number = (place + row) % 7 + 1  # small, so that most rules take it
    day = f"20{10 + row:02}-{place % 12 + 1:02}-{(place + row) % 28 + 1:02}"
    made: dict[str, Any] = {
        "string": f"{attribute.words} {row}",
        "text": f"{attribute.words} {row}, in a few more words",
        "email": f"{attribute.name}{row}@example.org",
        "integer": number,
        "number": number + 0.5,
        "boolean": number % 2 == 1,
        "date": day,
        "datetime": f"{day}T09:30:00",
    }
    return made[attribute.type]


def body(entity: Entity, row: int, *, optional: bool = True) -> dict[str, Any]:
    """A valid body: every attribute, or only the required ones; no relations."""
    return {
        one.name: entity.examples[one.name][row % len(entity.examples[one.name])]
        if one.name in entity.examples
        else value(one, place, row)
        for place, one in enumerate(entity.values)
        if optional or one.required
    }
