"""Reverse names of relations, unique at the entity to which they refer."""

from collections import Counter

from flagbench.simulator.django.specification import Entity, Project
from flagbench.simulator.names import plural

_TAKEN = frozenset(
    {"id", "pk", "objects", "save", "delete", "clean", "check", "full_clean", "refresh_from_db"}
)
"""Names that every model has."""


def related_names(project: Project) -> dict[tuple[str, str], str]:
    """(entity, relation) -> related_name, unique among the names of the target entity."""
    leading = Counter((e.name, r.to) for e in project.entities for r in e.relations)
    taken = {entity.name: _own_names(entity) for entity in project.entities}
    names: dict[tuple[str, str], str] = {}
    for entity in project.entities:
        for relation in entity.relations:
            one_row = relation.kind == "one_to_one"
            short = entity.module if one_row else plural(entity.module)
            long = f"{entity.module}_{relation.name}"
            several = leading[entity.name, relation.to] > 1 or relation.to == entity.name
            options = [long] if several else [short, long]
            options += [f"{long}_set", f"{long}_of_{entity.module}"]
            there = taken.setdefault(relation.to, set())
            name = next(
                (option for option in options if option not in there), f"{long}_{len(there)}"
            )
            there.add(name)
            names[entity.name, relation.name] = name
    return names


def _own_names(entity: Entity) -> set[str]:
    names = {*_TAKEN, *entity.names, *(f"{relation.name}_id" for relation in entity.relations)}
    return names | {f"get_{field.name}_display" for field in entity.fields if field.choices}
