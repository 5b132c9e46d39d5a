"""Loans over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, field_validator

from app.connection import get_connection

router = APIRouter(prefix="/loans", tags=["loans"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]
LONGEST_DAYS = 14


class LoanValues(BaseModel):
    """What a loan consists of."""

    book_title: str
    borrower: str
    days: int


class LoanIn(LoanValues):
    """A loan as clients send it, within the rule."""

    @field_validator("days")
    @classmethod
    def check_days(cls, days: int) -> int:
        """Refuse a loan that is too long."""
        if days > LONGEST_DAYS:
            raise ValueError(f"a loan lasts at most {LONGEST_DAYS} days")
        return days


class Loan(LoanValues):
    """A loan as it is stored."""

    id: int


@router.post("", status_code=201)
def create_loan(body: LoanIn, connection: Connection) -> Loan:
    """Store a new loan."""
    with connection:
        loan_id = connection.execute(
            "INSERT INTO loans (book_title, borrower, days)"
            " VALUES (:book_title, :borrower, :days)",
            body.model_dump(),
        ).lastrowid
    return read_loan(loan_id, connection)


@router.get("")
def list_loans(connection: Connection) -> list[Loan]:
    """All loans, the oldest first."""
    rows = connection.execute("SELECT * FROM loans ORDER BY id")
    return [Loan(**row) for row in rows]


@router.get("/{loan_id}")
def read_loan(loan_id: int, connection: Connection) -> Loan:
    """One loan."""
    row = connection.execute(
        "SELECT * FROM loans WHERE id = ?", (loan_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no loan {loan_id}")
    return Loan(**row)


@router.put("/{loan_id}")
def update_loan(loan_id: int, body: LoanIn, connection: Connection) -> Loan:
    """Replace every value of a loan."""
    with connection:
        connection.execute(
            "UPDATE loans SET book_title = :book_title, borrower = :borrower,"
            " days = :days WHERE id = :id",
            {**body.model_dump(), "id": loan_id},
        )
    return read_loan(loan_id, connection)


@router.delete("/{loan_id}", status_code=204)
def delete_loan(loan_id: int, connection: Connection) -> None:
    """Delete a loan."""
    read_loan(loan_id, connection)
    with connection:
        connection.execute("DELETE FROM loans WHERE id = ?", (loan_id,))
