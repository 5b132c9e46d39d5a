"""Members and the books that they have, over HTTP."""

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/members", tags=["members"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class MemberIn(BaseModel):
    """A member as clients send it."""

    name: str
    email: str
    joining_date: datetime.date
    phone: str | None = None
    book_ids: list[int] = []


class Member(MemberIn):
    """A member as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at a book that is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "A book does not exist") from error


def column_values(body: MemberIn) -> dict:
    """The values of the table's columns, the date in ISO 8601."""
    return body.model_dump(mode="json", exclude={"book_ids"})


def link_books(
    member_id: int, book_ids: list[int], connection: sqlite3.Connection
) -> None:
    """Give a member these books and no others."""
    connection.execute(
        "DELETE FROM members_books WHERE member_id = ?", (member_id,)
    )
    connection.executemany(
        "INSERT INTO members_books (member_id, book_id) VALUES (?, ?)",
        [(member_id, book_id) for book_id in set(book_ids)],
    )


def load_member(row: sqlite3.Row, connection: sqlite3.Connection) -> Member:
    """The member of a row, with the books in the order of their ids."""
    links = connection.execute(
        "SELECT book_id FROM members_books WHERE member_id = ?"
        " ORDER BY book_id",
        (row["id"],),
    )
    return Member(**row, book_ids=[book_id for (book_id,) in links])


@router.post("", status_code=201)
def create_member(body: MemberIn, connection: Connection) -> Member:
    """Store a new member."""
    with saving(connection):
        member_id = connection.execute(
            "INSERT INTO members (name, email, joining_date, phone)"
            " VALUES (:name, :email, :joining_date, :phone)",
            column_values(body),
        ).lastrowid
        link_books(member_id, body.book_ids, connection)
    return read_member(member_id, connection)


@router.get("")
def list_members(connection: Connection) -> list[Member]:
    """All members, the oldest first."""
    rows = connection.execute("SELECT * FROM members ORDER BY id")
    return [load_member(row, connection) for row in rows]


@router.get("/{member_id}")
def read_member(member_id: int, connection: Connection) -> Member:
    """One member."""
    row = connection.execute(
        "SELECT * FROM members WHERE id = ?", (member_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no member {member_id}")
    return load_member(row, connection)


@router.put("/{member_id}")
def update_member(
    member_id: int, body: MemberIn, connection: Connection
) -> Member:
    """Replace every value of a member, and the books."""
    read_member(member_id, connection)
    with saving(connection):
        connection.execute(
            "UPDATE members SET name = :name, email = :email,"
            " joining_date = :joining_date, phone = :phone WHERE id = :id",
            {**column_values(body), "id": member_id},
        )
        link_books(member_id, body.book_ids, connection)
    return read_member(member_id, connection)


@router.delete("/{member_id}", status_code=204)
def delete_member(member_id: int, connection: Connection) -> None:
    """Delete a member; the books stay."""
    read_member(member_id, connection)
    with connection:
        connection.execute("DELETE FROM members WHERE id = ?", (member_id,))
