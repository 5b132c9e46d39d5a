"""Checks across the entities of an ERD.

They run on the valid parts of a document, so that all its problems are reported together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from flagbench_generators.django_rest.erd.entity import Relation, added_names, related_name
from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.kernel.naming import plural, snake_case
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote


@dataclass(frozen=True, slots=True)
class Part:
    """The valid parts of an entity, with their places."""

    place: Place
    name: str
    fields: Sequence[tuple[Place, Field]]
    relations: Sequence[tuple[Place, Relation]]
    targets: Sequence[tuple[Place, str]]  # also of invalid relations
    is_empty: bool
    is_valid: bool = True  # no part of it is invalid

    def foreign_keys_to(self, target: str) -> list[Relation]:
        """List the foreign keys to another entity."""
        return [
            relation
            for _, relation in self.relations
            if (relation.kind, relation.to) == ("foreign_key", target)
        ]


def problems_of(parts: Sequence[Part]) -> Iterator[Problem]:
    """Yield every problem between the entities of an ERD and between parts of an entity."""
    yield from _duplicate_entities(parts)
    by_name: dict[str, Part] = {}
    for part in parts:
        by_name.setdefault(part.name, part)
    known = tuple(by_name)
    for part in parts:
        if part.is_empty:
            expected = 'at least one, e.g. "fields": [{"name": "title", "type": "string"}]'
            yield Problem(part.place, f"{part.name} has neither fields nor relations", expected)
        for place, target in part.targets:
            if target not in by_name:
                yield Problem(place, f"unknown entity {quote(target)}", nearest(target, known))
        for place, relation in part.relations:
            if relation.through is not None and relation.is_many:
                where = (*place, "through")
                yield from _through_problems(part, where, relation, relation.through, by_name)
        yield from _shared_pairs(part)
    yield from _name_clashes(parts, by_name)
    yield from _cycles(by_name)


def _duplicate_entities(parts: Sequence[Part]) -> Iterator[Problem]:
    seen: dict[str, Part] = {}
    for part in parts:
        first = seen.setdefault(part.name.lower(), part)
        if first is not part:
            what = f"{quote(part.name)} has the same name as {quote(first.name)}"
            yield Problem((*part.place, "name"), what, "another name")
            continue
        table = plural(snake_case(part.name))
        if (first := seen.setdefault(f"{table}/", part)) is not part:
            what = f"{quote(part.name)} and {quote(first.name)} have the same table, {table}"
            yield Problem((*part.place, "name"), what, "another name")


def _through_problems(
    part: Part, where: Place, relation: Relation, name: str, by_name: Mapping[str, Part]
) -> Iterator[Problem]:
    through = by_name.get(name)
    if through is None:
        yield Problem(where, f"unknown entity {quote(name)}", nearest(name, tuple(by_name)))
        return
    if name in (part.name, relation.to):
        what = f"{name} cannot be a side of the relation and hold its pairs"
        yield Problem(where, what, "a separate entity")
        return
    if not through.is_valid or relation.to not in by_name:
        return  # its foreign keys may be among the reported problems
    expected = 2 if relation.to == part.name else 1
    for side in dict.fromkeys((part.name, relation.to)):
        count = len(through.foreign_keys_to(side))
        if count != expected:
            keys = {0: "no foreign_key", 1: "one foreign_key"}.get(count, f"{count} foreign_keys")
            yield Problem(where, f"{name} has {keys} to {side}", "two" if expected == 2 else "one")


def _shared_pairs(part: Part) -> Iterator[Problem]:
    seen: dict[tuple[str, str], Relation] = {}
    for place, relation in part.relations:
        if relation.through is None:
            continue
        first = seen.setdefault((relation.to, relation.through), relation)
        if first is not relation:
            what = f"it has the same pairs as {first.name}, both in {relation.through}"
            yield Problem((*place, "through"), what, "only one of both relations")


def _name_clashes(parts: Sequence[Part], by_name: Mapping[str, Part]) -> Iterator[Problem]:
    """Yield names that occur twice in an entity, names added by other entities included."""
    own = {name: dict(_own_names(part)) for name, part in by_name.items()}
    taken = {name: dict(names) for name, names in own.items()}
    for part in parts:
        seen: set[str] = set()
        added = dict(_added_names(part))
        named = [(place, field.name) for place, field in part.fields]
        for place, name in [
            *named,
            *((place, relation.name) for place, relation in part.relations),
        ]:
            if name in seen or name in added:
                first = added.get(name, f"another part of {part.name}")
                what = f"{quote(name)} is already {first}"
                yield Problem((*place, "name"), what, "another name")
            seen.add(name)
    for part in by_name.values():
        relations = [relation for _, relation in part.relations]
        for place, relation in part.relations:
            names_there = taken.get(relation.to)
            if names_there is None:
                continue
            name = related_name(part.name, relation, relations, own[relation.to])
            by_this = f"the other side of {part.name}.{relation.name}"
            if name in names_there:
                both = f"{names_there[name]}, {by_this}"
                what = f"{relation.to} would have two {quote(name)}: {both}"
                yield Problem((*place, "name"), what, "another name for one of them")
            else:
                names_there[name] = by_this


def _own_names(part: Part) -> Iterator[tuple[str, str]]:
    """Yield every name in the model of an entity, with a description."""
    for _, field in part.fields:
        yield field.name, f"the field of {part.name}"
    for _, relation in part.relations:
        yield relation.name, f"the relation of {part.name}"
    yield from _added_names(part)


def _added_names(part: Part) -> Iterator[tuple[str, str]]:
    fields, relations = (field for _, field in part.fields), (link for _, link in part.relations)
    for name, of in added_names(fields, relations):
        kind = "method" if name.startswith("get_") else "column"
        yield name, f"the {kind} of {part.name}.{of}"


def _cycles(by_name: Mapping[str, Part]) -> Iterator[Problem]:
    """Yield cycles of entities where no first row is possible: each needs a row of the next."""
    reported: set[frozenset[str]] = set()
    for name in by_name:
        cycle = _shortest_cycle(name, by_name)
        members = frozenset(entity for entity, _, _ in cycle)
        if not cycle or members in reported:
            continue
        reported.add(members)
        needs = ", ".join(
            f"{entity}.{relation.name} needs {relation.to}" for entity, _, relation in cycle
        )
        what = f"the first row is impossible: {needs}"
        yield Problem((*cycle[0][1], "null"), what, '"null": true on one of them')


Step = tuple[str, Place, Relation]


def _shortest_cycle(start: str, by_name: Mapping[str, Part]) -> list[Step]:
    """Find the shortest cycle from an entity to itself along relations that may not be null."""
    paths: list[list[Step]] = [[step] for step in _needs(by_name[start], by_name)]
    seen: set[str] = set()
    for path in paths:  # grows while it is read: breadth first
        target = path[-1][2].to
        if target == start:
            return path
        if target not in seen:
            seen.add(target)
            paths += [[*path, step] for step in _needs(by_name[target], by_name)]
    return []


def _needs(part: Part, known: Iterable[str]) -> Iterator[Step]:
    for place, relation in part.relations:
        if not relation.is_many and not relation.null and relation.to in known:
            yield part.name, place, relation
