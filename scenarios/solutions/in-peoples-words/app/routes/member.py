"""
Member API.

Endpoints to create, list, read, replace and delete members.
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


class MemberRequest(BaseModel):
    """A Member as clients send it."""

    name: str
    email: str
    date_joined: datetime.date
    active: bool


class MemberRepository:
    """Reads and writes members."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection of one request."""
        self.connection = connection

    def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:
        """Convert a row to a JSON friendly dictionary."""
        item = dict(row)
        item["active"] = bool(item["active"])
        return item

    def find_all(self) -> list[dict[str, Any]]:
        """All members, oldest first."""
        rows = self.connection.execute(
            (
                "SELECT id, name, email, date_joined, active FROM "
                "members ORDER BY id"
            )
        )
        return [self.to_dict(row) for row in rows.fetchall()]

    def find(self, member_id: int) -> dict[str, Any]:
        """One Member; raises a 404 when there is none."""
        row = self.connection.execute(
            (
                "SELECT id, name, email, date_joined, active FROM "
                "members WHERE id = ?"
            ),
            (member_id,),
        ).fetchone()
        if not row:
            logger.warning("Member %s does not exist", member_id)
            raise HTTPException(404, "Member not found")
        return self.to_dict(row)

    def validate(self, payload: MemberRequest, current_id: int | None) -> None:
        """Raise a 422 for an unknown reference or a broken rule."""
        connection = self.connection
        taken = connection.execute(
            "SELECT 1 FROM members " "WHERE email = ? AND id IS NOT ?",
            (payload.email, current_id),
        ).fetchone()
        if taken is not None:
            raise HTTPException(status_code=422, detail="email must be unique")

    def add(self, payload: MemberRequest) -> dict[str, Any]:
        """Insert a Member and return it."""
        self.validate(payload, None)
        data = payload.model_dump(mode="json")
        sql = (
            "INSERT INTO members (name, email, date_joined, active) "
            "VALUES (:name, :email, :date_joined, :active)"
        )
        member_id = int(self.connection.execute(sql, data).lastrowid or 0)
        self.connection.commit()
        logger.info("Member %s was created", member_id)
        return self.find(member_id)

    def replace(
        self, member_id: int, payload: MemberRequest
    ) -> dict[str, Any]:
        """Overwrite a Member that exists."""
        self.find(member_id)
        self.validate(payload, member_id)
        data = {**payload.model_dump(mode="json"), "id": member_id}
        sql = (
            "UPDATE members SET name = :name, email = :email, "
            "date_joined = :date_joined, active = :active WHERE id = :id"
        )
        self.connection.execute(sql, data)
        self.connection.commit()
        logger.info("Member %s was replaced", member_id)
        return self.find(member_id)

    def remove(self, member_id: int) -> None:
        """Delete a Member that exists."""
        self.find(member_id)
        sql = "DELETE FROM members WHERE id = ?"
        try:
            self.connection.execute(sql, (member_id,))
        except sqlite3.IntegrityError as exc:
            logger.warning("Member %s is still referenced", member_id)
            raise HTTPException(409, "Member is in use") from exc
        self.connection.commit()
        logger.info("Member %s was deleted", member_id)


def get_repository(
    connection: sqlite3.Connection = Depends(get_connection),
) -> MemberRepository:
    """Provide the repository for one request."""
    return MemberRepository(connection)


@router.post("/members", status_code=201)
def create_member(
    payload: MemberRequest,
    repository: MemberRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Create a Member and return it with its id."""
    return repository.add(payload)


@router.get("/members")
def list_members(
    repository: MemberRepository = Depends(get_repository),
) -> list[dict[str, Any]]:
    """List every Member."""
    return repository.find_all()


@router.get("/members/{member_id}")
def read_member(
    member_id: int,
    repository: MemberRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Return the Member with this id."""
    return repository.find(member_id)


@router.put("/members/{member_id}")
def replace_member(
    member_id: int,
    payload: MemberRequest,
    repository: MemberRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Replace the Member with this id."""
    return repository.replace(member_id, payload)


@router.delete("/members/{member_id}", status_code=204)
def delete_member(
    member_id: int,
    repository: MemberRepository = Depends(get_repository),
) -> None:
    """Delete the Member with this id."""
    repository.remove(member_id)
