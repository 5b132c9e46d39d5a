"""Routes of /tickets."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/tickets")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "tickets" (
    "title"
)
VALUES (
    :title
)
"""
SELECT_ALL = 'SELECT * FROM "tickets" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "tickets" WHERE id = ?'
UPDATE = """
UPDATE "tickets"
SET
    "title" = :title
WHERE id = :id
"""
DELETE = 'DELETE FROM "tickets" WHERE id = ?'


class TicketInput(BaseModel):
    """One ticket, as a client sends it."""

    title: str


class Ticket(TicketInput):
    """One ticket, as the API answers it."""

    id: int


def fetch_ticket(connection: sqlite3.Connection, ticket_id: int) -> Ticket:
    """Return the stored ticket or answer 404."""
    cursor = connection.execute(SELECT_ONE, (ticket_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no ticket %s", ticket_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Ticket not found")
    return Ticket.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_ticket(body: TicketInput, connection: SqliteConnection) -> Ticket:
    """Store a new ticket."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created ticket %s", cursor.lastrowid)
    return Ticket(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_tickets(connection: SqliteConnection) -> list[Ticket]:
    """Return every ticket, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Ticket.model_validate(dict(row)) for row in rows]


@router.get("/{ticket_id}")
def read_ticket(ticket_id: int, connection: SqliteConnection) -> Ticket:
    """Return one ticket."""
    return fetch_ticket(connection, ticket_id)


@router.put("/{ticket_id}")
def update_ticket(
    ticket_id: int, body: TicketInput, connection: SqliteConnection
) -> Ticket:
    """Replace a stored ticket."""
    fetch_ticket(connection, ticket_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": ticket_id})
    connection.commit()
    logger.info("updated ticket %s", ticket_id)
    return Ticket(id=ticket_id, **body.model_dump())


@router.delete("/{ticket_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_ticket(ticket_id: int, connection: SqliteConnection) -> None:
    """Delete a ticket that nothing refers to."""
    fetch_ticket(connection, ticket_id)
    try:
        connection.execute(DELETE, (ticket_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("ticket %s is still referenced", ticket_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Ticket is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted ticket %s", ticket_id)
