"""Routes of /reservas."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/reservas")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "reservas" (
    "hospede",
    "data_de_entrada",
    "data_de_saida"
)
VALUES (
    :hospede,
    :data_de_entrada,
    :data_de_saida
)
"""
SELECT_ALL = 'SELECT * FROM "reservas" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "reservas" WHERE id = ?'
UPDATE = """
UPDATE "reservas"
SET
    "hospede" = :hospede,
    "data_de_entrada" = :data_de_entrada,
    "data_de_saida" = :data_de_saida
WHERE id = :id
"""
DELETE = 'DELETE FROM "reservas" WHERE id = ?'


class ReservaInput(BaseModel):
    """One reserva, as a client sends it."""

    hospede: str
    data_de_entrada: dt.date
    data_de_saida: dt.date


class Reserva(ReservaInput):
    """One reserva, as the API answers it."""

    id: int


def fetch_reserva(connection: sqlite3.Connection, reserva_id: int) -> Reserva:
    """Return the stored reserva or answer 404."""
    cursor = connection.execute(SELECT_ONE, (reserva_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no reserva %s", reserva_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Reserva not found")
    return Reserva.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_reserva(
    body: ReservaInput, connection: SqliteConnection
) -> Reserva:
    """Store a new reserva."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created reserva %s", cursor.lastrowid)
    return Reserva(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_reservas(connection: SqliteConnection) -> list[Reserva]:
    """Return every reserva, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Reserva.model_validate(dict(row)) for row in rows]


@router.get("/{reserva_id}")
def read_reserva(reserva_id: int, connection: SqliteConnection) -> Reserva:
    """Return one reserva."""
    return fetch_reserva(connection, reserva_id)


@router.put("/{reserva_id}")
def update_reserva(
    reserva_id: int, body: ReservaInput, connection: SqliteConnection
) -> Reserva:
    """Replace a stored reserva."""
    fetch_reserva(connection, reserva_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": reserva_id})
    connection.commit()
    logger.info("updated reserva %s", reserva_id)
    return Reserva(id=reserva_id, **body.model_dump())


@router.delete("/{reserva_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_reserva(reserva_id: int, connection: SqliteConnection) -> None:
    """Delete a reserva that nothing refers to."""
    fetch_reserva(connection, reserva_id)
    try:
        connection.execute(DELETE, (reserva_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("reserva %s is still referenced", reserva_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Reserva is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted reserva %s", reserva_id)
