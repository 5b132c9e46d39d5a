"""Routes of /venues."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/venues")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "venues" (
    "name",
    "city"
)
VALUES (
    :name,
    :city
)
"""
SELECT_ALL = 'SELECT * FROM "venues" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "venues" WHERE id = ?'
UPDATE = """
UPDATE "venues"
SET
    "name" = :name,
    "city" = :city
WHERE id = :id
"""
DELETE = 'DELETE FROM "venues" WHERE id = ?'


class VenueInput(BaseModel):
    """One venue, as a client sends it."""

    name: str
    city: str


class Venue(VenueInput):
    """One venue, as the API answers it."""

    id: int


def fetch_venue(connection: sqlite3.Connection, venue_id: int) -> Venue:
    """Return the stored venue or answer 404."""
    cursor = connection.execute(SELECT_ONE, (venue_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no venue %s", venue_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Venue not found")
    return Venue.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_venue(body: VenueInput, connection: SqliteConnection) -> Venue:
    """Store a new venue."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created venue %s", cursor.lastrowid)
    return Venue(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_venues(connection: SqliteConnection) -> list[Venue]:
    """Return every venue, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Venue.model_validate(dict(row)) for row in rows]


@router.get("/{venue_id}")
def read_venue(venue_id: int, connection: SqliteConnection) -> Venue:
    """Return one venue."""
    return fetch_venue(connection, venue_id)


@router.put("/{venue_id}")
def update_venue(
    venue_id: int, body: VenueInput, connection: SqliteConnection
) -> Venue:
    """Replace a stored venue."""
    fetch_venue(connection, venue_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": venue_id})
    connection.commit()
    logger.info("updated venue %s", venue_id)
    return Venue(id=venue_id, **body.model_dump())


@router.delete("/{venue_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_venue(venue_id: int, connection: SqliteConnection) -> None:
    """Delete a venue that nothing refers to."""
    fetch_venue(connection, venue_id)
    try:
        connection.execute(DELETE, (venue_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("venue %s is still referenced", venue_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Venue is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted venue %s", venue_id)
