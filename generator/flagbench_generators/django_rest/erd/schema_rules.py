"""What a JSON Schema can say of how options hang together, and of keys that may be left out."""

from typing import Any

from pydantic.config import JsonDict, JsonValue

from flagbench_generators.django_rest.erd.values import LENGTHS, TYPES, WITH_CHOICES


def field_rules(schema: JsonDict) -> None:
    """Adds which options go with which types."""
    others: list[JsonValue] = [*sorted(set(TYPES) - set(WITH_CHOICES))]
    with_length: list[JsonValue] = [*sorted(LENGTHS)]
    kinds_of_choices: list[JsonValue] = [
        {
            "if": _where(type={"const": one}),
            "then": {"properties": {"choices": {"items": {"type": one}}}},
        }
        for one in map(str, WITH_CHOICES)
    ]
    schema["allOf"] = [
        {
            "if": _where(type={"const": "decimal"}),
            "then": {"required": ["max_digits", "decimal_places"]},
            "else": {"properties": {"max_digits": False, "decimal_places": False}},
        },
        {
            "if": _where(type={"enum": with_length}),
            "else": {"properties": {"max_length": False}},
        },
        *kinds_of_choices,
        {"if": _where(type={"enum": others}), "then": {"properties": {"choices": False}}},
        {
            "if": _where(type={"const": "boolean"}),
            "then": {"properties": {"unique": {"const": False}}},
        },
        {"if": _where(unique={"const": True}), "then": {"properties": {"default": False}}},
    ]


def relation_rules(schema: JsonDict) -> None:
    """Adds which options go with which kinds."""
    schema["allOf"] = [
        {
            "if": _where(kind={"const": "many_to_many"}),
            "then": {
                "properties": {"null": {"const": False}, "on_delete": {"const": "cascade"}},
            },
            "else": {"properties": {"through": False}},
        },
        {
            "if": _where(on_delete={"const": "set_null"}),
            "then": {"properties": {"null": {"const": True}}, "required": ["null"]},
        },
    ]


def may_be_left_out(schema: JsonDict) -> None:
    """None stands for a key that is left out; JSON has no other way to say it."""
    schema.pop("default", None)
    listed: Any = schema.pop("anyOf", [])
    kinds = [one for one in listed if one.get("type") != "null"]
    if len(kinds) == 1:
        schema.update(kinds[0])
    elif kinds:
        schema["type"] = [one["type"] for one in kinds]


def not_empty(schema: JsonDict) -> None:
    """A list that is left out or has something in it, everything once."""
    schema.pop("default", None)
    schema["uniqueItems"] = True


def _where(**conditions: JsonDict) -> JsonDict:
    return {"properties": {**conditions}, "required": [*conditions]}
