"""Routes of /pacientes."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/pacientes")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "pacientes" (
    "nome",
    "data_de_nascimento",
    "convenio"
)
VALUES (
    :nome,
    :data_de_nascimento,
    :convenio
)
"""
SELECT_ALL = 'SELECT * FROM "pacientes" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "pacientes" WHERE id = ?'
UPDATE = """
UPDATE "pacientes"
SET
    "nome" = :nome,
    "data_de_nascimento" = :data_de_nascimento,
    "convenio" = :convenio
WHERE id = :id
"""
DELETE = 'DELETE FROM "pacientes" WHERE id = ?'


class PacienteInput(BaseModel):
    """One paciente, as a client sends it."""

    nome: str
    data_de_nascimento: dt.date
    convenio: str | None = None


class Paciente(PacienteInput):
    """One paciente, as the API answers it."""

    id: int


def fetch_paciente(
    connection: sqlite3.Connection, paciente_id: int
) -> Paciente:
    """Return the stored paciente or answer 404."""
    cursor = connection.execute(SELECT_ONE, (paciente_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no paciente %s", paciente_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Paciente not found")
    return Paciente.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_paciente(
    body: PacienteInput, connection: SqliteConnection
) -> Paciente:
    """Store a new paciente."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created paciente %s", cursor.lastrowid)
    return Paciente(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_pacientes(connection: SqliteConnection) -> list[Paciente]:
    """Return every paciente, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Paciente.model_validate(dict(row)) for row in rows]


@router.get("/{paciente_id}")
def read_paciente(paciente_id: int, connection: SqliteConnection) -> Paciente:
    """Return one paciente."""
    return fetch_paciente(connection, paciente_id)


@router.put("/{paciente_id}")
def update_paciente(
    paciente_id: int, body: PacienteInput, connection: SqliteConnection
) -> Paciente:
    """Replace a stored paciente."""
    fetch_paciente(connection, paciente_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": paciente_id})
    connection.commit()
    logger.info("updated paciente %s", paciente_id)
    return Paciente(id=paciente_id, **body.model_dump())


@router.delete("/{paciente_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_paciente(paciente_id: int, connection: SqliteConnection) -> None:
    """Delete a paciente that nothing refers to."""
    fetch_paciente(connection, paciente_id)
    try:
        connection.execute(DELETE, (paciente_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("paciente %s is still referenced", paciente_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Paciente is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted paciente %s", paciente_id)
