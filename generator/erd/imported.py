"""An ERD on its way from another notation: its parts by line, and what cannot be carried over."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from generator.erd.erd import Erd
from generator.erd.names import camel_case, field_case, singular
from generator.erd.problem import ErdErrors, Place, Problem, quoted
from generator.erd.read import check


@dataclass(frozen=True, slots=True, order=True)
class Loss:
    """Something of the source that the ERD says otherwise or not at all. Lines count from 1."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


@dataclass(frozen=True, slots=True)
class Imported:
    """An ERD from another notation, and what it could not carry over, by line."""

    erd: Erd
    warnings: tuple[Loss, ...]


@dataclass(frozen=True, slots=True)
class DraftEntity:
    """An entity as its keys of JSON, each part with its line."""

    name: str
    line: int
    fields: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    relations: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Draft:
    """An ERD that an importer is writing. What it cannot carry over it says in `losses`."""

    entities: list[DraftEntity] = field(default_factory=list)
    losses: list[Loss] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def lose(self, line: int, what: str) -> None:
        """Say what the ERD does not have, or has otherwise."""
        self.losses.append(Loss(line, what))

    def entity_named(self, source: str, line: int) -> str:
        """The name of an entity: CamelCase, singular, ASCII."""
        *first, last = source.replace("-", "_").replace(" ", "_").split("_")
        name = camel_case("_".join([*first, singular(last)]))
        if not name:
            self.problems.append(_nameless(source, line, "Customer"))
        return name or "Nameless"

    def field_named(self, source: str, line: int) -> str:
        """The name of a field or relation: snake_case, ASCII, no word of Python's or Django's."""
        name = field_case(source)
        if not name:
            self.problems.append(_nameless(source, line, "customer"))
        elif name.endswith("_value") and not source.lower().endswith("value"):
            self.lose(line, f"{quoted(source)} is {quoted(name)} here: the name is taken")
        return name or "nameless"

    def finished(self, name: str) -> Imported:
        """The ERD. Raises `ErdErrors` with everything that is wrong, by line."""
        document = {
            "name": name,
            "entities": [
                {
                    "name": one.name,
                    "fields": [keys for _, keys in one.fields],
                    "relations": [keys for _, keys in one.relations],
                }
                for one in self.entities
            ],
        }
        try:
            erd = check(document)
        except ErdErrors as error:
            lines, names = dict(_lines(self.entities)), dict(_names(self.entities))
            found = [*self.problems, *(_by_line(one, lines, names) for one in error.problems)]
            raise ErdErrors(sorted(found, key=lambda one: one.line or 0)) from error
        if self.problems:
            raise ErdErrors(self.problems)
        return Imported(erd, tuple(sorted(dict.fromkeys(self.losses))))


def erd_name(words: str) -> str:
    """The name of an ERD from words: `My Shop` -> `my-shop`."""
    return field_case(words).replace("_", "-").removesuffix("-value") or "imported"


def _nameless(source: str, line: int, example: str) -> Problem:
    return Problem((), f"{quoted(source)} has no letter from A to Z", quoted(example), line)


def _lines(entities: Sequence[DraftEntity]) -> Iterator[tuple[Place, int]]:
    for number, one in enumerate(entities):
        yield ("entities", number), one.line
        for key, parts in (("fields", one.fields), ("relations", one.relations)):
            for at, (line, _) in enumerate(parts):
                yield ("entities", number, key, at), line


def _names(entities: Sequence[DraftEntity]) -> Iterator[tuple[Place, str]]:
    for number, one in enumerate(entities):
        yield ("entities", number), one.name
        for key, parts in (("fields", one.fields), ("relations", one.relations)):
            for at, (_, keys) in enumerate(parts):
                yield ("entities", number, key, at), f"{one.name}.{keys['name']}"


def _by_line(problem: Problem, lines: Mapping[Place, int], names: Mapping[Place, str]) -> Problem:
    """The problem at the line of what it is about."""
    place = problem.place
    while place and place not in lines:
        place = place[:-1]
    if not place:
        return replace(problem, line=1)
    # Of an entity itself the words say which.
    what = f"{names[place]}: {problem.what}" if len(place) > 2 else problem.what
    return replace(problem, what=what, line=lines[place])
