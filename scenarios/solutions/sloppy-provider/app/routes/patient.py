"""Patients over HTTP."""

import datetime
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/patients", tags=["patients"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class PatientIn(BaseModel):
    """A patient as clients send it."""

    name: str
    birth_date: datetime.date
    weight: float | None = None
    doctor_id: int | None = None


class Patient(PatientIn):
    """A patient as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at a doctor that is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "The doctor does not exist") from error


@router.post("", status_code=201)
def create_patient(body: PatientIn, connection: Connection) -> Patient:
    """Store a new patient."""
    with saving(connection):
        patient_id = connection.execute(
            "INSERT INTO patients (name, birth_date, weight, doctor_id)"
            " VALUES (:name, :birth_date, :weight, :doctor_id)",
            body.model_dump(mode="json"),
        ).lastrowid
    return read_patient(patient_id, connection)


@router.get("")
def list_patients(connection: Connection) -> list[Patient]:
    """All patients, the oldest first."""
    rows = connection.execute("SELECT * FROM patients ORDER BY id")
    return [Patient(**row) for row in rows]


@router.get("/{patient_id}")
def read_patient(patient_id: int, connection: Connection) -> Patient:
    """One patient."""
    row = connection.execute(
        "SELECT * FROM patients WHERE id = ?", (patient_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no patient {patient_id}")
    return Patient(**row)


@router.put("/{patient_id}")
def update_patient(
    patient_id: int, body: PatientIn, connection: Connection
) -> Patient:
    """Replace every value of a patient."""
    with saving(connection):
        connection.execute(
            "UPDATE patients SET name = :name, birth_date = :birth_date,"
            " weight = :weight, doctor_id = :doctor_id WHERE id = :id",
            {**body.model_dump(mode="json"), "id": patient_id},
        )
    return read_patient(patient_id, connection)


@router.delete("/{patient_id}", status_code=204)
def delete_patient(patient_id: int, connection: Connection) -> None:
    """Delete a patient."""
    read_patient(patient_id, connection)
    with connection:
        connection.execute("DELETE FROM patients WHERE id = ?", (patient_id,))
