"""YAML format of cassettes: vcrpy's structure, made readable for the review of a diff.

vcrpy writes a JSON body as one long string. Here it is YAML, prompts and answers are literal
blocks, and a repeated text (a standard that opens every prompt) is written once and referred to by
an alias. vcrpy accepts such a serializer by `register_serializer`.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

# libyaml escapes characters beyond the Basic Multilingual Plane, and a text with an emoji would not
# be a literal block. They are replaced by unused private-use characters while it writes.
_FIRST_ASTRAL = "\U00010000"
_PRIVATE = range(0xE000, 0xF900)

# Joins emoji into one, such as a family; invisible by itself.
_JOINER = "\u200d"

# Shorter texts are cheaper to repeat than to refer to.
_SHARED_FROM_CHARACTERS = 200


class _Dumper(yaml.CSafeDumper):
    """YAML dumper that writes lines as literal blocks and long texts once."""

    def ignore_aliases(self, data: object) -> bool:
        return not (isinstance(data, str) and len(data) >= _SHARED_FROM_CHARACTERS)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def serialize(cassette: dict[str, Any]) -> str:
    """Format a cassette, in the structure that vcrpy passes to a serializer, as YAML."""
    seen: dict[str, str] = {}
    document = {
        "version": cassette["version"],
        "metadata": cassette.get("metadata", {}),
        "interactions": [
            {
                "request": {
                    **interaction["request"],
                    "body": _shared(_decoded(interaction["request"]["body"]), seen),
                },
                "response": {
                    **interaction["response"],
                    "body": {
                        "string": _shared(_decoded(interaction["response"]["body"]["string"]), seen)
                    },
                },
            }
            for interaction in cassette["interactions"]
        ],
    }
    replacements = _replacements(document)
    if replacements:
        document = _translated(document, str.maketrans(replacements), {})
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    originals = {ord(private): astral for astral, private in replacements.items()}
    return text.translate(originals) if originals else text


def deserialize(text: str) -> dict[str, Any]:
    """Parse a cassette to the structure that vcrpy expects, with bodies as strings."""
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    for interaction in document["interactions"]:
        request, response = interaction["request"], interaction["response"]
        request["body"] = _encoded(request["body"])
        response["body"]["string"] = _encoded(response["body"]["string"])
    return document


def _decoded(body: str | bytes | None) -> Any:
    """Parse a JSON object; keep as text what YAML cannot represent exactly."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "surrogateescape")
    try:
        decoded = json.loads(body or "")
    except ValueError:
        return body
    if not isinstance(decoded, dict):
        return body
    text = json.dumps(decoded, ensure_ascii=False)
    if text.isprintable() or all(map(_is_visible, set(text))):
        return decoded
    return json.dumps(decoded, ensure_ascii=True)


def _is_visible(character: str) -> bool:
    """True for a character that editors show, also for emoji that this Python does not know."""
    is_new = character >= _FIRST_ASTRAL and unicodedata.category(character) == "Cn"
    return character.isprintable() or character == _JOINER or is_new


def _encoded(body: Any) -> Any:
    if isinstance(body, dict):
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return body


def _shared(value: Any, seen: dict[str, str]) -> Any:
    """Replace equal texts by one object, which the dumper writes once."""
    if isinstance(value, str):
        return seen.setdefault(value, value)
    if isinstance(value, dict):
        return {name: _shared(item, seen) for name, item in value.items()}
    if isinstance(value, list):
        return [_shared(item, seen) for item in value]
    return value


def _replacements(document: object) -> dict[str, str]:
    """Map each astral character to a private-use one that the document lacks.

    There are 6,400 of these; in a document that needs more, the last characters are escaped.
    """
    used = set[str]().union(*set(_texts(document)))
    astral = sorted(character for character in used if character >= _FIRST_ASTRAL)
    return dict(zip(astral, sorted(set(map(chr, _PRIVATE)) - used), strict=False))


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _texts(name)
            yield from _texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)


def _translated(value: Any, table: Mapping[int, str], memo: dict[str, str]) -> Any:
    """Translate every text of a value; a shared text stays shared."""
    if isinstance(value, str):
        if value not in memo:
            memo[value] = value.translate(table)
        return memo[value]
    if isinstance(value, dict):
        return {
            _translated(name, table, memo): _translated(item, table, memo)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [_translated(item, table, memo) for item in value]
    return value
