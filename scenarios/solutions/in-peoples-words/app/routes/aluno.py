"""CRUD routes for alunos."""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/alunos", tags=["alunos"])


class AlunoBase(BaseModel):
    """Fields of a Aluno."""

    nome: str
    numero_de_matricula: int


class AlunoCreate(AlunoBase):
    """Body of POST and PUT."""


class AlunoRead(AlunoBase):
    """What the API returns."""

    id: int


def row_to_dict(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any]:
    """Turn a database row into what the API returns."""
    item = dict(row)
    return item


def load_aluno(
    connection: sqlite3.Connection, aluno_id: int
) -> dict[str, Any]:
    """Read one Aluno or answer 404."""
    row = connection.execute(
        ("SELECT id, nome, numero_de_matricula FROM alunos WHERE " "id = ?"),
        (aluno_id,),
    ).fetchone()
    if row is None:
        logger.warning("Aluno %s not found", aluno_id)
        raise HTTPException(status_code=404, detail="Aluno not found")
    return row_to_dict(connection, row)


def check_payload(
    connection: sqlite3.Connection,
    payload: AlunoCreate,
    current_id: int | None = None,
) -> None:
    """Reject unknown references and broken business rules."""
    taken = connection.execute(
        "SELECT 1 FROM alunos "
        "WHERE numero_de_matricula = ? AND id IS NOT ?",
        (payload.numero_de_matricula, current_id),
    ).fetchone()
    if taken is not None:
        raise HTTPException(
            status_code=422,
            detail="numero_de_matricula must be unique",
        )


@router.post("", response_model=AlunoRead, status_code=status.HTTP_201_CREATED)
def create_aluno(
    payload: AlunoCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Store a new Aluno."""
    check_payload(connection, payload)
    cursor = connection.execute(
        (
            "INSERT INTO alunos (nome, numero_de_matricula) VALUES "
            "(:nome, :numero_de_matricula)"
        ),
        payload.model_dump(mode="json"),
    )
    aluno_id = int(cursor.lastrowid or 0)
    connection.commit()
    logger.info("Created Aluno %s", aluno_id)
    return load_aluno(connection, aluno_id)


@router.get("", response_model=list[AlunoRead])
def list_alunos(
    connection: sqlite3.Connection = Depends(get_connection),
) -> list[dict[str, Any]]:
    """Return every Aluno."""
    rows = connection.execute(
        ("SELECT id, nome, numero_de_matricula FROM alunos ORDER " "BY id")
    ).fetchall()
    return [row_to_dict(connection, row) for row in rows]


@router.get("/{aluno_id}", response_model=AlunoRead)
def get_aluno(
    aluno_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Return one Aluno."""
    return load_aluno(connection, aluno_id)


@router.put("/{aluno_id}", response_model=AlunoRead)
def update_aluno(
    aluno_id: int,
    payload: AlunoCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Replace one Aluno."""
    load_aluno(connection, aluno_id)
    check_payload(connection, payload, aluno_id)
    data = payload.model_dump(mode="json")
    data["id"] = aluno_id
    connection.execute(
        (
            "UPDATE alunos SET nome = :nome, numero_de_matricula = "
            ":numero_de_matricula WHERE id = :id"
        ),
        data,
    )
    connection.commit()
    logger.info("Updated Aluno %s", aluno_id)
    return load_aluno(connection, aluno_id)


@router.delete("/{aluno_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_aluno(
    aluno_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> Response:
    """Remove one Aluno."""
    load_aluno(connection, aluno_id)
    try:
        connection.execute(
            "DELETE FROM alunos WHERE id = ?",
            (aluno_id,),
        )
    except sqlite3.IntegrityError as error:
        logger.warning("Aluno %s is in use", aluno_id)
        raise HTTPException(
            status_code=409, detail="Aluno is still in use"
        ) from error
    connection.commit()
    logger.info("Deleted Aluno %s", aluno_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
