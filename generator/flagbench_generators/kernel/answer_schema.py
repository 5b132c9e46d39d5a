"""Schemas of answers in JSON, as providers take them for structured output."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import BaseModel

from flagbench_generators.kernel.flags import Factor

# No flag of every generator: the tokens of a schema are known only as a provider reports them.
SCHEMA = Factor(
    "schema", "ENABLE_ANSWER_SCHEMA", ("false", "true"), "JSON is requested by its schema.", "true"
)

JSON_SCHEMA = "json_schema"
JSON_OBJECT = "json_object"

# What the schema of a pydantic model has besides the form of its answers: OpenAI refuses defaults,
# and the prompt describes the fields.
_DROPPED = frozenset({"default", "description", "title"})


def by_schema(flags: Mapping[str, str]) -> bool:
    """True if JSON is requested by its schema; the plain way where nothing is said."""
    return flags.get(SCHEMA.env) == "true"


@cache  # pydantic takes a millisecond for each
def json_schema(model: type[BaseModel], words: int = 0) -> dict[str, Any]:
    """`response_format` of answers that are a model, in OpenAI's strict subset of JSON Schema.

    A list may have as many items as the prompt has words, or more if its own bound is greater:
    no prompt asks for more.
    """
    schema = {"name": model.__name__.strip("_"), "strict": True, "schema": _strict(
        model.model_json_schema(), words
    )}  # fmt: skip
    return {"type": JSON_SCHEMA, JSON_SCHEMA: schema}


def _strict(schema: Mapping[str, Any], words: int) -> dict[str, Any]:
    """Without defaults, so that every property is required, and without further properties."""
    kept = {
        name: _value(name, value, words) for name, value in schema.items() if name not in _DROPPED
    }
    if "properties" in kept:
        kept |= {"required": list(kept["properties"]), "additionalProperties": False}
    return kept


def _value(keyword: str, value: Any, words: int) -> Any:
    if keyword == "maxItems":
        return max(value, words)
    if keyword in {"properties", "$defs"}:
        return {name: _strict(schema, words) for name, schema in value.items()}
    if isinstance(value, Mapping):
        return _strict(value, words)
    if isinstance(value, list):
        return [_strict(item, words) if isinstance(item, Mapping) else item for item in value]
    return value
