"""Routes of /seeds."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/seeds")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "seeds" (
    "name",
    "origin"
)
VALUES (
    :name,
    :origin
)
"""
SELECT_ALL = 'SELECT * FROM "seeds" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "seeds" WHERE id = ?'
UPDATE = """
UPDATE "seeds"
SET
    "name" = :name,
    "origin" = :origin
WHERE id = :id
"""
DELETE = 'DELETE FROM "seeds" WHERE id = ?'


class SeedInput(BaseModel):
    """One seed, as a client sends it."""

    name: str
    origin: str | None = None


class Seed(SeedInput):
    """One seed, as the API answers it."""

    id: int


def fetch_seed(connection: sqlite3.Connection, seed_id: int) -> Seed:
    """Return the stored seed or answer 404."""
    cursor = connection.execute(SELECT_ONE, (seed_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no seed %s", seed_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Seed not found")
    return Seed.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_seed(body: SeedInput, connection: SqliteConnection) -> Seed:
    """Store a new seed."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created seed %s", cursor.lastrowid)
    return Seed(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_seeds(connection: SqliteConnection) -> list[Seed]:
    """Return every seed, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Seed.model_validate(dict(row)) for row in rows]


@router.get("/{seed_id}")
def read_seed(seed_id: int, connection: SqliteConnection) -> Seed:
    """Return one seed."""
    return fetch_seed(connection, seed_id)


@router.put("/{seed_id}")
def update_seed(
    seed_id: int, body: SeedInput, connection: SqliteConnection
) -> Seed:
    """Replace a stored seed."""
    fetch_seed(connection, seed_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": seed_id})
    connection.commit()
    logger.info("updated seed %s", seed_id)
    return Seed(id=seed_id, **body.model_dump())


@router.delete("/{seed_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_seed(seed_id: int, connection: SqliteConnection) -> None:
    """Delete a seed that nothing refers to."""
    fetch_seed(connection, seed_id)
    try:
        connection.execute(DELETE, (seed_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("seed %s is still referenced", seed_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Seed is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted seed %s", seed_id)
