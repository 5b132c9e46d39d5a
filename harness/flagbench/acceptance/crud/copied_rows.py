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
def rows_copied(entity: Entity, probe: ProbeClient, row: object) -> Iterator[list[int]]:
    """Copy the row with this id; the ids of all rows, in order. The copies are gone afterwards.

    No ids for a table that does not have the row or takes no copies, which is judged elsewhere, nor
    where an example tells the form of a unique attribute, of which there are few.
    """
    table = quote(entity.table_name)
    is_free = not any(name in entity.examples for name in entity.unique)
    try:
        last = _last_of_copies(entity, probe, row) if is_free else None
        listed = probe.query(f"SELECT id FROM {table} ORDER BY id") if last else []  # noqa: S608  a name from the specification
    except Raised:
        last, listed = None, []
    yield [stored["id"] for stored in listed]
    if last is not None:
        probe.query(f"DELETE FROM {table} WHERE id > ?", [last])  # noqa: S608  as above


def _last_of_copies(entity: Entity, probe: ProbeClient, row: object) -> int | None:
    """Copy the row; the last id before, None without the row."""
    table = quote(entity.table_name)
    sql = f"SELECT *, (SELECT max(id) FROM {table}) AS last_id FROM {table} WHERE id = ?"  # noqa: S608  as above
    found = probe.query(sql, [row])
    if not found:
        return None
    last: int = found[0]["last_id"]
    names = [name for name in found[0] if name not in ("id", "last_id")]
    types = {attribute.name: attribute.type for attribute in entity.values}
    values = [
        _OTHERS.get(types[name], _OTHER_TEXT).format(column=quote(name))
        if name in entity.unique
        else quote(name)
        for name in names
    ]
    probe.query(
        f"INSERT INTO {table} ({', '.join(map(quote, names))})"  # noqa: S608  names of the table
        f" WITH RECURSIVE copies(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM copies WHERE n < ?)"
        f" SELECT {', '.join(values)} FROM {table}, copies WHERE id = ?",
        [_COPIES, row],
    )
    return last
