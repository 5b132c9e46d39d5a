"""Bookings over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, field_validator

from app.connection import get_connection

router = APIRouter(prefix="/bookings", tags=["bookings"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]
FEWEST_SEATS, MOST_SEATS = 1, 8


class BookingValues(BaseModel):
    """What a booking consists of."""

    room: str
    guest: str
    seats: int


class BookingIn(BookingValues):
    """A booking as clients send it, within the rule."""

    @field_validator("seats")
    @classmethod
    def check_seats(cls, seats: int) -> int:
        """Refuse too few and too many seats."""
        if not FEWEST_SEATS <= seats <= MOST_SEATS:
            raise ValueError(
                f"seats must be between {FEWEST_SEATS} and {MOST_SEATS}"
            )
        return seats


class Booking(BookingValues):
    """A booking as it is stored."""

    id: int


@router.post("", status_code=201)
def create_booking(body: BookingIn, connection: Connection) -> Booking:
    """Store a new booking."""
    with connection:
        booking_id = connection.execute(
            "INSERT INTO bookings (room, guest, seats)"
            " VALUES (:room, :guest, :seats)",
            body.model_dump(),
        ).lastrowid
    return read_booking(booking_id, connection)


@router.get("")
def list_bookings(connection: Connection) -> list[Booking]:
    """All bookings, the oldest first."""
    rows = connection.execute("SELECT * FROM bookings ORDER BY id")
    return [Booking(**row) for row in rows]


@router.get("/{booking_id}")
def read_booking(booking_id: int, connection: Connection) -> Booking:
    """One booking."""
    row = connection.execute(
        "SELECT * FROM bookings WHERE id = ?", (booking_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no booking {booking_id}")
    return Booking(**row)


@router.put("/{booking_id}")
def update_booking(
    booking_id: int, body: BookingIn, connection: Connection
) -> Booking:
    """Replace every value of a booking."""
    with connection:
        connection.execute(
            "UPDATE bookings SET room = :room, guest = :guest, seats = :seats"
            " WHERE id = :id",
            {**body.model_dump(), "id": booking_id},
        )
    return read_booking(booking_id, connection)


@router.delete("/{booking_id}", status_code=204)
def delete_booking(booking_id: int, connection: Connection) -> None:
    """Delete a booking."""
    read_booking(booking_id, connection)
    with connection:
        connection.execute("DELETE FROM bookings WHERE id = ?", (booking_id,))
