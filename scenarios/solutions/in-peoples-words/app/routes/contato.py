"""Routes of /contatos."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/contatos")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "contatos" (
    "nome",
    "telefone",
    "observacoes"
)
VALUES (
    :nome,
    :telefone,
    :observacoes
)
"""
SELECT_ALL = 'SELECT * FROM "contatos" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "contatos" WHERE id = ?'
UPDATE = """
UPDATE "contatos"
SET
    "nome" = :nome,
    "telefone" = :telefone,
    "observacoes" = :observacoes
WHERE id = :id
"""
DELETE = 'DELETE FROM "contatos" WHERE id = ?'


class ContatoInput(BaseModel):
    """One contato, as a client sends it."""

    nome: str
    telefone: str
    observacoes: str | None = None


class Contato(ContatoInput):
    """One contato, as the API answers it."""

    id: int


def fetch_contato(connection: sqlite3.Connection, contato_id: int) -> Contato:
    """Return the stored contato or answer 404."""
    cursor = connection.execute(SELECT_ONE, (contato_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no contato %s", contato_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Contato not found")
    return Contato.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_contato(
    body: ContatoInput, connection: SqliteConnection
) -> Contato:
    """Store a new contato."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created contato %s", cursor.lastrowid)
    return Contato(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_contatos(connection: SqliteConnection) -> list[Contato]:
    """Return every contato, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Contato.model_validate(dict(row)) for row in rows]


@router.get("/{contato_id}")
def read_contato(contato_id: int, connection: SqliteConnection) -> Contato:
    """Return one contato."""
    return fetch_contato(connection, contato_id)


@router.put("/{contato_id}")
def update_contato(
    contato_id: int, body: ContatoInput, connection: SqliteConnection
) -> Contato:
    """Replace a stored contato."""
    fetch_contato(connection, contato_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": contato_id})
    connection.commit()
    logger.info("updated contato %s", contato_id)
    return Contato(id=contato_id, **body.model_dump())


@router.delete("/{contato_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_contato(contato_id: int, connection: SqliteConnection) -> None:
    """Delete a contato that nothing refers to."""
    fetch_contato(connection, contato_id)
    try:
        connection.execute(DELETE, (contato_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("contato %s is still referenced", contato_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Contato is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted contato %s", contato_id)
