"""Routes of /gardens."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/gardens")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "gardens" (
    "name"
)
VALUES (
    :name
)
"""
SELECT_ALL = 'SELECT * FROM "gardens" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "gardens" WHERE id = ?'
UPDATE = """
UPDATE "gardens"
SET
    "name" = :name
WHERE id = :id
"""
DELETE = 'DELETE FROM "gardens" WHERE id = ?'


class GardenInput(BaseModel):
    """One garden, as a client sends it."""

    name: str


class Garden(GardenInput):
    """One garden, as the API answers it."""

    id: int


def fetch_garden(connection: sqlite3.Connection, garden_id: int) -> Garden:
    """Return the stored garden or answer 404."""
    cursor = connection.execute(SELECT_ONE, (garden_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no garden %s", garden_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Garden not found")
    return Garden.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_garden(body: GardenInput, connection: SqliteConnection) -> Garden:
    """Store a new garden."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created garden %s", cursor.lastrowid)
    return Garden(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_gardens(connection: SqliteConnection) -> list[Garden]:
    """Return every garden, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Garden.model_validate(dict(row)) for row in rows]


@router.get("/{garden_id}")
def read_garden(garden_id: int, connection: SqliteConnection) -> Garden:
    """Return one garden."""
    return fetch_garden(connection, garden_id)


@router.put("/{garden_id}")
def update_garden(
    garden_id: int, body: GardenInput, connection: SqliteConnection
) -> Garden:
    """Replace a stored garden."""
    fetch_garden(connection, garden_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": garden_id})
    connection.commit()
    logger.info("updated garden %s", garden_id)
    return Garden(id=garden_id, **body.model_dump())


@router.delete("/{garden_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_garden(garden_id: int, connection: SqliteConnection) -> None:
    """Delete a garden that nothing refers to."""
    fetch_garden(connection, garden_id)
    try:
        connection.execute(DELETE, (garden_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("garden %s is still referenced", garden_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Garden is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted garden %s", garden_id)
