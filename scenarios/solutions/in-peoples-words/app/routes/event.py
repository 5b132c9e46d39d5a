"""
Event API.

Endpoints to create, list, read, replace and delete events.
"""

import datetime
import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter()


class EventRequest(BaseModel):
    """A Event as clients send it."""

    title: str
    date_time: datetime.datetime
    capacity: int


class EventRepository:
    """Reads and writes events."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection of one request."""
        self.connection = connection

    def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:
        """Convert a row to a JSON friendly dictionary."""
        item = dict(row)
        return item

    def find_all(self) -> list[dict[str, Any]]:
        """All events, oldest first."""
        rows = self.connection.execute(
            (
                "SELECT id, title, date_time, capacity FROM events ORDER "
                "BY id"
            )
        )
        return [self.to_dict(row) for row in rows.fetchall()]

    def find(self, event_id: int) -> dict[str, Any]:
        """One Event; raises a 404 when there is none."""
        row = self.connection.execute(
            (
                "SELECT id, title, date_time, capacity FROM events WHERE "
                "id = ?"
            ),
            (event_id,),
        ).fetchone()
        if not row:
            logger.warning("Event %s does not exist", event_id)
            raise HTTPException(404, "Event not found")
        return self.to_dict(row)

    def validate(self, payload: EventRequest, current_id: int | None) -> None:
        """Raise a 422 for an unknown reference or a broken rule."""
        if payload.capacity < 1:
            raise HTTPException(
                status_code=422, detail="capacity must be at least 1"
            )

    def add(self, payload: EventRequest) -> dict[str, Any]:
        """Insert a Event and return it."""
        self.validate(payload, None)
        data = payload.model_dump(mode="json")
        sql = (
            "INSERT INTO events (title, date_time, capacity) VALUES "
            "(:title, :date_time, :capacity)"
        )
        event_id = int(self.connection.execute(sql, data).lastrowid or 0)
        self.connection.commit()
        logger.info("Event %s was created", event_id)
        return self.find(event_id)

    def replace(self, event_id: int, payload: EventRequest) -> dict[str, Any]:
        """Overwrite a Event that exists."""
        self.find(event_id)
        self.validate(payload, event_id)
        data = {**payload.model_dump(mode="json"), "id": event_id}
        sql = (
            "UPDATE events SET title = :title, date_time = :date_time, "
            "capacity = :capacity WHERE id = :id"
        )
        self.connection.execute(sql, data)
        self.connection.commit()
        logger.info("Event %s was replaced", event_id)
        return self.find(event_id)

    def remove(self, event_id: int) -> None:
        """Delete a Event that exists."""
        self.find(event_id)
        sql = "DELETE FROM events WHERE id = ?"
        try:
            self.connection.execute(sql, (event_id,))
        except sqlite3.IntegrityError as exc:
            logger.warning("Event %s is still referenced", event_id)
            raise HTTPException(409, "Event is in use") from exc
        self.connection.commit()
        logger.info("Event %s was deleted", event_id)


def get_repository(
    connection: sqlite3.Connection = Depends(get_connection),
) -> EventRepository:
    """Provide the repository for one request."""
    return EventRepository(connection)


@router.post("/events", status_code=201)
def create_event(
    payload: EventRequest,
    repository: EventRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Create a Event and return it with its id."""
    return repository.add(payload)


@router.get("/events")
def list_events(
    repository: EventRepository = Depends(get_repository),
) -> list[dict[str, Any]]:
    """List every Event."""
    return repository.find_all()


@router.get("/events/{event_id}")
def read_event(
    event_id: int,
    repository: EventRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Return the Event with this id."""
    return repository.find(event_id)


@router.put("/events/{event_id}")
def replace_event(
    event_id: int,
    payload: EventRequest,
    repository: EventRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Replace the Event with this id."""
    return repository.replace(event_id, payload)


@router.delete("/events/{event_id}", status_code=204)
def delete_event(
    event_id: int,
    repository: EventRepository = Depends(get_repository),
) -> None:
    """Delete the Event with this id."""
    repository.remove(event_id)
