"""Routes of /suppliers."""

import logging
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/suppliers")
SqliteConnection = Annotated[sqlite3.Connection, Depends(get_connection)]

INSERT = """
INSERT INTO "suppliers" (
    "name",
    "address",
    "phone_number"
)
VALUES (
    :name,
    :address,
    :phone_number
)
"""
SELECT_ALL = 'SELECT * FROM "suppliers" ORDER BY id'
SELECT_ONE = 'SELECT * FROM "suppliers" WHERE id = ?'
UPDATE = """
UPDATE "suppliers"
SET
    "name" = :name,
    "address" = :address,
    "phone_number" = :phone_number
WHERE id = :id
"""
DELETE = 'DELETE FROM "suppliers" WHERE id = ?'


class SupplierInput(BaseModel):
    """One supplier, as a client sends it."""

    name: str
    address: str
    phone_number: str | None = None


class Supplier(SupplierInput):
    """One supplier, as the API answers it."""

    id: int


def fetch_supplier(
    connection: sqlite3.Connection, supplier_id: int
) -> Supplier:
    """Return the stored supplier or answer 404."""
    cursor = connection.execute(SELECT_ONE, (supplier_id,))
    row = cursor.fetchone()
    if row is None:
        logger.warning("no supplier %s", supplier_id)
        raise HTTPException(status.HTTP_404_NOT_FOUND, "Supplier not found")
    return Supplier.model_validate(dict(row))


@router.post("", status_code=status.HTTP_201_CREATED)
def create_supplier(
    body: SupplierInput, connection: SqliteConnection
) -> Supplier:
    """Store a new supplier."""
    cursor = connection.execute(INSERT, body.model_dump(mode="json"))
    connection.commit()
    logger.info("created supplier %s", cursor.lastrowid)
    return Supplier(id=cursor.lastrowid, **body.model_dump())


@router.get("")
def list_suppliers(connection: SqliteConnection) -> list[Supplier]:
    """Return every supplier, the oldest first."""
    rows = connection.execute(SELECT_ALL)
    return [Supplier.model_validate(dict(row)) for row in rows]


@router.get("/{supplier_id}")
def read_supplier(supplier_id: int, connection: SqliteConnection) -> Supplier:
    """Return one supplier."""
    return fetch_supplier(connection, supplier_id)


@router.put("/{supplier_id}")
def update_supplier(
    supplier_id: int, body: SupplierInput, connection: SqliteConnection
) -> Supplier:
    """Replace a stored supplier."""
    fetch_supplier(connection, supplier_id)
    values = body.model_dump(mode="json")
    connection.execute(UPDATE, values | {"id": supplier_id})
    connection.commit()
    logger.info("updated supplier %s", supplier_id)
    return Supplier(id=supplier_id, **body.model_dump())


@router.delete("/{supplier_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_supplier(supplier_id: int, connection: SqliteConnection) -> None:
    """Delete a supplier that nothing refers to."""
    fetch_supplier(connection, supplier_id)
    try:
        connection.execute(DELETE, (supplier_id,))
    except sqlite3.IntegrityError as error:
        logger.warning("supplier %s is still referenced", supplier_id)
        raise HTTPException(
            status.HTTP_409_CONFLICT, "Supplier is still referenced"
        ) from error
    connection.commit()
    logger.info("deleted supplier %s", supplier_id)
