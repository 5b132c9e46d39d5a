"""Books over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/books", tags=["books"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class BookIn(BaseModel):
    """A book as clients send it."""

    title: str
    author: str
    number_of_pages: int


class Book(BookIn):
    """A book as it is stored."""

    id: int


@router.post("", status_code=201)
def create_book(body: BookIn, connection: Connection) -> Book:
    """Store a new book."""
    with connection:
        book_id = connection.execute(
            "INSERT INTO books (title, author, number_of_pages)"
            " VALUES (:title, :author, :number_of_pages)",
            body.model_dump(),
        ).lastrowid
    return read_book(book_id, connection)


@router.get("")
def list_books(connection: Connection) -> list[Book]:
    """All books, the oldest first."""
    rows = connection.execute("SELECT * FROM books ORDER BY id")
    return [Book(**row) for row in rows]


@router.get("/{book_id}")
def read_book(book_id: int, connection: Connection) -> Book:
    """One book."""
    row = connection.execute(
        "SELECT * FROM books WHERE id = ?", (book_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no book {book_id}")
    return Book(**row)


@router.put("/{book_id}")
def update_book(book_id: int, body: BookIn, connection: Connection) -> Book:
    """Replace every value of a book."""
    with connection:
        connection.execute(
            "UPDATE books SET title = :title, author = :author,"
            " number_of_pages = :number_of_pages WHERE id = :id",
            {**body.model_dump(), "id": book_id},
        )
    return read_book(book_id, connection)


@router.delete("/{book_id}", status_code=204)
def delete_book(book_id: int, connection: Connection) -> None:
    """Delete a book."""
    read_book(book_id, connection)
    with connection:
        connection.execute("DELETE FROM books WHERE id = ?", (book_id,))
