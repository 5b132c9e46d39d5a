"""CRUD routes for salas."""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/salas", tags=["salas"])


class SalaBase(BaseModel):
    """Fields of a Sala."""

    numero: str
    capacidade: int


class SalaCreate(SalaBase):
    """Body of POST and PUT."""


class SalaRead(SalaBase):
    """What the API returns."""

    id: int


def row_to_dict(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any]:
    """Turn a database row into what the API returns."""
    item = dict(row)
    return item


def load_sala(connection: sqlite3.Connection, sala_id: int) -> dict[str, Any]:
    """Read one Sala or answer 404."""
    row = connection.execute(
        ("SELECT id, numero, capacidade FROM salas WHERE id = ?"),
        (sala_id,),
    ).fetchone()
    if row is None:
        logger.warning("Sala %s not found", sala_id)
        raise HTTPException(status_code=404, detail="Sala not found")
    return row_to_dict(connection, row)


def check_payload(
    connection: sqlite3.Connection,
    payload: SalaCreate,
    current_id: int | None = None,
) -> None:
    """Reject unknown references and broken business rules."""
    if payload.capacidade < 1:
        raise HTTPException(
            status_code=422,
            detail="capacidade must be at least 1",
        )


@router.post("", response_model=SalaRead, status_code=status.HTTP_201_CREATED)
def create_sala(
    payload: SalaCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Store a new Sala."""
    check_payload(connection, payload)
    cursor = connection.execute(
        (
            "INSERT INTO salas (numero, capacidade) VALUES (:numero, "
            ":capacidade)"
        ),
        payload.model_dump(mode="json"),
    )
    sala_id = int(cursor.lastrowid or 0)
    connection.commit()
    logger.info("Created Sala %s", sala_id)
    return load_sala(connection, sala_id)


@router.get("", response_model=list[SalaRead])
def list_salas(
    connection: sqlite3.Connection = Depends(get_connection),
) -> list[dict[str, Any]]:
    """Return every Sala."""
    rows = connection.execute(
        ("SELECT id, numero, capacidade FROM salas ORDER BY id")
    ).fetchall()
    return [row_to_dict(connection, row) for row in rows]


@router.get("/{sala_id}", response_model=SalaRead)
def get_sala(
    sala_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Return one Sala."""
    return load_sala(connection, sala_id)


@router.put("/{sala_id}", response_model=SalaRead)
def update_sala(
    sala_id: int,
    payload: SalaCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Replace one Sala."""
    load_sala(connection, sala_id)
    check_payload(connection, payload, sala_id)
    data = payload.model_dump(mode="json")
    data["id"] = sala_id
    connection.execute(
        (
            "UPDATE salas SET numero = :numero, capacidade = "
            ":capacidade WHERE id = :id"
        ),
        data,
    )
    connection.commit()
    logger.info("Updated Sala %s", sala_id)
    return load_sala(connection, sala_id)


@router.delete("/{sala_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_sala(
    sala_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> Response:
    """Remove one Sala."""
    load_sala(connection, sala_id)
    try:
        connection.execute(
            "DELETE FROM salas WHERE id = ?",
            (sala_id,),
        )
    except sqlite3.IntegrityError as error:
        logger.warning("Sala %s is in use", sala_id)
        raise HTTPException(
            status_code=409, detail="Sala is still in use"
        ) from error
    connection.commit()
    logger.info("Deleted Sala %s", sala_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
