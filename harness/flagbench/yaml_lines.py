"""YAML with the line of every key, so that an error can name it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from flagbench.errors import InputError, Place, Problem


@dataclass(frozen=True, slots=True)
class Lines:
    """A YAML file and the line (from 1) of every place in it."""

    path: Path
    numbers: Mapping[Place, int]

    def line(self, place: Place) -> int:
        """The line of a place, or of the innermost enclosing place that exists."""
        while place not in self.numbers and place:
            place = place[:-1]
        return self.numbers.get(place, 1)

    def where(self, place: Place) -> str:
        """A place as `file:line`."""
        return f"{self.path}:{self.line(place)}"


class Problems:
    """Collector of the problems of a YAML file, to be raised together."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._problems: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._problems)

    def add(self, place: Place, what: str, expected: str = "") -> None:
        """Add a problem at a place of the file."""
        self._problems.append(Problem(what, self._lines.where(place), expected))

    def error(self) -> InputError:
        """The error with all collected problems, by line."""
        return InputError(by_line(self._problems))


def by_line(problems: Iterable[Problem]) -> list[Problem]:
    """Sort the problems of one file by line, without duplicates."""
    return sorted(
        set(problems), key=lambda problem: (int(problem.where.rpartition(":")[2]), problem.what)
    )


def read(path: Path) -> tuple[Any, Lines]:
    """Read a YAML file: its document, and the line of every place in it.

    Raises `InputError` for a file that cannot be read, is not YAML, or has a duplicate key.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error
    try:
        document, lines, duplicates = _parse(text)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        what = f"not valid YAML: {error.problem}"
        raise InputError(Problem(what, where=f"{path}:{line}")) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise InputError(Problem(f"not valid YAML: {error}", where=f"{path}:1")) from error
    if document is None:
        raise InputError(Problem("the file is empty", where=str(path)))
    if duplicates:
        raise InputError(
            Problem(f"duplicate key {name!r}", where=f"{path}:{line}") for name, line in duplicates
        )
    return document, Lines(path, lines)


def _parse(text: str) -> tuple[Any, dict[Place, int], list[tuple[str, int]]]:
    """The document, the line of every place in it, and the duplicate keys with their lines."""
    loader = yaml.SafeLoader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, {}, []
        lines, duplicates = dict(_lines(node, ())), list(_duplicates(node))
        return loader.construct_document(node), lines, duplicates
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


def _duplicates(node: yaml.Node) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _duplicates(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _duplicates(value)
