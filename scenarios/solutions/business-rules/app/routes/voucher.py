"""Vouchers over HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel, field_validator

from app.connection import get_connection

router = APIRouter(prefix="/vouchers", tags=["vouchers"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class VoucherValues(BaseModel):
    """What a voucher consists of."""

    code: str
    discount: float


class VoucherIn(VoucherValues):
    """A voucher as clients send it, within the rule for discounts."""

    @field_validator("discount")
    @classmethod
    def check_discount(cls, discount: float) -> float:
        """Refuse a discount that is none."""
        if discount <= 0:
            raise ValueError("the discount must be positive")
        return discount


class Voucher(VoucherValues):
    """A voucher as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if another voucher has the code."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "The code must be unique") from error


@router.post("", status_code=201)
def create_voucher(body: VoucherIn, connection: Connection) -> Voucher:
    """Store a new voucher."""
    with saving(connection):
        voucher_id = connection.execute(
            "INSERT INTO vouchers (code, discount) VALUES (:code, :discount)",
            body.model_dump(),
        ).lastrowid
    return read_voucher(voucher_id, connection)


@router.get("")
def list_vouchers(connection: Connection) -> list[Voucher]:
    """All vouchers, the oldest first."""
    rows = connection.execute("SELECT * FROM vouchers ORDER BY id")
    return [Voucher(**row) for row in rows]


@router.get("/{voucher_id}")
def read_voucher(voucher_id: int, connection: Connection) -> Voucher:
    """One voucher."""
    row = connection.execute(
        "SELECT * FROM vouchers WHERE id = ?", (voucher_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no voucher {voucher_id}")
    return Voucher(**row)


@router.put("/{voucher_id}")
def update_voucher(
    voucher_id: int, body: VoucherIn, connection: Connection
) -> Voucher:
    """Replace every value of a voucher."""
    with saving(connection):
        connection.execute(
            "UPDATE vouchers SET code = :code, discount = :discount"
            " WHERE id = :id",
            {**body.model_dump(), "id": voucher_id},
        )
    return read_voucher(voucher_id, connection)


@router.delete("/{voucher_id}", status_code=204)
def delete_voucher(voucher_id: int, connection: Connection) -> None:
    """Delete a voucher."""
    read_voucher(voucher_id, connection)
    with connection:
        connection.execute("DELETE FROM vouchers WHERE id = ?", (voucher_id,))
