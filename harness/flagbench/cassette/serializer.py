"""How a cassette looks on disk: vcrpy's structure, written for people who review a diff.

vcrpy keeps a JSON body as one long string. Here it stands as YAML, prompts and answers as blocks of
lines, and a text that comes again (a standard that opens every prompt) stands once and is referred
to after that. vcrpy takes such a serializer by `register_serializer`.
"""

import json
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

# libyaml escapes whatever is beyond the Basic Multilingual Plane, and a text with one emoji would
# be no block of lines. Such characters go through it as private ones that the cassette lacks.
_FIRST_ASTRAL = "\U00010000"
_PRIVATE = range(0xE000, 0xF900)

# Holds the emoji of a family together; no look of its own, but part of theirs.
_JOINER = "\u200d"

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
    private = _stand_ins(document)
    if private:
        document = _translated(document, str.maketrans(private), {})
    text = yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100)
    back = {ord(one): astral for astral, one in private.items()}
    return text.translate(back) if back else text


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
    if not isinstance(opened, dict):
        return body
    text = json.dumps(opened, ensure_ascii=False)
    if text.isprintable() or all(map(_is_shown, set(text))):
        return opened
    return json.dumps(opened, ensure_ascii=True)


def _is_shown(character: str) -> bool:
    """Whether an editor shows it. An emoji may be newer than the tables of this Python."""
    is_new = character >= _FIRST_ASTRAL and unicodedata.category(character) == "Cn"
    return character.isprintable() or character == _JOINER or is_new


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


def _stand_ins(document: object) -> dict[str, str]:
    """For each astral character a private one that is nowhere else.

    There are 6,400 of these; in a cassette that needs more, the last ones are escaped.
    """
    used = set[str]().union(*set(_texts(document)))
    astral = sorted(one for one in used if one >= _FIRST_ASTRAL)
    return dict(zip(astral, sorted(set(map(chr, _PRIVATE)) - used), strict=False))


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, one in value.items():
            yield from _texts(name)
            yield from _texts(one)
    elif isinstance(value, list):
        for one in value:
            yield from _texts(one)


def _translated(value: Any, table: Mapping[int, str], done: dict[str, str]) -> Any:
    """The same value with every text translated; texts that were one object stay one."""
    if isinstance(value, str):
        if value not in done:
            done[value] = value.translate(table)
        return done[value]
    if isinstance(value, dict):
        return {
            _translated(name, table, done): _translated(one, table, done)
            for name, one in value.items()
        }
    if isinstance(value, list):
        return [_translated(one, table, done) for one in value]
    return value
