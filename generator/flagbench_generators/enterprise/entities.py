"""Entities of a domain or a brief: what is wrong with their tables, columns and references."""

from collections.abc import Iterator, Mapping, Sequence
from graphlib import CycleError, TopologicalSorter
from typing import Any

from flagbench_generators.enterprise.brief import PLAIN_TYPES
from flagbench_generators.enterprise.project import table_of
from flagbench_generators.kernel.naming import is_plain_column
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote

# Name and fields of an entity, and the places of both.
Given = tuple[object, Mapping[str, Any], Place, Place]


def problems_of(
    given: Sequence[Given], before: Mapping[str, Mapping[str, str]], place: Place, *, whole: bool
) -> Iterator[Problem]:
    """Yield the problems of entities that come after others; `place` is that of all of them.

    Unless the others are the `whole` of them, a type that is not known may be one of them.
    """
    names = [*before, *(str(name) for name, *_ in given)]
    known = (*PLAIN_TYPES, *names)
    tables = {table_of(name) for name in before}
    for name, fields, name_at, fields_at in given:
        if isinstance(name, str) and table_of(name) in tables:
            yield Problem(name_at, f"{quote(name)} occurs twice", "a name of its own")
        if isinstance(name, str) and not is_plain_column(table_of(name)):
            what = f"{quote(table_of(name))}, the table of {quote(name)}, is a word of SQL"
            yield Problem(name_at, what, "another name, such as Article")
        tables.add(table_of(str(name)))
        for field, kind in fields.items():
            at = (*fields_at, str(field))
            if isinstance(kind, str) and kind and whole and kind not in known:
                yield Problem(at, f"unknown type {quote(kind)}", nearest(kind, known))
            if f"{field}_id" in fields and kind not in PLAIN_TYPES:
                what = f"{quote(field)} and {quote(f'{field}_id')} are the same column"
                yield Problem(at, what, "another name")
            if not is_plain_column(str(field)):
                what = f"{quote(field)} is the key, or a word of SQL"
                yield Problem(at, what, "another name, such as title")
    own = {str(name): fields for name, fields, *_ in given if fields}
    circle = _cycle({**before, **own})
    if circle:
        yield Problem(place, f"{circle} refer to each other", "a row that can be the first")


def _cycle(entities: Mapping[str, Mapping[str, Any]]) -> str:
    """Name the entities that refer to each other in a circle, "" without one."""
    kinds = {name: map(str, fields.values()) for name, fields in entities.items()}
    known = {name: [kind for kind in of if kind in kinds] for name, of in kinds.items()}
    try:
        TopologicalSorter(known).prepare()
    except CycleError as error:
        return " -> ".join(map(str, error.args[1]))
    return ""
