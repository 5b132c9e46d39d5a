"""Teachers over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/teachers", tags=["teachers"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class TeacherIn(BaseModel):
    """A teacher as clients send it."""

    name: str
    email: str


class Teacher(TeacherIn):
    """A teacher as it is stored."""

    id: int


@router.post("", status_code=201)
def create_teacher(body: TeacherIn, connection: Connection) -> Teacher:
    """Store a new teacher."""
    with connection:
        teacher_id = connection.execute(
            "INSERT INTO teachers (name, email) VALUES (:name, :email)",
            body.model_dump(),
        ).lastrowid
    return read_teacher(teacher_id, connection)


@router.get("")
def list_teachers(connection: Connection) -> list[Teacher]:
    """All teachers, the oldest first."""
    rows = connection.execute("SELECT * FROM teachers ORDER BY id")
    return [Teacher(**row) for row in rows]


@router.get("/{teacher_id}")
def read_teacher(teacher_id: int, connection: Connection) -> Teacher:
    """One teacher."""
    row = connection.execute(
        "SELECT * FROM teachers WHERE id = ?", (teacher_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no teacher {teacher_id}")
    return Teacher(**row)


@router.put("/{teacher_id}")
def update_teacher(
    teacher_id: int, body: TeacherIn, connection: Connection
) -> Teacher:
    """Replace every value of a teacher."""
    with connection:
        connection.execute(
            "UPDATE teachers SET name = :name, email = :email WHERE id = :id",
            {**body.model_dump(), "id": teacher_id},
        )
    return read_teacher(teacher_id, connection)


@router.delete("/{teacher_id}", status_code=204)
def delete_teacher(teacher_id: int, connection: Connection) -> None:
    """Delete a teacher."""
    read_teacher(teacher_id, connection)
    with connection:
        connection.execute("DELETE FROM teachers WHERE id = ?", (teacher_id,))
