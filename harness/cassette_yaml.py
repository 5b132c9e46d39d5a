"""How a cassette looks on disk: vcrpy's structure, written for people who review a diff.

vcrpy keeps a JSON body as one long string. Here it stands as YAML, prompts and answers as blocks of
lines, and a text that comes again (a standard that opens every prompt) stands once and is referred
to after that. vcrpy takes such a serializer by `register_serializer`.
"""

import json
from typing import Any

import yaml

# Shorter texts are cheaper to repeat than to refer to.
_SHARED_FROM_CHARACTERS = 200


class _Dumper(yaml.CSafeDumper):
    """Writes lines as blocks and shares long texts."""

    def ignore_aliases(self, data: object) -> bool:
        return not (isinstance(data, str) and len(data) >= _SHARED_FROM_CHARACTERS)


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent_text)


def serialize(cassette: dict[str, Any]) -> str:
    """The text of a cassette; `cassette` is what vcrpy hands to any serializer."""
    seen: dict[str, str] = {}
    document = {
        "version": cassette["version"],
        "metadata": cassette.get("metadata", {}),
        "interactions": [
            {
                "request": {
                    **one["request"],
                    "body": _shared(_opened(one["request"]["body"]), seen),
                },
                "response": {
                    **one["response"],
                    "body": {"string": _shared(_opened(one["response"]["body"]["string"]), seen)},
                },
            }
            for one in cassette["interactions"]
        ],
    }
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)


def deserialize(text: str) -> dict[str, Any]:
    """What vcrpy expects from a serializer: bodies are strings again."""
    document: dict[str, Any] = yaml.load(text, Loader=yaml.CSafeLoader)
    for one in document["interactions"]:
        one["request"]["body"] = _closed(one["request"]["body"])
        one["response"]["body"]["string"] = _closed(one["response"]["body"]["string"])
    return document


def _opened(body: str | bytes | None) -> Any:
    """JSON objects become structures; what YAML cannot hold exactly stays the text it was."""
    if isinstance(body, bytes):
        body = body.decode("utf-8", "surrogateescape")
    try:
        opened = json.loads(body or "")
    except ValueError:
        return body
    if not isinstance(opened, dict) or not json.dumps(opened, ensure_ascii=False).isprintable():
        return _ascii(body) if isinstance(opened, dict) else body
    return opened


def _ascii(body: str | None) -> str:
    return json.dumps(json.loads(body or ""), ensure_ascii=True)


def _closed(body: Any) -> Any:
    if isinstance(body, dict):
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return body


def _shared(value: Any, seen: dict[str, str]) -> Any:
    """The same value with equal long texts being one object, which is what YAML can refer to."""
    if isinstance(value, str):
        return seen.setdefault(value, value)
    if isinstance(value, dict):
        return {name: _shared(one, seen) for name, one in value.items()}
    if isinstance(value, list):
        return [_shared(one, seen) for one in value]
    return value
