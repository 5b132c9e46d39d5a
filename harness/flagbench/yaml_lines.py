"""YAML with the line of every key, so that an error can say where."""

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
        """The line of a place, or of the nearest place around it that exists."""
        while place not in self.numbers and place:
            place = place[:-1]
        return self.numbers.get(place, 1)

    def where(self, place: Place) -> str:
        """The same as `file:line`."""
        return f"{self.path}:{self.line(place)}"


class Problems:
    """Collector of what is wrong in one YAML file, to be raised together."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines
        self._problems: list[Problem] = []

    def __bool__(self) -> bool:
        return bool(self._problems)

    def add(self, place: Place, what: str, expected: str = "") -> None:
        """Note a problem at a place of the file."""
        self._problems.append(Problem(what, self._lines.where(place), expected))

    def error(self) -> InputError:
        """The error that names all of them."""
        return InputError(by_line(self._problems))


def by_line(problems: Iterable[Problem]) -> list[Problem]:
    """Problems of one file, each once, in the order of their lines."""
    return sorted(
        set(problems), key=lambda problem: (int(problem.where.rpartition(":")[2]), problem.what)
    )


def read(path: Path) -> tuple[Any, Lines]:
    """The document of a YAML file and the lines of what is in it.

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
    return document, Lines(path, lines)


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
