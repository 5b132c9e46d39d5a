"""Routes of /pets."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/pets")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "pets" (
    "name",
    "species",
    "birthday"
)
VALUES (
    :name,
    :species,
    :birthday
)
"""
SELECT_ALL = 'SELECT * FROM "pets" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "pets" WHERE id = ?'
UPDATE = """
UPDATE "pets"
SET
    "name" = :name,
    "species" = :species,
    "birthday" = :birthday
WHERE id = :id
"""
DELETE = 'DELETE FROM "pets" WHERE id = ?'


class PetInput(BaseModel):
    """One pet, as a client sends it."""

    name: str
    species: str
    birthday: dt.date


class Pet(PetInput):
    """One pet, as the API answers it."""

    id: int


def fetch_pet(connection: sqlite3.Connection, pet_id: int) -> Pet:
    """Return the stored pet or answer 404."""
    cursor = connection.execute(SELECT_ONE, (pet_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no pet %s", pet_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Pet not found")
    return Pet.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_pet(body: PetInput, connection: SqliteConnection) -> Pet:
    """Store a new pet."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created pet %s", cursor.lastrowid)
    return Pet(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_pets(connection: SqliteConnection) -> list[Pet]:
    """Return every pet, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Pet.model_validate(dict(row)) for row in rows]


@router.get("/{pet_id}")
def read_pet(pet_id: int, connection: SqliteConnection) -> Pet:
    """Return one pet."""
    return fetch_pet(connection, pet_id)


@router.put("/{pet_id}")
def update_pet(
    pet_id: int, body: PetInput, connection: SqliteConnection
) -> Pet:
    """Replace a stored pet."""
    fetch_pet(connection, pet_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": pet_id})
    connection.commit()
    logger.info("updated pet %s", pet_id)
    return Pet(id=pet_id, **body.model_dump())


@router.delete("/{pet_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_pet(pet_id: int, connection: SqliteConnection) -> None:
    """Delete a pet that nothing refers to."""
    fetch_pet(connection, pet_id)
    try:
        connection.execute(DELETE, (pet_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("pet %s is still referenced", pet_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Pet is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted pet %s", pet_id)
