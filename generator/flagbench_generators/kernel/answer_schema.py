"""Schemas of answers in JSON, as providers take them for structured output."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from flagbench_generators.kernel.flags import flag

JSON_SCHEMA = "json_schema"
JSON_OBJECT = "json_object"

# What the schema of a pydantic model has besides the form of its answers: OpenAI refuses defaults,
# and the prompt describes the fields.
_DROPPED = frozenset({"default", "description", "title"})


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerFlags:
    """The flag of structured output.

    It is not one of every generator: a schema's tokens are known only as a provider reports them.
    """

    schema: bool = flag("ENABLE_ANSWER_SCHEMA", "JSON is requested by its schema.", default=False)


def json_schema(model: type[BaseModel], prompt: str) -> dict[str, Any]:
    """`response_format` of answers that are a model, in OpenAI's strict subset of JSON Schema.

    The bound of a list grows with the prompt: an item that it names takes two characters or more,
    in any language.
    """
    strict = _strict(_schema_of(model), len(prompt) // 2)
    schema = {"name": model.__name__, "strict": True, "schema": strict}
    return {"type": JSON_SCHEMA, JSON_SCHEMA: schema}


@cache  # pydantic takes a millisecond for each
def _schema_of(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema()


def _strict(schema: Mapping[str, Any], items: int) -> dict[str, Any]:
    """Without defaults, so that every property is required, and without further properties.

    A list that is bounded may have `items` at least.
    """
    kept = {
        name: _value(name, value, items) for name, value in schema.items() if name not in _DROPPED
    }
    if "properties" in kept:
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept


def _value(keyword: str, value: Any, items: int) -> Any:
    if keyword == "maxItems":
        return max(value, items)
    if keyword in {"properties", "$defs"}:
        return {name: _strict(schema, items) for name, schema in value.items()}
    if isinstance(value, Mapping):
        return _strict(value, items)
    if isinstance(value, list):
        return [_strict(item, items) if isinstance(item, Mapping) else item for item in value]
    return value
