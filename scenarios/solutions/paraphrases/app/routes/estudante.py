"""Estudantes over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/estudantes", tags=["estudantes"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class EstudanteIn(BaseModel):
    """An estudante as clients send it."""

    nome: str
    email: str


class Estudante(EstudanteIn):
    """An estudante as it is stored."""

    id: int


@router.post("", status_code=201)
def create_estudante(body: EstudanteIn, connection: Connection) -> Estudante:
    """Store a new estudante."""
    with connection:
        estudante_id = connection.execute(
            "INSERT INTO estudantes (nome, email) VALUES (:nome, :email)",
            body.model_dump(),
        ).lastrowid
    return read_estudante(estudante_id, connection)


@router.get("")
def list_estudantes(connection: Connection) -> list[Estudante]:
    """All estudantes, the oldest first."""
    rows = connection.execute("SELECT * FROM estudantes ORDER BY id")
    return [Estudante(**row) for row in rows]


@router.get("/{estudante_id}")
def read_estudante(estudante_id: int, connection: Connection) -> Estudante:
    """One estudante."""
    row = connection.execute(
        "SELECT * FROM estudantes WHERE id = ?", (estudante_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no estudante {estudante_id}")
    return Estudante(**row)


@router.put("/{estudante_id}")
def update_estudante(
    estudante_id: int, body: EstudanteIn, connection: Connection
) -> Estudante:
    """Replace every value of an estudante."""
    with connection:
        connection.execute(
            "UPDATE estudantes SET nome = :nome, email = :email"
            " WHERE id = :id",
            {**body.model_dump(), "id": estudante_id},
        )
    return read_estudante(estudante_id, connection)


@router.delete("/{estudante_id}", status_code=204)
def delete_estudante(estudante_id: int, connection: Connection) -> None:
    """Delete an estudante."""
    read_estudante(estudante_id, connection)
    with connection:
        connection.execute(
            "DELETE FROM estudantes WHERE id = ?", (estudante_id,)
        )
