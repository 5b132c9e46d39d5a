"""CRUD routes for funcionarios."""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/funcionarios", tags=["funcionarios"])


class FuncionarioBase(BaseModel):
    """Fields of a Funcionario."""

    nome: str
    email: str
    salario: float
    ativo: bool


class FuncionarioCreate(FuncionarioBase):
    """Body of POST and PUT."""


class FuncionarioRead(FuncionarioBase):
    """What the API returns."""

    id: int


def row_to_dict(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any]:
    """Turn a database row into what the API returns."""
    item = dict(row)
    item["ativo"] = bool(item["ativo"])
    return item


def load_funcionario(
    connection: sqlite3.Connection, funcionario_id: int
) -> dict[str, Any]:
    """Read one Funcionario or answer 404."""
    row = connection.execute(
        (
            "SELECT id, nome, email, salario, ativo FROM "
            "funcionarios WHERE id = ?"
        ),
        (funcionario_id,),
    ).fetchone()
    if row is None:
        logger.warning("Funcionario %s not found", funcionario_id)
        raise HTTPException(status_code=404, detail="Funcionario not found")
    return row_to_dict(connection, row)


def check_payload(
    connection: sqlite3.Connection,
    payload: FuncionarioCreate,
    current_id: int | None = None,
) -> None:
    """Reject unknown references and broken business rules."""
    taken = connection.execute(
        "SELECT 1 FROM funcionarios " "WHERE email = ? AND id IS NOT ?",
        (payload.email, current_id),
    ).fetchone()
    if taken is not None:
        raise HTTPException(status_code=422, detail="email must be unique")


@router.post(
    "", response_model=FuncionarioRead, status_code=status.HTTP_201_CREATED
)
def create_funcionario(
    payload: FuncionarioCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Store a new Funcionario."""
    check_payload(connection, payload)
    cursor = connection.execute(
        (
            "INSERT INTO funcionarios (nome, email, salario, ativo) "
            "VALUES (:nome, :email, :salario, :ativo)"
        ),
        payload.model_dump(mode="json"),
    )
    funcionario_id = int(cursor.lastrowid or 0)
    connection.commit()
    logger.info("Created Funcionario %s", funcionario_id)
    return load_funcionario(connection, funcionario_id)


@router.get("", response_model=list[FuncionarioRead])
def list_funcionarios(
    connection: sqlite3.Connection = Depends(get_connection),
) -> list[dict[str, Any]]:
    """Return every Funcionario."""
    rows = connection.execute(
        (
            "SELECT id, nome, email, salario, ativo FROM "
            "funcionarios ORDER BY id"
        )
    ).fetchall()
    return [row_to_dict(connection, row) for row in rows]


@router.get("/{funcionario_id}", response_model=FuncionarioRead)
def get_funcionario(
    funcionario_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Return one Funcionario."""
    return load_funcionario(connection, funcionario_id)


@router.put("/{funcionario_id}", response_model=FuncionarioRead)
def update_funcionario(
    funcionario_id: int,
    payload: FuncionarioCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Replace one Funcionario."""
    load_funcionario(connection, funcionario_id)
    check_payload(connection, payload, funcionario_id)
    data = payload.model_dump(mode="json")
    data["id"] = funcionario_id
    connection.execute(
        (
            "UPDATE funcionarios SET nome = :nome, email = :email, "
            "salario = :salario, ativo = :ativo WHERE id = :id"
        ),
        data,
    )
    connection.commit()
    logger.info("Updated Funcionario %s", funcionario_id)
    return load_funcionario(connection, funcionario_id)


@router.delete("/{funcionario_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_funcionario(
    funcionario_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> Response:
    """Remove one Funcionario."""
    load_funcionario(connection, funcionario_id)
    try:
        connection.execute(
            "DELETE FROM funcionarios WHERE id = ?",
            (funcionario_id,),
        )
    except sqlite3.IntegrityError as error:
        logger.warning("Funcionario %s is in use", funcionario_id)
        raise HTTPException(
            status_code=409, detail="Funcionario is still in use"
        ) from error
    connection.commit()
    logger.info("Deleted Funcionario %s", funcionario_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
