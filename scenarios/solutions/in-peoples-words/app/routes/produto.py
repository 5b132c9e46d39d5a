"""Routes of /produtos."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/produtos")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "produtos" (
    "nome",
    "preco",
    "quantidade"
)
VALUES (
    :nome,
    :preco,
    :quantidade
)
"""
SELECT_ALL = 'SELECT * FROM "produtos" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "produtos" WHERE id = ?'
UPDATE = """
UPDATE "produtos"
SET
    "nome" = :nome,
    "preco" = :preco,
    "quantidade" = :quantidade
WHERE id = :id
"""
DELETE = 'DELETE FROM "produtos" WHERE id = ?'


class ProdutoInput(BaseModel):
    """One produto, as a client sends it."""

    nome: str
    preco: float
    quantidade: int


class Produto(ProdutoInput):
    """One produto, as the API answers it."""

    id: int


def fetch_produto(connection: sqlite3.Connection, produto_id: int) -> Produto:
    """Return the stored produto or answer 404."""
    cursor = connection.execute(SELECT_ONE, (produto_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no produto %s", produto_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Produto not found")
    return Produto.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_produto(
    body: ProdutoInput, connection: SqliteConnection
) -> Produto:
    """Store a new produto."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created produto %s", cursor.lastrowid)
    return Produto(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_produtos(connection: SqliteConnection) -> list[Produto]:
    """Return every produto, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Produto.model_validate(dict(row)) for row in rows]


@router.get("/{produto_id}")
def read_produto(produto_id: int, connection: SqliteConnection) -> Produto:
    """Return one produto."""
    return fetch_produto(connection, produto_id)


@router.put("/{produto_id}")
def update_produto(
    produto_id: int, body: ProdutoInput, connection: SqliteConnection
) -> Produto:
    """Replace a stored produto."""
    fetch_produto(connection, produto_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": produto_id})
    connection.commit()
    logger.info("updated produto %s", produto_id)
    return Produto(id=produto_id, **body.model_dump())


@router.delete("/{produto_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_produto(produto_id: int, connection: SqliteConnection) -> None:
    """Delete a produto that nothing refers to."""
    fetch_produto(connection, produto_id)
    try:
        connection.execute(DELETE, (produto_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("produto %s is still referenced", produto_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Produto is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted produto %s", produto_id)
