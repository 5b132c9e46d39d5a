"""YAML format of cassettes: vcrpy's structure, made readable for the review of a diff.

vcrpy writes a JSON body as one long string. Here it is YAML, and prompts and answers are literal
blocks. A run of lines that repeats (a standard that opens every prompt, an earlier file) is written
once, under `texts`, and referred to by an alias: a text in pieces is `joined: [...]`. A body that
is not UTF-8 is `!!binary`. vcrpy's own loader reads the YAML, and vcrpy accepts this serializer by
`register_serializer`.
"""

import json
import math
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import yaml

from flagbench.cassette.repeats import SHARED_FROM_CHARACTERS, Piece, Pieces, divide
from flagbench.cassette.yaml_loader import JOINED, TEXTS, load
from flagbench.headers import CHUNKS

# libyaml escapes characters beyond the Basic Multilingual Plane, and a text with an emoji would not
# be a literal block. They are replaced by unused private-use characters while it writes.
_FIRST_ASTRAL = "\U00010000"
_PRIVATE = range(0xE000, 0xF900)

# Joins emoji into one, such as a family; invisible by itself.
_JOINER = "\u200d"


# A shorter object or list is cheaper to repeat than to refer to.
_SHARED_FROM_SIZE = 12

# A shorter piece does not need a block of lines.
_SHORT_PIECE = 40


class _Object(dict[str, Any]):
    """An object to write once; equal ones are the same."""


class _List(list[Any]):
    """A list to write once; equal ones are the same."""


class _Text(dict[str, Pieces]):
    """A text in pieces."""


class _Dumper(yaml.CSafeDumper):
    """YAML dumper that writes lines as literal blocks, and once what is the same object."""

    def ignore_aliases(self, data: object) -> bool:
        if isinstance(data, str):
            return len(data) < SHARED_FROM_CHARACTERS
        return not isinstance(data, (_Object, _List, _Text, Pieces))


def _represent_text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    style = "|" if "\n" in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represent_pieces(dumper: _Dumper, pieces: Pieces) -> yaml.SequenceNode:
    flow_style = _fits_a_line(dumper, pieces)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", pieces, flow_style=flow_style)


def _represent_joined(dumper: _Dumper, text: _Text) -> yaml.MappingNode:
    flow_style = _fits_a_line(dumper, text[JOINED])
    return dumper.represent_mapping("tag:yaml.org,2002:map", text, flow_style=flow_style)


def _fits_a_line(dumper: _Dumper, pieces: Pieces) -> bool:
    """True if every piece is written as an alias, or is a few characters between two."""
    written = dumper.represented_objects
    return all(id(piece) in written or len(piece) <= _SHORT_PIECE for piece in pieces)


_Dumper.add_representer(str, _represent_text)
_Dumper.add_representer(Pieces, _represent_pieces)
_Dumper.add_representer(_Text, _represent_joined)
_Dumper.add_representer(_Object, yaml.CSafeDumper.represent_dict)
_Dumper.add_representer(_List, yaml.CSafeDumper.represent_list)


def serialize(cassette: dict[str, Any]) -> str:
    """Format a cassette, in the structure that vcrpy passes to a serializer, as YAML."""
    document = {
        "version": cassette["version"],
        "metadata": cassette.get("metadata", {}),
        "interactions": [
            {
                "request": {
                    **interaction["request"],
                    "body": _decoded(interaction["request"]["body"]),
                },
                "response": {
                    **interaction["response"],
                    "body": {"string": _answer_body(interaction["response"])},
                },
            }
            for interaction in cassette["interactions"]
        ],
    }
    replacements = _replacements(document)
    if replacements:
        document = _translated(document, str.maketrans(replacements))
    shared, pieces = divide(list(_bodies(document)))
    document = {
        "version": document["version"],
        "metadata": document["metadata"],
        **({TEXTS: shared} if shared else {}),
        "interactions": _Interning(pieces, shared).of(document["interactions"])[0],
    }
    written = yaml.dump(
        document,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=100,
        default_flow_style=None,
    )
    originals = {ord(private): astral for astral, private in replacements.items()}
    return written.translate(originals) if originals else written


def deserialize(text: str) -> dict[str, Any]:
    """Parse a cassette to the structure that vcrpy expects, with bodies as strings or bytes.

    Raises `yaml.YAMLError`, also for aliases that expand to more than a cassette holds.
    """
    document: dict[str, Any] = load(text)
    for interaction in document["interactions"]:
        request, response = interaction["request"], interaction["response"]
        request["body"] = _encoded(request["body"])
        response["body"]["string"] = _encoded(response["body"]["string"])
    return document


def _answer_body(response: Mapping[str, Any]) -> Any:
    """The body of an answer; that of a stream byte for byte, since its chunks count bytes."""
    body = response["body"]["string"]
    return _as_text(body) if CHUNKS in response["headers"] else _decoded(body)


def _as_text(body: str | bytes | None) -> str | bytes | None:
    try:
        return body.decode() if isinstance(body, bytes) else body
    except UnicodeDecodeError:
        return body


def as_read_back(body: bytes) -> bytes:
    """The body that a cassette with this one gives: an object in JSON loses its blanks."""
    read: bytes | str = _encoded(_decoded(body))
    return read.encode() if isinstance(read, str) else read


def _decoded(body: str | bytes | None) -> Any:
    """Parse a JSON object; keep as text or bytes what YAML cannot represent exactly."""
    text = _as_text(body)
    if isinstance(text, bytes):
        return text
    try:
        decoded = json.loads(text or "", parse_float=_exact, parse_constant=_exact)
    except (ValueError, RecursionError):
        return text
    if not isinstance(decoded, dict) or _is_ambiguous(decoded):
        return text
    written = json.dumps(decoded, ensure_ascii=False)
    if written.isprintable() or all(map(_is_visible, set(written))):
        return decoded
    return json.dumps(decoded, ensure_ascii=True)


def _exact(number: str) -> float:
    """A number that is written back digit by digit. Raises `ValueError` for any other."""
    if repr(float(number)) != number or not math.isfinite(float(number)):
        raise ValueError(number)
    return float(number)


def _is_ambiguous(value: object) -> bool:
    """True if a value has an object that would be read as a text in pieces."""
    if isinstance(value, dict):
        return value.keys() == {JOINED} or any(map(_is_ambiguous, value.values()))
    return isinstance(value, list) and any(map(_is_ambiguous, value))


def _is_visible(character: str) -> bool:
    """True for a character that editors show, also for emoji that this Python does not know."""
    is_new = character >= _FIRST_ASTRAL and unicodedata.category(character) == "Cn"
    return character.isprintable() or character == _JOINER or is_new


def _encoded(body: Any) -> Any:
    if isinstance(body, dict):
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))
    return body


def _bodies(document: Mapping[str, Any]) -> Iterator[str]:
    """Every text in the bodies, in the order of the file."""
    for interaction in document["interactions"]:
        yield from _texts(interaction["request"]["body"], with_keys=False)
        yield from _texts(interaction["response"]["body"], with_keys=False)


class _Interning:
    """Replacement of equal values by one object, and of texts by their pieces."""

    def __init__(self, pieces: Mapping[str, Piece], shared: Iterable[Piece]) -> None:
        self._pieces = pieces
        self._shared = set(map(id, shared))
        self._known: dict[object, tuple[Any, int]] = {}

    def of(self, value: Any) -> tuple[Any, int]:
        """The one object that is equal to a value, and its size, about its characters as YAML."""
        if isinstance(value, dict):
            items = {name: self.of(item) for name, item in value.items()}
            size = sum(len(name) + 2 + size for name, (_, size) in items.items())
            kind = _Object if size >= _SHARED_FROM_SIZE else dict
            key: object = tuple((name, id(item)) for name, (item, _) in items.items())
            return self._once(dict, key, kind((n, item) for n, (item, _) in items.items()), size)
        if isinstance(value, list):
            rows = [self.of(item) for item in value]
            size = sum(size + 2 for _, size in rows)
            listed = _List if size >= _SHARED_FROM_SIZE else list
            key = tuple(id(item) for item, _ in rows)
            return self._once(list, key, listed(item for item, _ in rows), size)
        if isinstance(value, str):
            piece = self._pieces.get(value, value)
            if isinstance(piece, Pieces):
                row = Pieces([(piece, True)]) if id(piece) in self._shared else piece
                return self._once(Pieces, value, _Text({JOINED: row}), len(value))
            return self._once(str, value, piece, len(value))
        return self._once(type(value), repr(value), value, len(repr(value)))

    def _once(self, kind: type, key: object, value: Any, size: int) -> tuple[Any, int]:
        return self._known.setdefault((kind, key), (value, size))


def _replacements(document: object) -> dict[str, str]:
    """Map each astral character to a private-use one that the document lacks.

    There are 6,400 of these; in a document that needs more, the last characters are escaped.
    """
    used = set[str]().union(*set(_texts(document)))
    astral = sorted(character for character in used if character >= _FIRST_ASTRAL)
    return dict(zip(astral, sorted(set(map(chr, _PRIVATE)) - used), strict=False))


def _texts(value: object, *, with_keys: bool = True) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, item in value.items():
            if with_keys:
                yield name
            yield from _texts(item, with_keys=with_keys)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item, with_keys=with_keys)


def _translated(value: Any, table: Mapping[int, str]) -> Any:
    """Translate every text of a value."""
    if isinstance(value, str):
        return value.translate(table)
    if isinstance(value, dict):
        return {_translated(name, table): _translated(item, table) for name, item in value.items()}
    if isinstance(value, list):
        return [_translated(item, table) for item in value]
    return value
