"""Copies of a stored row, beside the API: more rows than a list that is cut short would show."""

from collections.abc import Iterator
from contextlib import contextmanager

from flagbench.acceptance.crud.ddl import quote
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.specification import Entity

# The limits that code sets by itself are 10 to 100.
_COPIES = 101
# Other values in the n-th copy of a row: in SQL, by the type of a unique attribute.
_OTHERS = {
    "integer": "{column} + n",
    "number": "{column} + n",
    "date": "date({column}, n || ' days')",
    "datetime": "strftime('%Y-%m-%dT%H:%M:%S', {column}, n || ' days')",
}
_OTHER_TEXT = "n || {column}"


@contextmanager
def rows_copied(entity: Entity, probe: ProbeClient, row: int) -> Iterator[list[int]]:
    """Copy the row with this id; the ids of all rows, in order. The copies are gone afterwards.

    No ids for a table that does not have the row or takes no copies, which is judged elsewhere, nor
    where an example tells the form of a unique attribute, of which there are few.
    """
    table = quote(entity.table_name)
    ids: list[int] = []
    if not any(name in entity.examples for name in entity.unique):
        ids = _ids_with_copies(entity, probe, row)
    yield ids
    if ids:
        probe.query(f"DELETE FROM {table} WHERE id > ?", [ids[-_COPIES - 1]])  # noqa: S608  a name from the specification


def _ids_with_copies(entity: Entity, probe: ProbeClient, row: int) -> list[int]:
    """Copy the row; the ids of all rows, none if nothing was copied."""
    table = quote(entity.table_name)
    columns = {
        attribute.name: _OTHERS.get(attribute.type, _OTHER_TEXT).format(
            column=quote(attribute.name)
        )
        if attribute.name in entity.unique
        else quote(attribute.name)
        for attribute in entity.values
    }
    columns |= {
        f"{name}_id": quote(f"{name}_id")
        for name, relation in entity.relations.items()
        if relation.kind == "many_to_one"
    }
    insert = (
        f"INSERT INTO {table} ({', '.join(map(quote, columns))})"  # noqa: S608  as above
        " WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)"
        f" SELECT {', '.join(columns.values())} FROM {table}, copies WHERE id = ?"
    )
    try:
        probe.query(insert, [_COPIES, row])
        stored = probe.query(f"SELECT id FROM {table} ORDER BY id")  # noqa: S608  as above
    except Raised:
        return []
    return [found["id"] for found in stored] if len(stored) > _COPIES else []
