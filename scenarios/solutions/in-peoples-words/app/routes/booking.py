"""Routes of /bookings."""

import datetime as dt
import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/bookings")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "bookings" (
    "customer_name",
    "date_time",
    "price"
)
VALUES (
    :customer_name,
    :date_time,
    :price
)
"""
SELECT_ALL = 'SELECT * FROM "bookings" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "bookings" WHERE id = ?'
UPDATE = """
UPDATE "bookings"
SET
    "customer_name" = :customer_name,
    "date_time" = :date_time,
    "price" = :price
WHERE id = :id
"""
DELETE = 'DELETE FROM "bookings" WHERE id = ?'


class BookingInput(BaseModel):
    """One booking, as a client sends it."""

    customer_name: str
    date_time: dt.datetime
    price: float


class Booking(BookingInput):
    """One booking, as the API answers it."""

    id: int


def fetch_booking(connection: sqlite3.Connection, booking_id: int) -> Booking:
    """Return the stored booking or answer 404."""
    cursor = connection.execute(SELECT_ONE, (booking_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no booking %s", booking_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Booking not found")
    return Booking.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_booking(
    body: BookingInput, connection: SqliteConnection
) -> Booking:
    """Store a new booking."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created booking %s", cursor.lastrowid)
    return Booking(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_bookings(connection: SqliteConnection) -> list[Booking]:
    """Return every booking, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Booking.model_validate(dict(row)) for row in rows]


@router.get("/{booking_id}")
def read_booking(booking_id: int, connection: SqliteConnection) -> Booking:
    """Return one booking."""
    return fetch_booking(connection, booking_id)


@router.put("/{booking_id}")
def update_booking(
    booking_id: int, body: BookingInput, connection: SqliteConnection
) -> Booking:
    """Replace a stored booking."""
    fetch_booking(connection, booking_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": booking_id})
    connection.commit()
    logger.info("updated booking %s", booking_id)
    return Booking(id=booking_id, **body.model_dump())


@router.delete("/{booking_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_booking(booking_id: int, connection: SqliteConnection) -> None:
    """Delete a booking that nothing refers to."""
    fetch_booking(connection, booking_id)
    try:
        connection.execute(DELETE, (booking_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("booking %s is still referenced", booking_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Booking is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted booking %s", booking_id)
