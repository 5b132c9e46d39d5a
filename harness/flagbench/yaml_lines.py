"""Strict YAML with the line of every key, so that an error can name it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from yaml.composer import Composer

from flagbench import text_file, yaml_scalars
from flagbench.errors import InputError, Place, Problem, split_expected

# Values of a document with its aliases followed; a scenario has some hundreds.
MAX_VALUES = 20_000
MAX_BYTES = 1 << 18
MAX_DEPTH = 100
_OPEN = -1  # the size of a node whose children are being counted

# What is expected where the words of an error of YAML do not say it.
_REMEDIES = {
    r"'\t'": "spaces in place of the tab",
    "mapping values are not allowed": "quotes around a text with `: `, keys one below the other",
    "but found another document": "one document, without a second ---",
}

_Wrong = tuple[int, str, str]
"""A line, what is wrong there, and what is expected."""


class WrongLines(ValueError):  # noqa: N818  it has all of them
    """A text with mistakes, each with its line, what is wrong there, and what is expected."""

    def __init__(self, wrong: Iterable[_Wrong]) -> None:
        self.wrong = tuple(wrong)
        super().__init__(
            "; ".join(
                f"line {line}: {what}" + (f"; expected: {expected}" if expected else "")
                for line, what, expected in self.wrong
            )
        )


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

    def add(self, place: Place, what: str, expected: str = "", fix: str = "") -> None:
        """Add a problem at a place of the file; `what` may say itself what is expected."""
        if not expected:
            what, expected = split_expected(what)
        self._problems.append(Problem(what, self._lines.where(place), expected, fix))

    def add_at(self, where: str, what: str, expected: str) -> None:
        """Add a problem of a file that this one names; `where` is `file:line`."""
        self._problems.append(Problem(what, where, expected))

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

    Raises `InputError` for a file that cannot be read, is not YAML, has a duplicate key, has a word
    or number that YAML 1.1 reads in its own way (see `flagbench.yaml_scalars`), or has more than
    `MAX_VALUES` values once its aliases are followed.
    """
    try:
        text = text_file.read(path, max_bytes=MAX_BYTES)
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(Problem(f"cannot be read: {error}", where=str(path))) from error
    try:
        document, lines, wrong = _parse(text)
    except yaml.MarkedYAMLError as error:
        line, what, expected = _mistake(error)
        raise InputError(Problem(what, f"{path}:{line}", expected)) from error
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise InputError(Problem(f"not valid YAML: {error}", where=f"{path}:1")) from error
    if document is None and not wrong:
        raise InputError(Problem("the file is empty", where=str(path)))
    if wrong:
        raise InputError(
            by_line(Problem(what, f"{path}:{line}", expected) for line, what, expected in wrong)
        )
    return document, Lines(path, lines)


def documents(text: str) -> list[tuple[Any, Mapping[Place, int]]]:
    """Parse the YAML documents of a text, but empty ones, each with the line of every place in it.

    Raises `WrongLines` for what `read` refuses.
    """
    loader = _ExplainingLoader(text)
    found: list[tuple[Any, Mapping[Place, int]]] = []
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is not None:
                document, lines, wrong = _constructed(loader, node)
                if wrong:
                    raise WrongLines(wrong)
                found += [(document, lines)] if document is not None else []
    except yaml.MarkedYAMLError as error:
        raise WrongLines([_mistake(error)]) from error
    except (yaml.YAMLError, TypeError, RecursionError) as error:
        raise WrongLines([(1, f"not valid YAML: {error}", "")]) from error
    finally:
        loader.dispose()
    return found


def _mistake(error: yaml.MarkedYAMLError) -> _Wrong:
    line = error.problem_mark.line + 1 if error.problem_mark else 1
    problem = str(error.problem)
    expected = next((remedy for words, remedy in _REMEDIES.items() if words in problem), "")
    return line, f"not valid YAML: {problem}", expected


def check_aliases(node: yaml.Node) -> None:
    """Raise `yaml.MarkedYAMLError` for a document that its aliases make endless or too large.

    Nine lists of nine aliases each are 10^9 values: whoever walks such a document never ends. The
    time of this check grows with the text alone.
    """
    sizes: dict[int, int] = {}

    def size(inner: yaml.Node) -> int:
        known = sizes.get(id(inner))
        if known == _OPEN:
            raise _too_large(inner, "it contains itself, by an alias")
        if known is None:
            sizes[id(inner)] = _OPEN
            known = sizes[id(inner)] = 1 + sum(map(size, _children(inner)))
            if known > MAX_VALUES:
                raise _too_large(inner, f"more than {MAX_VALUES:,} values, counting its aliases")
        return known

    size(node)


def _too_large(node: yaml.Node, problem: str) -> yaml.MarkedYAMLError:
    return yaml.MarkedYAMLError(problem=problem, problem_mark=node.start_mark)


def _children(node: yaml.Node) -> Iterator[yaml.Node]:
    if isinstance(node, yaml.MappingNode):
        yield from (part for pair in node.value for part in pair)
    elif isinstance(node, yaml.SequenceNode):
        yield from node.value


class _Bounded(Composer):
    """A composer that stops at a value too many or too deep, not when all of them are read."""

    _count = _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        self._count += 1
        self._depth += 1
        if self._count > MAX_VALUES or self._depth > MAX_DEPTH:
            problem = (
                f"more than {MAX_VALUES:,} values"
                if self._count > MAX_VALUES
                else f"values in values, more than {MAX_DEPTH} deep"
            )
            mark = self.peek_event().start_mark  # type: ignore[attr-defined]  # its parser has it
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=mark)
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


class _Loader(_Bounded, yaml.CSafeLoader):
    """The loader with the parser of libyaml, which is some twenty times as quick."""

    def __init__(self, text: str) -> None:
        yaml.CSafeLoader.__init__(self, text)
        Composer.__init__(self)


class _ExplainingLoader(_Bounded, yaml.SafeLoader):
    """The loader with the parser in Python, whose errors say more."""


def _parse(text: str) -> tuple[Any, dict[Place, int], list[_Wrong]]:
    """The document, the line of every place in it, and what is wrong in it."""
    try:
        return _parse_by(_Loader, text)
    except (yaml.YAMLError, UnicodeEncodeError):  # libyaml takes no half of an emoji
        return _parse_by(_ExplainingLoader, text)


def _parse_by(
    kind: type[_Loader | _ExplainingLoader], text: str
) -> tuple[Any, dict[Place, int], list[_Wrong]]:
    loader = kind(text)
    try:
        node = loader.get_single_node()
        return (None, {}, []) if node is None else _constructed(loader, node)
    finally:
        loader.dispose()


def _constructed(
    loader: _Loader | _ExplainingLoader, node: yaml.Node
) -> tuple[Any, dict[Place, int], list[_Wrong]]:
    check_aliases(node)
    wrong = [*_duplicates(node), *_ambiguous(node)]
    if wrong:
        return None, {}, wrong
    return loader.construct_document(node), dict(_lines(node, ())), []


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


def _duplicates(node: yaml.Node) -> Iterator[_Wrong]:
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, _ in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else None
            if name is not None and name in seen:
                yield key.start_mark.line + 1, f"duplicate key {name!r}", "each key once"
            seen.add(name)
    for inner in _children(node):
        yield from _duplicates(inner)


def _ambiguous(node: yaml.Node) -> Iterator[_Wrong]:
    if isinstance(node, yaml.ScalarNode):
        what, expected = yaml_scalars.ambiguity(node)
        if what:
            yield node.start_mark.line + 1, what, expected
    for inner in _children(node):
        yield from _ambiguous(inner)
