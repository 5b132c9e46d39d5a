"""Students and the courses that they take, over HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/students", tags=["students"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class StudentIn(BaseModel):
    """A student as clients send it."""

    name: str
    email: str
    course_ids: list[int] = []


class Student(StudentIn):
    """A student as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at a course that is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "A course does not exist") from error


def link_courses(
    student_id: int, course_ids: list[int], connection: sqlite3.Connection
) -> None:
    """Give a student these courses and no others."""
    connection.execute(
        "DELETE FROM students_courses WHERE student_id = ?", (student_id,)
    )
    connection.executemany(
        "INSERT INTO students_courses (student_id, course_id) VALUES (?, ?)",
        [(student_id, course_id) for course_id in set(course_ids)],
    )


def load_student(row: sqlite3.Row, connection: sqlite3.Connection) -> Student:
    """The student of a row, with the courses in the order of their ids."""
    links = connection.execute(
        "SELECT course_id FROM students_courses WHERE student_id = ?"
        " ORDER BY course_id",
        (row["id"],),
    )
    return Student(**row, course_ids=[course_id for (course_id,) in links])


@router.post("", status_code=201)
def create_student(body: StudentIn, connection: Connection) -> Student:
    """Store a new student."""
    with saving(connection):
        student_id = connection.execute(
            "INSERT INTO students (name, email) VALUES (?, ?)",
            (body.name, body.email),
        ).lastrowid
        link_courses(student_id, body.course_ids, connection)
    return read_student(student_id, connection)


@router.get("")
def list_students(connection: Connection) -> list[Student]:
    """All students, the oldest first."""
    rows = connection.execute("SELECT * FROM students ORDER BY id")
    return [load_student(row, connection) for row in rows]


@router.get("/{student_id}")
def read_student(student_id: int, connection: Connection) -> Student:
    """One student."""
    row = connection.execute(
        "SELECT * FROM students WHERE id = ?", (student_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no student {student_id}")
    return load_student(row, connection)


@router.put("/{student_id}")
def update_student(
    student_id: int, body: StudentIn, connection: Connection
) -> Student:
    """Replace every value of a student, and the courses."""
    read_student(student_id, connection)
    with saving(connection):
        connection.execute(
            "UPDATE students SET name = ?, email = ? WHERE id = ?",
            (body.name, body.email, student_id),
        )
        link_courses(student_id, body.course_ids, connection)
    return read_student(student_id, connection)


@router.delete("/{student_id}", status_code=204)
def delete_student(student_id: int, connection: Connection) -> None:
    """Delete a student; the courses stay."""
    read_student(student_id, connection)
    with connection:
        connection.execute("DELETE FROM students WHERE id = ?", (student_id,))
