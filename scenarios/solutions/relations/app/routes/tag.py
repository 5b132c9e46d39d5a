"""Tags over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/tags", tags=["tags"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class TagIn(BaseModel):
    """A tag as clients send it."""

    label: str


class Tag(TagIn):
    """A tag as it is stored."""

    id: int


@router.post("", status_code=201)
def create_tag(body: TagIn, connection: Connection) -> Tag:
    """Store a new tag."""
    with connection:
        tag_id = connection.execute(
            "INSERT INTO tags (label) VALUES (:label)",
            body.model_dump(),
        ).lastrowid
    return read_tag(tag_id, connection)


@router.get("")
def list_tags(connection: Connection) -> list[Tag]:
    """All tags, the oldest first."""
    rows = connection.execute("SELECT * FROM tags ORDER BY id")
    return [Tag(**row) for row in rows]


@router.get("/{tag_id}")
def read_tag(tag_id: int, connection: Connection) -> Tag:
    """One tag."""
    row = connection.execute(
        "SELECT * FROM tags WHERE id = ?", (tag_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no tag {tag_id}")
    return Tag(**row)


@router.put("/{tag_id}")
def update_tag(tag_id: int, body: TagIn, connection: Connection) -> Tag:
    """Replace every value of a tag."""
    with connection:
        connection.execute(
            "UPDATE tags SET label = :label WHERE id = :id",
            {**body.model_dump(), "id": tag_id},
        )
    return read_tag(tag_id, connection)


@router.delete("/{tag_id}", status_code=204)
def delete_tag(tag_id: int, connection: Connection) -> None:
    """Delete a tag."""
    read_tag(tag_id, connection)
    with connection:
        connection.execute("DELETE FROM tags WHERE id = ?", (tag_id,))
