"""Routes of /books."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/books")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "books" (
    "title",
    "author",
    "number_of_pages",
    "short_summary"
)
VALUES (
    :title,
    :author,
    :number_of_pages,
    :short_summary
)
"""
SELECT_ALL = 'SELECT * FROM "books" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "books" WHERE id = ?'
UPDATE = """
UPDATE "books"
SET
    "title" = :title,
    "author" = :author,
    "number_of_pages" = :number_of_pages,
    "short_summary" = :short_summary
WHERE id = :id
"""
DELETE = 'DELETE FROM "books" WHERE id = ?'


class BookInput(BaseModel):
    """One book, as a client sends it."""

    title: str
    author: str
    number_of_pages: int
    short_summary: str | None = None


class Book(BookInput):
    """One book, as the API answers it."""

    id: int


def fetch_book(connection: sqlite3.Connection, book_id: int) -> Book:
    """Return the stored book or answer 404."""
    cursor = connection.execute(SELECT_ONE, (book_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no book %s", book_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Book not found")
    return Book.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_book(body: BookInput, connection: SqliteConnection) -> Book:
    """Store a new book."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created book %s", cursor.lastrowid)
    return Book(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_books(connection: SqliteConnection) -> list[Book]:
    """Return every book, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Book.model_validate(dict(row)) for row in rows]


@router.get("/{book_id}")
def read_book(book_id: int, connection: SqliteConnection) -> Book:
    """Return one book."""
    return fetch_book(connection, book_id)


@router.put("/{book_id}")
def update_book(
    book_id: int, body: BookInput, connection: SqliteConnection
) -> Book:
    """Replace a stored book."""
    fetch_book(connection, book_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": book_id})
    connection.commit()
    logger.info("updated book %s", book_id)
    return Book(id=book_id, **body.model_dump())


@router.delete("/{book_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_book(book_id: int, connection: SqliteConnection) -> None:
    """Delete a book that nothing refers to."""
    fetch_book(connection, book_id)
    try:
        connection.execute(DELETE, (book_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("book %s is still referenced", book_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Book is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted book %s", book_id)
