"""CRUD routes for vehicles."""

import logging
import sqlite3
from typing import Any

from fastapi import APIRouter, Depends, HTTPException, Response, status
from pydantic import BaseModel

from app.connection import get_connection

logger = logging.getLogger(__name__)
router = APIRouter(prefix="/vehicles", tags=["vehicles"])


class VehicleBase(BaseModel):
    """Fields of a Vehicle."""

    plate: str
    brand: str
    year: int


class VehicleCreate(VehicleBase):
    """Body of POST and PUT."""


class VehicleRead(VehicleBase):
    """What the API returns."""

    id: int


def row_to_dict(
    connection: sqlite3.Connection, row: sqlite3.Row
) -> dict[str, Any]:
    """Turn a database row into what the API returns."""
    item = dict(row)
    return item


def load_vehicle(
    connection: sqlite3.Connection, vehicle_id: int
) -> dict[str, Any]:
    """Read one Vehicle or answer 404."""
    row = connection.execute(
        ("SELECT id, plate, brand, year FROM vehicles WHERE id = ?"),
        (vehicle_id,),
    ).fetchone()
    if row is None:
        logger.warning("Vehicle %s not found", vehicle_id)
        raise HTTPException(status_code=404, detail="Vehicle not found")
    return row_to_dict(connection, row)


def check_payload(
    connection: sqlite3.Connection,
    payload: VehicleCreate,
    current_id: int | None = None,
) -> None:
    """Reject unknown references and broken business rules."""
    taken = connection.execute(
        "SELECT 1 FROM vehicles " "WHERE plate = ? AND id IS NOT ?",
        (payload.plate, current_id),
    ).fetchone()
    if taken is not None:
        raise HTTPException(status_code=422, detail="plate must be unique")


@router.post(
    "", response_model=VehicleRead, status_code=status.HTTP_201_CREATED
)
def create_vehicle(
    payload: VehicleCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Store a new Vehicle."""
    check_payload(connection, payload)
    cursor = connection.execute(
        (
            "INSERT INTO vehicles (plate, brand, year) VALUES "
            "(:plate, :brand, :year)"
        ),
        payload.model_dump(mode="json"),
    )
    vehicle_id = int(cursor.lastrowid or 0)
    connection.commit()
    logger.info("Created Vehicle %s", vehicle_id)
    return load_vehicle(connection, vehicle_id)


@router.get("", response_model=list[VehicleRead])
def list_vehicles(
    connection: sqlite3.Connection = Depends(get_connection),
) -> list[dict[str, Any]]:
    """Return every Vehicle."""
    rows = connection.execute(
        ("SELECT id, plate, brand, year FROM vehicles ORDER BY id")
    ).fetchall()
    return [row_to_dict(connection, row) for row in rows]


@router.get("/{vehicle_id}", response_model=VehicleRead)
def get_vehicle(
    vehicle_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Return one Vehicle."""
    return load_vehicle(connection, vehicle_id)


@router.put("/{vehicle_id}", response_model=VehicleRead)
def update_vehicle(
    vehicle_id: int,
    payload: VehicleCreate,
    connection: sqlite3.Connection = Depends(get_connection),
) -> dict[str, Any]:
    """Replace one Vehicle."""
    load_vehicle(connection, vehicle_id)
    check_payload(connection, payload, vehicle_id)
    data = payload.model_dump(mode="json")
    data["id"] = vehicle_id
    connection.execute(
        (
            "UPDATE vehicles SET plate = :plate, brand = :brand, "
            "year = :year WHERE id = :id"
        ),
        data,
    )
    connection.commit()
    logger.info("Updated Vehicle %s", vehicle_id)
    return load_vehicle(connection, vehicle_id)


@router.delete("/{vehicle_id}", status_code=status.HTTP_204_NO_CONTENT)
def delete_vehicle(
    vehicle_id: int,
    connection: sqlite3.Connection = Depends(get_connection),
) -> Response:
    """Remove one Vehicle."""
    load_vehicle(connection, vehicle_id)
    try:
        connection.execute(
            "DELETE FROM vehicles WHERE id = ?",
            (vehicle_id,),
        )
    except sqlite3.IntegrityError as error:
        logger.warning("Vehicle %s is in use", vehicle_id)
        raise HTTPException(
            status_code=409, detail="Vehicle is still in use"
        ) from error
    connection.commit()
    logger.info("Deleted Vehicle %s", vehicle_id)
    return Response(status_code=status.HTTP_204_NO_CONTENT)
