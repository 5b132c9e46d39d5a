"""Rules of the JSON Schema: dependencies between options, and optional keys."""

from typing import Any

from pydantic.config import JsonDict, JsonValue

from flagbench_generators.django_rest.erd.values import MAX_LENGTHS, TYPES, WITH_CHOICES


def add_field_rules(schema: JsonDict) -> None:
    """Add the options that each type allows or requires."""
    others: list[JsonValue] = [*sorted(set(TYPES) - set(WITH_CHOICES))]
    with_length: list[JsonValue] = [*sorted(MAX_LENGTHS)]
    kinds_of_choices: list[JsonValue] = [
        {
            "if": _where(type={"const": type_}),
            "then": {"properties": {"choices": {"items": {"type": type_}}}},
        }
        for type_ in map(str, WITH_CHOICES)
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


def add_relation_rules(schema: JsonDict) -> None:
    """Add the options that each kind allows or requires."""
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


def drop_null_option(schema: JsonDict) -> None:
    """Remove null from the schema of an optional key: None means that the key is omitted."""
    schema.pop("default", None)
    options: Any = schema.pop("anyOf", [])
    kinds = [option for option in options if option.get("type") != "null"]
    if len(kinds) == 1:
        schema.update(kinds[0])
    elif kinds:
        schema["type"] = [option["type"] for option in kinds]


def require_items(schema: JsonDict) -> None:
    """Require distinct elements, and no default: the list is omitted or not empty."""
    schema.pop("default", None)
    schema["uniqueItems"] = True


def _where(**conditions: JsonDict) -> JsonDict:
    return {"properties": {**conditions}, "required": [*conditions]}
