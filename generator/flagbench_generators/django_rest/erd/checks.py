"""What the entities of an ERD ask of each other.

The parts carry their places: what is sound of a document is checked while the rest is being told.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagbench_generators.django_rest.erd.entity import Relation, added_names, related_name
from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.problem import Place, Problem, nearest, quoted
from flagbench_generators.kernel.naming import plural, snake_case


@dataclass(frozen=True, slots=True)
class Part:
    """An entity as far as it is sound."""

    place: Place
    name: str
    fields: Sequence[tuple[Place, Field]]
    relations: Sequence[tuple[Place, Relation]]
    targets: Sequence[tuple[Place, str]]  # also of relations that are not sound
    is_empty: bool
    is_whole: bool = True  # nothing of it is unsound

    def foreign_keys_to(self, target: str) -> list[Relation]:
        """Its foreign keys to an entity."""
        return [one for _, one in self.relations if (one.kind, one.to) == ("foreign_key", target)]


def problems_of(parts: Sequence[Part]) -> Iterator[Problem]:
    """Everything that is wrong between the parts of an ERD and between its entities."""
    yield from _same_entities(parts)
    by_name: dict[str, Part] = {}
    for part in parts:
        by_name.setdefault(part.name, part)
    known = tuple(by_name)
    for part in parts:
        if part.is_empty:
            right = 'at least one, e.g. "fields": [{"name": "title", "type": "string"}]'
            yield Problem(part.place, f"{part.name} has neither fields nor relations", right)
        for place, target in part.targets:
            if target not in by_name:
                yield Problem(place, f"there is no entity {quoted(target)}", nearest(target, known))
        for place, relation in part.relations:
            if relation.through is not None and relation.is_many:
                where = (*place, "through")
                yield from _wrong_through(part, where, relation, relation.through, by_name)
        yield from _same_pairs(part)
    yield from _same_names(parts, by_name)
    yield from _circles(by_name)


def _same_entities(parts: Sequence[Part]) -> Iterator[Problem]:
    seen: dict[str, Part] = {}
    for part in parts:
        first = seen.setdefault(part.name.lower(), part)
        if first is not part:
            what = f"{quoted(part.name)} is {quoted(first.name)} again"
            yield Problem((*part.place, "name"), what, "a name of its own")
            continue
        table = plural(snake_case(part.name))
        if (first := seen.setdefault(f"{table}/", part)) is not part:
            what = f"{quoted(part.name)} and {quoted(first.name)} have one table, {table}"
            yield Problem((*part.place, "name"), what, "a name of its own")


def _wrong_through(
    part: Part, where: Place, relation: Relation, name: str, by_name: Mapping[str, Part]
) -> Iterator[Problem]:
    through = by_name.get(name)
    if through is None:
        yield Problem(where, f"there is no entity {quoted(name)}", nearest(name, tuple(by_name)))
        return
    if name in (part.name, relation.to):
        what = f"{name} cannot be a side of the relation and hold its pairs"
        yield Problem(where, what, "an entity of its own")
        return
    if not through.is_whole or relation.to not in by_name:
        return  # its foreign keys may be among what is told already
    wanted = 2 if relation.to == part.name else 1
    for side in dict.fromkeys((part.name, relation.to)):
        count = len(through.foreign_keys_to(side))
        if count != wanted:
            found = {0: "no foreign_key", 1: "one foreign_key"}.get(count, f"{count} foreign_keys")
            yield Problem(where, f"{name} has {found} to {side}", "two" if wanted == 2 else "one")


def _same_pairs(part: Part) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Relation] = {}
    for place, relation in part.relations:
        if relation.through is None:
            continue
        first = seen.setdefault((relation.to, relation.through), relation)
        if first is not relation:
            what = f"its pairs are those of {first.name}, both in {relation.through}"
            yield Problem((*place, "through"), what, "one of both relations")


def _same_names(parts: Sequence[Part], by_name: Mapping[str, Part]) -> Iterator[Problem]:
    """No two things of an entity may have one name, what other entities add to it included."""
    own = {name: dict(_own_names(part)) for name, part in by_name.items()}
    taken = {name: dict(names) for name, names in own.items()}
    for part in parts:
        seen: set[str] = set()
        added = dict(_added_names(part))
        named = [(place, one.name) for place, one in part.fields]
        for place, name in [*named, *((place, one.name) for place, one in part.relations)]:
            if name in seen or name in added:
                first = added.get(name, f"another part of {part.name}")
                what = f"{quoted(name)} is {first} already"
                yield Problem((*place, "name"), what, "a name of its own")
            seen.add(name)
    for part in by_name.values():
        relations = [one for _, one in part.relations]
        for place, relation in part.relations:
            names_there = taken.get(relation.to)
            if names_there is None:
                continue
            name = related_name(part.name, relation, relations, own[relation.to])
            by_this = f"the other side of {part.name}.{relation.name}"
            if name in names_there:
                both = f"{names_there[name]}, {by_this}"
                what = f"{relation.to} would have two {quoted(name)}: {both}"
                yield Problem((*place, "name"), what, "another name for one of both")
            else:
                names_there[name] = by_this


def _own_names(part: Part) -> Iterator[tuple[str, str]]:
    """Every name that the model of an entity has by itself, and what it is."""
    for _, field in part.fields:
        yield field.name, f"the field of {part.name}"
    for _, relation in part.relations:
        yield relation.name, f"the relation of {part.name}"
    yield from _added_names(part)


def _added_names(part: Part) -> Iterator[tuple[str, str]]:
    fields, relations = (one for _, one in part.fields), (one for _, one in part.relations)
    for name, of in added_names(fields, relations):
        kind = "method" if name.startswith("get_") else "column"
        yield name, f"the {kind} of {part.name}.{of}"


def _circles(by_name: Mapping[str, Part]) -> Iterator[Problem]:
    """Entities of which no first row can be made: each needs a row of the next."""
    told: set[frozenset[str]] = set()
    for name in by_name:
        circle = _shortest_circle(name, by_name)
        members = frozenset(entity for entity, _, _ in circle)
        if not circle or members in told:
            continue
        told.add(members)
        steps = ", ".join(f"{entity}.{one.name} needs {one.to}" for entity, _, one in circle)
        what = f"the first row is impossible: {steps}"
        yield Problem((*circle[0][1], "null"), what, '"null": true on one of them')


Step = tuple[str, Place, Relation]


def _shortest_circle(start: str, by_name: Mapping[str, Part]) -> list[Step]:
    """The shortest way from an entity back to it along relations that may not be null."""
    ways: list[list[Step]] = [[step] for step in _needs(by_name[start], by_name)]
    seen: set[str] = set()
    for way in ways:  # it grows: breadth first
        target = way[-1][2].to
        if target == start:
            return way
        if target not in seen:
            seen.add(target)
            ways += [[*way, step] for step in _needs(by_name[target], by_name)]
    return []


def _needs(part: Part, known: Iterable[str]) -> Iterator[Step]:
    for place, one in part.relations:
        if not one.is_many and not one.null and one.to in known:
            yield part.name, place, one
