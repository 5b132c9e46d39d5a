"""
Coupon API.

Endpoints to create, list, read, replace and delete coupons.
"""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter()


class CouponRequest(BaseModel):
    """A Coupon as clients send it."""

    code: str
    percentage: float


class CouponRepository:
    """Reads and writes coupons."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        """Keep the connection of one request."""
        self.connection = connection

    def to_dict(self, row: sqlite3.Row) -> dict[str, Any]:
        """Convert a row to a JSON friendly dictionary."""
        item = dict(row)
        return item

    def find_all(self) -> list[dict[str, Any]]:
        """All coupons, oldest first."""
        rows = self.connection.execute(
            ("SELECT id, code, percentage FROM coupons ORDER BY id")
        )
        return [self.to_dict(row) for row in rows.fetchall()]

    def find(self, coupon_id: int) -> dict[str, Any]:
        """One Coupon; raises a 404 when there is none."""
        row = self.connection.execute(
            ("SELECT id, code, percentage FROM coupons WHERE id = ?"),
            (coupon_id,),
        ).fetchone()
        if not row:
            logger.warning("Coupon %s does not exist", coupon_id)
            raise HTTPException(404, "Coupon not found")
        return self.to_dict(row)

    def validate(self, payload: CouponRequest, current_id: int | None) -> None:
        """Raise a 422 for an unknown reference or a broken rule."""
        if not 1 <= payload.percentage <= 100:
            raise HTTPException(
                status_code=422,
                detail="percentage must be between 1 and 100",
            )

    def add(self, payload: CouponRequest) -> dict[str, Any]:
        """Insert a Coupon and return it."""
        self.validate(payload, None)
        data = payload.model_dump(mode="json")
        sql = (
            "INSERT INTO coupons (code, percentage) VALUES (:code, "
            ":percentage)"
        )
        coupon_id = int(self.connection.execute(sql, data).lastrowid or 0)
        self.connection.commit()
        logger.info("Coupon %s was created", coupon_id)
        return self.find(coupon_id)

    def replace(
        self, coupon_id: int, payload: CouponRequest
    ) -> dict[str, Any]:
        """Overwrite a Coupon that exists."""
        self.find(coupon_id)
        self.validate(payload, coupon_id)
        data = {**payload.model_dump(mode="json"), "id": coupon_id}
        sql = (
            "UPDATE coupons SET code = :code, percentage = :percentage "
            "WHERE id = :id"
        )
        self.connection.execute(sql, data)
        self.connection.commit()
        logger.info("Coupon %s was replaced", coupon_id)
        return self.find(coupon_id)

    def remove(self, coupon_id: int) -> None:
        """Delete a Coupon that exists."""
        self.find(coupon_id)
        sql = "DELETE FROM coupons WHERE id = ?"
        try:
            self.connection.execute(sql, (coupon_id,))
        except sqlite3.IntegrityError as exc:
            logger.warning("Coupon %s is still referenced", coupon_id)
            raise HTTPException(409, "Coupon is in use") from exc
        self.connection.commit()
        logger.info("Coupon %s was deleted", coupon_id)


def get_repository(
    connection: sqlite3.Connection = Depends(get_connection),
) -> CouponRepository:
    """Provide the repository for one request."""
    return CouponRepository(connection)


@router.post("/coupons", status_code=201)
def create_coupon(
    payload: CouponRequest,
    repository: CouponRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Create a Coupon and return it with its id."""
    return repository.add(payload)


@router.get("/coupons")
def list_coupons(
    repository: CouponRepository = Depends(get_repository),
) -> list[dict[str, Any]]:
    """List every Coupon."""
    return repository.find_all()


@router.get("/coupons/{coupon_id}")
def read_coupon(
    coupon_id: int,
    repository: CouponRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Return the Coupon with this id."""
    return repository.find(coupon_id)


@router.put("/coupons/{coupon_id}")
def replace_coupon(
    coupon_id: int,
    payload: CouponRequest,
    repository: CouponRepository = Depends(get_repository),
) -> dict[str, Any]:
    """Replace the Coupon with this id."""
    return repository.replace(coupon_id, payload)


@router.delete("/coupons/{coupon_id}", status_code=204)
def delete_coupon(
    coupon_id: int,
    repository: CouponRepository = Depends(get_repository),
) -> None:
    """Delete the Coupon with this id."""
    repository.remove(coupon_id)
