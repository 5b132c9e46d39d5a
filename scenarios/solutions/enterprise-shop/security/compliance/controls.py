"""Controls of the GDPR: a person's rights of access and erasure."""

import sqlite3
from contextlib import closing
from typing import Any

from core.models.models import ENTITIES, PERSON, connect
from core.services.services import NotFound, get_row


def export_person(email: str) -> dict[str, list[dict[str, Any]]]:
    """Rows of a person by table (Article 15). Raises `NotFound`."""
    with closing(connect()) as connection:
        found = _rows_of_person(connection, email)
    return {
        table: [get_row(table, row_id) for row_id in ids]
        for table, ids in found.items()
    }


def erase_person(email: str) -> None:
    """Delete all rows of a person (Article 17). Raises `NotFound`."""
    with closing(connect()) as connection, connection:
        connection.execute("PRAGMA secure_delete = ON")
        for table, ids in reversed(_rows_of_person(connection, email).items()):
            connection.executemany(
                f"DELETE FROM {table} WHERE id = ?",
                [(row_id,) for row_id in ids],
            )


def _rows_of_person(
    connection: sqlite3.Connection, email: str
) -> dict[str, list[int]]:
    """Ids of the person's row and of the rows that refer to it."""
    person = connection.execute(
        f"SELECT id FROM {PERSON} WHERE email = ?", (email,)
    ).fetchone()
    if person is None:
        raise NotFound("nobody has this e-mail address")
    found = {PERSON: [person["id"]]}
    for table, columns in ENTITIES.items():
        for name, kind in columns.items():
            if kind == PERSON:
                rows = connection.execute(
                    f"SELECT id FROM {table} WHERE {name} = ?",
                    (person["id"],),
                )
                found.setdefault(table, []).extend(row["id"] for row in rows)
    return found
