"""Courses over HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/courses", tags=["courses"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class CourseIn(BaseModel):
    """A course as clients send it."""

    name: str
    level: str
    teacher_id: int | None = None


class Course(CourseIn):
    """A course as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at a teacher that is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "The teacher does not exist") from error


@router.post("", status_code=201)
def create_course(body: CourseIn, connection: Connection) -> Course:
    """Store a new course."""
    with saving(connection):
        course_id = connection.execute(
            "INSERT INTO courses (name, level, teacher_id)"
            " VALUES (:name, :level, :teacher_id)",
            body.model_dump(),
        ).lastrowid
    return read_course(course_id, connection)


@router.get("")
def list_courses(connection: Connection) -> list[Course]:
    """All courses, the oldest first."""
    rows = connection.execute("SELECT * FROM courses ORDER BY id")
    return [Course(**row) for row in rows]


@router.get("/{course_id}")
def read_course(course_id: int, connection: Connection) -> Course:
    """One course."""
    row = connection.execute(
        "SELECT * FROM courses WHERE id = ?", (course_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no course {course_id}")
    return Course(**row)


@router.put("/{course_id}")
def update_course(
    course_id: int, body: CourseIn, connection: Connection
) -> Course:
    """Replace every value of a course."""
    with saving(connection):
        connection.execute(
            "UPDATE courses SET name = :name, level = :level,"
            " teacher_id = :teacher_id WHERE id = :id",
            {**body.model_dump(), "id": course_id},
        )
    return read_course(course_id, connection)


@router.delete("/{course_id}", status_code=204)
def delete_course(course_id: int, connection: Connection) -> None:
    """Delete a course."""
    read_course(course_id, connection)
    with connection:
        connection.execute("DELETE FROM courses WHERE id = ?", (course_id,))
