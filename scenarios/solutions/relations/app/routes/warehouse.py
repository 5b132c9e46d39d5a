"""Warehouses over HTTP."""

import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/warehouses", tags=["warehouses"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class WarehouseIn(BaseModel):
    """A warehouse as clients send it."""

    name: str
    city: str


class Warehouse(WarehouseIn):
    """A warehouse as it is stored."""

    id: int


@router.post("", status_code=201)
def create_warehouse(body: WarehouseIn, connection: Connection) -> Warehouse:
    """Store a new warehouse."""
    with connection:
        warehouse_id = connection.execute(
            "INSERT INTO warehouses (name, city) VALUES (:name, :city)",
            body.model_dump(),
        ).lastrowid
    return read_warehouse(warehouse_id, connection)


@router.get("")
def list_warehouses(connection: Connection) -> list[Warehouse]:
    """All warehouses, the oldest first."""
    rows = connection.execute("SELECT * FROM warehouses ORDER BY id")
    return [Warehouse(**row) for row in rows]


@router.get("/{warehouse_id}")
def read_warehouse(warehouse_id: int, connection: Connection) -> Warehouse:
    """One warehouse."""
    row = connection.execute(
        "SELECT * FROM warehouses WHERE id = ?", (warehouse_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no warehouse {warehouse_id}")
    return Warehouse(**row)


@router.put("/{warehouse_id}")
def update_warehouse(
    warehouse_id: int, body: WarehouseIn, connection: Connection
) -> Warehouse:
    """Replace every value of a warehouse."""
    with connection:
        connection.execute(
            "UPDATE warehouses SET name = :name, city = :city WHERE id = :id",
            {**body.model_dump(), "id": warehouse_id},
        )
    return read_warehouse(warehouse_id, connection)


@router.delete("/{warehouse_id}", status_code=204)
def delete_warehouse(warehouse_id: int, connection: Connection) -> None:
    """Delete a warehouse."""
    read_warehouse(warehouse_id, connection)
    with connection:
        connection.execute(
            "DELETE FROM warehouses WHERE id = ?", (warehouse_id,)
        )
