"""Bounded loading of a cassette's YAML: pieces are joined, and aliases cannot grow without end."""

from typing import Any

import yaml

# The keys of the shared pieces, and of a text in pieces.
TEXTS = "texts"
JOINED = "joined"

_TEXT = "tag:yaml.org,2002:str"

# A cassette has ten or so; libyaml calls itself for each, until the process has no stack left.
_DEEPEST = 100


class _Loader(yaml.CSafeLoader):
    """Safe loader without merge keys, which copy what they refer to.

    It looks at each plain scalar once: a cassette repeats the same few keys and values.
    """

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._tags: dict[str, str] = {}
        self._depth = 0

    def descend_resolver(self, _parent: yaml.Node | None, _index: Any) -> None:
        """Count the depth, in place of looking at paths, of which there are none."""
        self._depth += 1
        if self._depth > _DEEPEST:
            raise _TooDeep

    def ascend_resolver(self) -> None:
        """Leave a value."""
        self._depth -= 1

    def resolve(self, kind: type[yaml.Node], value: str | None, implicit: Any) -> str:
        """The tag of a node without one."""
        if kind is not yaml.ScalarNode or value is None:
            return str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
        if not implicit[0]:
            return _TEXT
        tag = self._tags.get(value)
        if tag is None:
            tag = str(super().resolve(kind, value, implicit))  # type: ignore[no-untyped-call]
            self._tags[value] = tag
        return tag

    def flatten_mapping(self, node: yaml.MappingNode) -> None:
        """Leave a merge key alone: it has no constructor and is refused with its line."""


class _TooDeep(Exception):  # noqa: N818  turned into a YAML error with its line
    """A document with values in values in values."""


class _TooLarge(Exception):  # noqa: N818  turned into a YAML error with its line
    """A document whose aliases expand to more than its limit."""


def load(text: str) -> Any:
    """Parse YAML and join texts in pieces. Raises `yaml.YAMLError`, also for an alias bomb."""
    try:
        document = yaml.load(text, Loader=_Loader)  # noqa: S506  a safe loader
    except _TooDeep:
        what = f"values in values, more than {_DEEPEST} deep"
        raise yaml.composer.ComposerError(None, None, what, _mark_of_depth(text)) from None
    if isinstance(document, dict):
        document.pop(TEXTS, None)
    most = _most_characters(text)
    try:
        return _Expansion(most).of(document)
    except (_TooLarge, RecursionError):
        mark, what = _mark_of_bomb(text, most), "aliases that expand without end"
        raise yaml.composer.ComposerError(None, None, what, mark) from None


def _most_characters(text: str) -> int:
    """The characters that a document may expand to: many times those of any real cassette."""
    return (16 << 20) + 200 * len(text)


class _Expansion:
    """Joining of texts in pieces. Every alias counts in full, and is expanded once."""

    def __init__(self, most_characters: int) -> None:
        self._left = most_characters
        self._known: dict[int, tuple[Any, int]] = {}

    def of(self, value: Any) -> Any:
        """The value with joined texts. Raises `_TooLarge`."""
        if isinstance(value, str):
            self._left -= len(value)
            return value
        if not isinstance(value, (dict, list)):
            return value
        known = self._known.get(id(value))
        if known is not None:
            self._left -= known[1]
            self._check()
            return known[0]
        before = self._left
        self._left -= len(value)
        self._check()
        if isinstance(value, list):
            result: Any = [self.of(item) for item in value]
        elif len(value) == 1 and isinstance(value.get(JOINED), list):
            result = self._joined(value[JOINED])
        else:
            result = {name: self.of(item) for name, item in value.items()}
        self._known[id(value)] = result, before - self._left
        return result

    def _joined(self, pieces: list[Any]) -> str:
        parts = [piece if isinstance(piece, str) else self._run(piece) for piece in pieces]
        self._left -= sum(map(len, parts))
        self._check()
        return "".join(parts)

    def _run(self, pieces: Any) -> str:
        """The text of a run of pieces, which is joined once."""
        if not isinstance(pieces, list):
            raise TypeError(f"a piece of a text is a {type(pieces).__name__}")
        known = self._known.get(id(pieces))
        if known is None:
            known = self._joined(pieces), 0
            self._known[id(pieces)] = known
        return str(known[0])

    def _check(self) -> None:
        if self._left < 0:
            raise _TooLarge


def _mark_of_depth(text: str) -> Any:
    """The place of the first value that is too deep."""
    depth = 1
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if depth > _DEEPEST and not isinstance(event, yaml.CollectionEndEvent):
            return event.start_mark
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
    return None


def _mark_of_bomb(text: str, most: int) -> Any:
    """The place of the alias with which a document becomes too large, or of the first cycle."""
    sizes: dict[str, int] = {}
    opened: list[tuple[str | None, int]] = []
    size = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.ScalarEvent):
            size += len(event.value) + 1
            if event.anchor:
                sizes[event.anchor] = len(event.value) + 1
        elif isinstance(event, yaml.AliasEvent):
            size += sizes.get(event.anchor or "", most)
            if size >= most:
                return event.start_mark
        elif isinstance(event, yaml.CollectionStartEvent):
            opened.append((event.anchor, size))
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = opened.pop()
            if anchor:
                sizes[anchor] = size - before + 1
    return None
