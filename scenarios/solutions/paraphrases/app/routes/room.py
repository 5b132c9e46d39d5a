"""Rooms over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/rooms", tags=["rooms"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class RoomIn(BaseModel):
    """A room as clients send it."""

    number: str
    capacity: int


class Room(RoomIn):
    """A room as it is stored."""

    id: int


@router.post("", status_code=201)
def create_room(body: RoomIn, connection: Connection) -> Room:
    """Store a new room."""
    with connection:
        room_id = connection.execute(
            "INSERT INTO rooms (number, capacity) VALUES (:number, :capacity)",
            body.model_dump(),
        ).lastrowid
    return read_room(room_id, connection)


@router.get("")
def list_rooms(connection: Connection) -> list[Room]:
    """All rooms, the oldest first."""
    rows = connection.execute("SELECT * FROM rooms ORDER BY id")
    return [Room(**row) for row in rows]


@router.get("/{room_id}")
def read_room(room_id: int, connection: Connection) -> Room:
    """One room."""
    row = connection.execute(
        "SELECT * FROM rooms WHERE id = ?", (room_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no room {room_id}")
    return Room(**row)


@router.put("/{room_id}")
def update_room(room_id: int, body: RoomIn, connection: Connection) -> Room:
    """Replace every value of a room."""
    with connection:
        connection.execute(
            "UPDATE rooms SET number = :number, capacity = :capacity"
            " WHERE id = :id",
            {**body.model_dump(), "id": room_id},
        )
    return read_room(room_id, connection)


@router.delete("/{room_id}", status_code=204)
def delete_room(room_id: int, connection: Connection) -> None:
    """Delete a room."""
    read_room(room_id, connection)
    with connection:
        connection.execute("DELETE FROM rooms WHERE id = ?", (room_id,))
