"""Tool definitions: the formula of the OpenAI cookbook, "How to count tokens with tiktoken".

The cookbook has properties of one level, each with a type, a description and perhaps an enum.
Deeper schemas are counted by the same formula at every level.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from flagbench.cassette.usage.tally import Tally, mapping, mappings

_FUNCTION, _FUNCTION_CL100K, _FUNCTIONS_END = 7, 10, 12
_PROPERTIES, _PROPERTY, _ENUM, _ENUM_ITEM = 3, 3, -3, 3
_BRANCHES = ("anyOf", "oneOf", "allOf")


def count_tools(request: Mapping[str, Any], tally: Tally) -> None:
    """Add the `tools` of a request, or its `functions` in the older form."""
    functions = mappings(request.get("functions"), "functions", tally)
    for tool in mappings(request.get("tools"), "tools", tally):
        if tool.get("type", "function") == "function":
            functions.append(mapping(tool.get("function")) or tool)
        else:
            tally.cannot_count(f"a tool of type {tool.get('type')!r}")
    if functions:
        _count_functions(functions, tally)


def count_schema_of_answer(format_: object, tally: Tally) -> None:
    """Note a schema that the answer must follow: the provider adds it by no published formula."""
    if mapping(format_).get("type") == "json_schema":
        tally.cannot_count("a schema of the answer")


def _count_functions(functions: Iterable[Mapping[str, Any]], tally: Tally) -> None:
    for function in functions:
        tally.add(_FUNCTION_CL100K if tally.is_cl100k else _FUNCTION)
        tally.text(f"{function.get('name', '')}:{_sentence(function.get('description'))}")
        _count_properties(mapping(function.get("parameters")), tally)
    tally.add(_FUNCTIONS_END)


def _count_properties(schema: Mapping[str, Any], tally: Tally) -> None:
    properties = mapping(schema.get("properties"))
    if properties:
        tally.add(_PROPERTIES)
    for name, property_ in properties.items():
        _count_property(name, mapping(property_), tally)
    for definition in mapping(schema.get("$defs")).values():
        _count_properties(mapping(definition), tally)
    for branch in _branches(schema):
        if branch:
            _count_properties(branch, tally)


def _count_property(name: str, schema: Mapping[str, Any], tally: Tally) -> None:
    tally.add(_PROPERTY)
    if "enum" in schema:
        tally.add(_ENUM)
        items = schema["enum"] if isinstance(schema["enum"], list) else []
        tally.add(_ENUM_ITEM * len(items))
        tally.texts(map(str, items))
    kind = schema.get("type", "")
    kind = "|".join(map(str, kind)) if isinstance(kind, list) else kind
    tally.text(f"{name}:{kind}:{_sentence(schema.get('description'))}")
    _count_properties(schema, tally)


def _branches(schema: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    yield mapping(schema.get("items"))
    for keyword in _BRANCHES:
        listed = schema.get(keyword)
        yield from map(mapping, listed if isinstance(listed, list) else [])


def _sentence(description: object) -> str:
    """A description without its full stop, as the cookbook counts it."""
    return str(description or "").removesuffix(".")
