"""Routes of /loan_files."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/loan_files")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "loan_files" (
    "code",
    "due_date",
    "note"
)
VALUES (
    :code,
    :due_date,
    :note
)
"""
SELECT_ALL = 'SELECT * FROM "loan_files" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "loan_files" WHERE id = ?'
UPDATE = """
UPDATE "loan_files"
SET
    "code" = :code,
    "due_date" = :due_date,
    "note" = :note
WHERE id = :id
"""
DELETE = 'DELETE FROM "loan_files" WHERE id = ?'


class LoanFileInput(BaseModel):
    """One loan file, as a client sends it."""

    code: str
    due_date: dt.date
    note: str


class LoanFile(LoanFileInput):
    """One loan file, as the API answers it."""

    id: int


def fetch_loan_file(
    connection: sqlite3.Connection, loan_file_id: int
) -> LoanFile:
    """Return the stored loan file or answer 404."""
    cursor = connection.execute(SELECT_ONE, (loan_file_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no loan file %s", loan_file_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Loan file not found")
    return LoanFile.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_loan_file(
    body: LoanFileInput, connection: SqliteConnection
) -> LoanFile:
    """Store a new loan file."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created loan file %s", cursor.lastrowid)
    return LoanFile(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_loan_files(connection: SqliteConnection) -> list[LoanFile]:
    """Return every loan file, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [LoanFile.model_validate(dict(row)) for row in rows]


@router.get("/{loan_file_id}")
def read_loan_file(
    loan_file_id: int, connection: SqliteConnection
) -> LoanFile:
    """Return one loan file."""
    return fetch_loan_file(connection, loan_file_id)


@router.put("/{loan_file_id}")
def update_loan_file(
    loan_file_id: int, body: LoanFileInput, connection: SqliteConnection
) -> LoanFile:
    """Replace a stored loan file."""
    fetch_loan_file(connection, loan_file_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": loan_file_id})
    connection.commit()
    logger.info("updated loan file %s", loan_file_id)
    return LoanFile(id=loan_file_id, **body.model_dump())


@router.delete("/{loan_file_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_loan_file(loan_file_id: int, connection: SqliteConnection) -> None:
    """Delete a loan file that nothing refers to."""
    fetch_loan_file(connection, loan_file_id)
    try:
        connection.execute(DELETE, (loan_file_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("loan file %s is still referenced", loan_file_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Loan file is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted loan file %s", loan_file_id)
