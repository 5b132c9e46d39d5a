"""Routes of /tasks."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/tasks")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "tasks" (
    "title",
    "due_date",
    "done"
)
VALUES (
    :title,
    :due_date,
    :done
)
"""
SELECT_ALL = 'SELECT * FROM "tasks" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "tasks" WHERE id = ?'
UPDATE = """
UPDATE "tasks"
SET
    "title" = :title,
    "due_date" = :due_date,
    "done" = :done
WHERE id = :id
"""
DELETE = 'DELETE FROM "tasks" WHERE id = ?'


class TaskInput(BaseModel):
    """One task, as a client sends it."""

    title: str
    due_date: dt.date
    done: bool


class Task(TaskInput):
    """One task, as the API answers it."""

    id: int


def fetch_task(connection: sqlite3.Connection, task_id: int) -> Task:
    """Return the stored task or answer 404."""
    cursor = connection.execute(SELECT_ONE, (task_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no task %s", task_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Task not found")
    return Task.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_task(body: TaskInput, connection: SqliteConnection) -> Task:
    """Store a new task."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created task %s", cursor.lastrowid)
    return Task(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_tasks(connection: SqliteConnection) -> list[Task]:
    """Return every task, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Task.model_validate(dict(row)) for row in rows]


@router.get("/{task_id}")
def read_task(task_id: int, connection: SqliteConnection) -> Task:
    """Return one task."""
    return fetch_task(connection, task_id)


@router.put("/{task_id}")
def update_task(
    task_id: int, body: TaskInput, connection: SqliteConnection
) -> Task:
    """Replace a stored task."""
    fetch_task(connection, task_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": task_id})
    connection.commit()
    logger.info("updated task %s", task_id)
    return Task(id=task_id, **body.model_dump())


@router.delete("/{task_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_task(task_id: int, connection: SqliteConnection) -> None:
    """Delete a task that nothing refers to."""
    fetch_task(connection, task_id)
    try:
        connection.execute(DELETE, (task_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("task %s is still referenced", task_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Task is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted task %s", task_id)
