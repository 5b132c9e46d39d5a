"""Rules and storage of rows, whatever the web framework."""

import sqlite3
from contextlib import closing
from typing import Any

from core.models.models import ENTITIES, SENSITIVE, connect
from security.encryption.encryption import decrypt, encrypt

Row = dict[str, Any]
# SQLite's integers lie between the two.
_LEAST, _MOST = -(2**63), 2**63 - 1


class NotFound(Exception):
    """There is no row with this id."""


class Invalid(Exception):
    """A value is missing, has another type, or refers to no row."""


class Conflict(Exception):
    """The e-mail address belongs to another row."""


def list_rows(entity: str) -> list[Row]:
    """All rows, in the order of their ids."""
    with closing(connect()) as connection:
        rows = connection.execute(f"SELECT * FROM {entity} ORDER BY id")
        return [_from_storage(entity, row) for row in rows]


def get_row(entity: str, row_id: int) -> Row:
    """One row. Raises `NotFound`."""
    if not _LEAST <= row_id <= _MOST:
        raise NotFound(f"{entity} has no row of this id")
    with closing(connect()) as connection:
        row = connection.execute(
            f"SELECT * FROM {entity} WHERE id = ?", (row_id,)
        ).fetchone()
    if row is None:
        raise NotFound(f"{entity} has no row {row_id}")
    return _from_storage(entity, row)


def create_row(entity: str, values: Any) -> Row:
    """Store a new row. Raises `Invalid` or `Conflict`."""
    checked = _to_storage(entity, values)
    names = ", ".join(checked)
    marks = ", ".join("?" for _ in checked)
    row_id = _write(
        f"INSERT INTO {entity} ({names}) VALUES ({marks})",
        list(checked.values()),
    )
    return get_row(entity, row_id)


def update_row(entity: str, row_id: int, values: Any) -> Row:
    """Replace the values of a row. Raises as `get_row`, `create_row`."""
    get_row(entity, row_id)
    checked = _to_storage(entity, values)
    changes = ", ".join(f"{name} = ?" for name in checked)
    _write(
        f"UPDATE {entity} SET {changes} WHERE id = ?",
        [*checked.values(), row_id],
    )
    return get_row(entity, row_id)


def delete_row(entity: str, row_id: int) -> None:
    """Delete a row and the rows that refer to it. Raises `NotFound`."""
    get_row(entity, row_id)
    _write(f"DELETE FROM {entity} WHERE id = ?", [row_id])


def _write(sql: str, values: list[Any]) -> int:
    try:
        with closing(connect()) as connection, connection:
            return connection.execute(sql, values).lastrowid or 0
    except sqlite3.IntegrityError as error:
        if "FOREIGN KEY" in str(error):
            raise Invalid("a reference to a row that does not exist") from None
        raise Conflict("the e-mail address is in use") from None


def _to_storage(entity: str, values: Any) -> Row:
    """The values of a row as they are stored. Raises `Invalid`."""
    if not isinstance(values, dict):
        raise Invalid("expected an object")
    stored = {}
    for name, kind in ENTITIES[entity].items():
        value = values.get(name)
        if not _fits(kind, value):
            raise Invalid(f"{name}: expected {kind}")
        if name in SENSITIVE.get(entity, ()):
            value = encrypt(value)
        stored[name] = value
    return stored


def _fits(kind: str, value: Any) -> bool:
    if kind == "boolean":
        return isinstance(value, bool)
    if isinstance(value, bool):
        return False
    if kind == "number":
        return isinstance(value, (int, float)) and _LEAST <= value <= _MOST
    if kind in ("text", "email"):
        return isinstance(value, str) and (kind == "text" or "@" in value)
    return isinstance(value, int) and _LEAST <= value <= _MOST


def _from_storage(entity: str, row: sqlite3.Row) -> Row:
    values = dict(row)
    for name, kind in ENTITIES[entity].items():
        if kind == "boolean":
            values[name] = bool(values[name])
        if name in SENSITIVE.get(entity, ()):
            values[name] = decrypt(values[name])
    return values
