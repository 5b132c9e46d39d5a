"""YAML with the line of every key, so that an error can say where."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

from harness.errors import InputError, Problem

Place = tuple[str | int, ...]


def read(path: Path) -> tuple[Any, Mapping[Place, int]]:
    """The document of a YAML file and the line (from 1) of every place in it.

    Raises `InputError` for a file that cannot be read, is not YAML, or repeats a key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error
    try:
        document, lines, repeated = _parsed(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"not valid YAML: {error.problem}"
        raise InputError(Problem(what, where=f"{path}:{line}")) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise InputError(Problem(f"not valid YAML: {error}", where=f"{path}:1")) from error
    if document is None:
        raise InputError(Problem("the file is empty", where=str(path)))
    if repeated:
        raise InputError(
            Problem(f"key {name!r} stands twice", where=f"{path}:{line}") for name, line in repeated
        )
    return document, lines


def line_of(lines: Mapping[Place, int], place: Place) -> int:
    """The line of a place, or of the nearest place around it that exists."""
    while place not in lines and place:
        place = place[:-1]
    return lines.get(place, 1)


def _parsed(text: str) -> tuple[Any, dict[Place, int], list[tuple[str, int]]]:
    """The document, the line of every place in it, and the keys that stand twice."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}, []
        lines, repeated = dict(_lines(node, ())), list(_repeated(node))
        return loader.construct_document(node), lines, repeated
    finally:
        loader.dispose()


def _lines(node: yaml.Node, place: Place) -> Iterator[tuple[Place, int]]:
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            inner = (*place, key.value)
            yield from _lines(value, inner)
            yield inner, key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            yield from _lines(value, (*place, number))


def _repeated(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated(value)
