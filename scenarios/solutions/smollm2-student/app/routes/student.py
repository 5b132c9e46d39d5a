"""Students over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/students", tags=["students"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class StudentIn(BaseModel):
    """A student as clients send it."""

    name: str


class Student(StudentIn):
    """A student as it is stored."""

    id: int


@router.post("", status_code=201)
def create_student(body: StudentIn, connection: Connection) -> Student:
    """Store a new student."""
    with connection:
        student_id = connection.execute(
            "INSERT INTO students (name) VALUES (:name)", body.model_dump()
        ).lastrowid
    return read_student(student_id, connection)


@router.get("")
def list_students(connection: Connection) -> list[Student]:
    """All students, the oldest first."""
    rows = connection.execute("SELECT * FROM students ORDER BY id")
    return [Student(**row) for row in rows]


@router.get("/{student_id}")
def read_student(student_id: int, connection: Connection) -> Student:
    """One student."""
    row = connection.execute(
        "SELECT * FROM students WHERE id = ?", (student_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no student {student_id}")
    return Student(**row)


@router.put("/{student_id}")
def update_student(
    student_id: int, body: StudentIn, connection: Connection
) -> Student:
    """Replace every value of a student."""
    with connection:
        connection.execute(
            "UPDATE students SET name = :name WHERE id = :id",
            {**body.model_dump(), "id": student_id},
        )
    return read_student(student_id, connection)


@router.delete("/{student_id}", status_code=204)
def delete_student(student_id: int, connection: Connection) -> None:
    """Delete a student."""
    read_student(student_id, connection)
    with connection:
        connection.execute("DELETE FROM students WHERE id = ?", (student_id,))
