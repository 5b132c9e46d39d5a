"""Names of the other side of relations: each its own at the entity that it leads to."""

from collections import Counter

from flagbench.simulator.django.specification import Entity, Project
from flagbench.simulator.names import plural

_TAKEN = frozenset(
    {"id", "pk", "objects", "save", "delete", "clean", "check", "full_clean", "refresh_from_db"}
)
"""Names that every model has."""


def related_names(project: Project) -> dict[tuple[str, str], str]:
    """(entity, relation) -> related_name; no two at one entity, none that a field there has."""
    known = {one.name: one for one in project.entities}
    leading = Counter((e.name, r.to) for e in project.entities for r in e.relations)
    taken = {name: _own_names(one) for name, one in known.items()}
    found: dict[tuple[str, str], str] = {}
    for entity in project.entities:
        for relation in entity.relations:
            one_row = relation.kind == "one_to_one"
            short = entity.module if one_row else plural(entity.module)
            long = f"{entity.module}_{relation.name}"
            several = leading[entity.name, relation.to] > 1 or relation.to == entity.name
            options = [long] if several else [short, long]
            options += [f"{long}_set", f"{long}_of_{entity.module}"]
            there = taken.setdefault(relation.to, set())
            name = next((one for one in options if one not in there), f"{long}_{len(there)}")
            there.add(name)
            found[entity.name, relation.name] = name
    return found


def _own_names(entity: Entity) -> set[str]:
    names = {*_TAKEN, *entity.names, *(f"{one.name}_id" for one in entity.relations)}
    return names | {f"get_{one.name}_display" for one in entity.fields if one.choices}
