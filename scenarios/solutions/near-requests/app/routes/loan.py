"""Routes of /loans."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/loans")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "loans" (
    "title",
    "due_date",
    "note"
)
VALUES (
    :title,
    :due_date,
    :note
)
"""
SELECT_ALL = 'SELECT * FROM "loans" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "loans" WHERE id = ?'
UPDATE = """
UPDATE "loans"
SET
    "title" = :title,
    "due_date" = :due_date,
    "note" = :note
WHERE id = :id
"""
DELETE = 'DELETE FROM "loans" WHERE id = ?'


class LoanInput(BaseModel):
    """One loan, as a client sends it."""

    title: str
    due_date: dt.date
    note: str | None = None


class Loan(LoanInput):
    """One loan, as the API answers it."""

    id: int


def fetch_loan(connection: sqlite3.Connection, loan_id: int) -> Loan:
    """Return the stored loan or answer 404."""
    cursor = connection.execute(SELECT_ONE, (loan_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no loan %s", loan_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Loan not found")
    return Loan.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_loan(body: LoanInput, connection: SqliteConnection) -> Loan:
    """Store a new loan."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created loan %s", cursor.lastrowid)
    return Loan(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_loans(connection: SqliteConnection) -> list[Loan]:
    """Return every loan, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Loan.model_validate(dict(row)) for row in rows]


@router.get("/{loan_id}")
def read_loan(loan_id: int, connection: SqliteConnection) -> Loan:
    """Return one loan."""
    return fetch_loan(connection, loan_id)


@router.put("/{loan_id}")
def update_loan(
    loan_id: int, body: LoanInput, connection: SqliteConnection
) -> Loan:
    """Replace a stored loan."""
    fetch_loan(connection, loan_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": loan_id})
    connection.commit()
    logger.info("updated loan %s", loan_id)
    return Loan(id=loan_id, **body.model_dump())


@router.delete("/{loan_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_loan(loan_id: int, connection: SqliteConnection) -> None:
    """Delete a loan that nothing refers to."""
    fetch_loan(connection, loan_id)
    try:
        connection.execute(DELETE, (loan_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("loan %s is still referenced", loan_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Loan is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted loan %s", loan_id)
