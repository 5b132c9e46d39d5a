"""Vehicles over HTTP."""

import datetime
import sqlite3
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/vehicles", tags=["vehicles"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class VehicleIn(BaseModel):
    """A vehicle as clients send it."""

    plate: str
    brand: str
    model: str
    color: str
    year: int
    mileage: int
    doors: int
    seats: int
    price: float
    weight: float
    length: float
    width: float
    height: float
    engine_size: float
    fuel_type: str
    transmission: str
    drive: str
    chassis_number: str
    registration_date: datetime.date
    inspection_date: datetime.date
    purchase_date: datetime.date
    last_service_at: datetime.datetime | None = None
    sold_at: datetime.datetime | None = None
    insured: bool
    electric: bool
    imported: bool
    damaged: bool
    owner_name: str
    owner_email: str
    owner_phone: str | None = None
    country: str
    city: str
    postal_code: str
    insurer: str | None = None
    policy_number: str | None = None
    battery_capacity: float | None = None
    range: int | None = None
    tyre_size: str | None = None
    condition: str | None = None
    notes: str | None = None


class Vehicle(VehicleIn):
    """A vehicle as it is stored."""

    id: int


# The columns are the model's fields.
FIELDS = tuple(VehicleIn.model_fields)
INSERT = (
    f"INSERT INTO vehicles ({', '.join(FIELDS)})"
    f" VALUES ({', '.join(f':{name}' for name in FIELDS)})"
)
UPDATE = (
    f"UPDATE vehicles SET {', '.join(f'{name} = :{name}' for name in FIELDS)}"
    " WHERE id = :id"
)


@router.post("", status_code=201)
def create_vehicle(body: VehicleIn, connection: Connection) -> Vehicle:
    """Store a new vehicle."""
    with connection:
        vehicle_id = connection.execute(
            INSERT, body.model_dump(mode="json")
        ).lastrowid
    return read_vehicle(vehicle_id, connection)


@router.get("")
def list_vehicles(connection: Connection) -> list[Vehicle]:
    """All vehicles, the oldest first."""
    rows = connection.execute("SELECT * FROM vehicles ORDER BY id")
    return [Vehicle(**row) for row in rows]


@router.get("/{vehicle_id}")
def read_vehicle(vehicle_id: int, connection: Connection) -> Vehicle:
    """One vehicle."""
    row = connection.execute(
        "SELECT * FROM vehicles WHERE id = ?", (vehicle_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no vehicle {vehicle_id}")
    return Vehicle(**row)


@router.put("/{vehicle_id}")
def update_vehicle(
    vehicle_id: int, body: VehicleIn, connection: Connection
) -> Vehicle:
    """Replace every value of a vehicle."""
    with connection:
        connection.execute(
            UPDATE, {**body.model_dump(mode="json"), "id": vehicle_id}
        )
    return read_vehicle(vehicle_id, connection)


@router.delete("/{vehicle_id}", status_code=204)
def delete_vehicle(vehicle_id: int, connection: Connection) -> None:
    """Delete a vehicle."""
    read_vehicle(vehicle_id, connection)
    with connection:
        connection.execute("DELETE FROM vehicles WHERE id = ?", (vehicle_id,))
