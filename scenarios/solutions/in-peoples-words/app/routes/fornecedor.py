"""Routes of /fornecedors."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/fornecedors")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "fornecedors" (
    "nome",
    "telefone",
    "cidade"
)
VALUES (
    :nome,
    :telefone,
    :cidade
)
"""
SELECT_ALL = 'SELECT * FROM "fornecedors" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "fornecedors" WHERE id = ?'
UPDATE = """
UPDATE "fornecedors"
SET
    "nome" = :nome,
    "telefone" = :telefone,
    "cidade" = :cidade
WHERE id = :id
"""
DELETE = 'DELETE FROM "fornecedors" WHERE id = ?'


class FornecedorInput(BaseModel):
    """One fornecedor, as a client sends it."""

    nome: str
    telefone: str | None = None
    cidade: str


class Fornecedor(FornecedorInput):
    """One fornecedor, as the API answers it."""

    id: int


def fetch_fornecedor(
    connection: sqlite3.Connection, fornecedor_id: int
) -> Fornecedor:
    """Return the stored fornecedor or answer 404."""
    cursor = connection.execute(SELECT_ONE, (fornecedor_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no fornecedor %s", fornecedor_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Fornecedor not found")
    return Fornecedor.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_fornecedor(
    body: FornecedorInput, connection: SqliteConnection
) -> Fornecedor:
    """Store a new fornecedor."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created fornecedor %s", cursor.lastrowid)
    return Fornecedor(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_fornecedors(connection: SqliteConnection) -> list[Fornecedor]:
    """Return every fornecedor, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Fornecedor.model_validate(dict(row)) for row in rows]


@router.get("/{fornecedor_id}")
def read_fornecedor(
    fornecedor_id: int, connection: SqliteConnection
) -> Fornecedor:
    """Return one fornecedor."""
    return fetch_fornecedor(connection, fornecedor_id)


@router.put("/{fornecedor_id}")
def update_fornecedor(
    fornecedor_id: int, body: FornecedorInput, connection: SqliteConnection
) -> Fornecedor:
    """Replace a stored fornecedor."""
    fetch_fornecedor(connection, fornecedor_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": fornecedor_id})
    connection.commit()
    logger.info("updated fornecedor %s", fornecedor_id)
    return Fornecedor(id=fornecedor_id, **body.model_dump())


@router.delete("/{fornecedor_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_fornecedor(
    fornecedor_id: int, connection: SqliteConnection
) -> None:
    """Delete a fornecedor that nothing refers to."""
    fetch_fornecedor(connection, fornecedor_id)
    try:
        connection.execute(DELETE, (fornecedor_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("fornecedor %s is still referenced", fornecedor_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Fornecedor is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted fornecedor %s", fornecedor_id)
