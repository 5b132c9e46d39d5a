"""Doctors and the patients that they treat, over HTTP."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel

from app.connection import get_connection

router = APIRouter(prefix="/doctors", tags=["doctors"])
Connection = Annotated[sqlite3.Connection, Depends(get_connection)]


class DoctorIn(BaseModel):
    """A doctor as clients send it."""

    name: str
    speciality: str
    patient_ids: list[int] = []


class Doctor(DoctorIn):
    """A doctor as it is stored."""

    id: int


@contextmanager
def saving(connection: sqlite3.Connection) -> Iterator[None]:
    """One transaction; refused if it points at a patient that is not there."""
    try:
        with connection:
            yield
    except sqlite3.IntegrityError as error:
        raise HTTPException(422, "A patient does not exist") from error


def link_patients(
    doctor_id: int, patient_ids: list[int], connection: sqlite3.Connection
) -> None:
    """Give a doctor these patients and no others."""
    connection.execute(
        "DELETE FROM doctors_patients WHERE doctor_id = ?", (doctor_id,)
    )
    connection.executemany(
        "INSERT INTO doctors_patients (doctor_id, patient_id) VALUES (?, ?)",
        [(doctor_id, patient_id) for patient_id in set(patient_ids)],
    )


def load_doctor(row: sqlite3.Row, connection: sqlite3.Connection) -> Doctor:
    """The doctor of a row, with the patients in the order of their ids."""
    links = connection.execute(
        "SELECT patient_id FROM doctors_patients WHERE doctor_id = ?"
        " ORDER BY patient_id",
        (row["id"],),
    )
    return Doctor(**row, patient_ids=[patient_id for (patient_id,) in links])


@router.post("", status_code=201)
def create_doctor(body: DoctorIn, connection: Connection) -> Doctor:
    """Store a new doctor."""
    with saving(connection):
        doctor_id = connection.execute(
            "INSERT INTO doctors (name, speciality) VALUES (?, ?)",
            (body.name, body.speciality),
        ).lastrowid
        link_patients(doctor_id, body.patient_ids, connection)
    return read_doctor(doctor_id, connection)


@router.get("")
def list_doctors(connection: Connection) -> list[Doctor]:
    """All doctors, the oldest first."""
    rows = connection.execute("SELECT * FROM doctors ORDER BY id")
    return [load_doctor(row, connection) for row in rows]


@router.get("/{doctor_id}")
def read_doctor(doctor_id: int, connection: Connection) -> Doctor:
    """One doctor."""
    row = connection.execute(
        "SELECT * FROM doctors WHERE id = ?", (doctor_id,)
    ).fetchone()
    if row is None:
        raise HTTPException(404, f"There is no doctor {doctor_id}")
    return load_doctor(row, connection)


@router.put("/{doctor_id}")
def update_doctor(
    doctor_id: int, body: DoctorIn, connection: Connection
) -> Doctor:
    """Replace every value of a doctor, and the patients."""
    read_doctor(doctor_id, connection)
    with saving(connection):
        connection.execute(
            "UPDATE doctors SET name = ?, speciality = ? WHERE id = ?",
            (body.name, body.speciality, doctor_id),
        )
        link_patients(doctor_id, body.patient_ids, connection)
    return read_doctor(doctor_id, connection)


@router.delete("/{doctor_id}", status_code=204)
def delete_doctor(doctor_id: int, connection: Connection) -> None:
    """Delete a doctor; the patients stay."""
    read_doctor(doctor_id, connection)
    with connection:
        connection.execute("DELETE FROM doctors WHERE id = ?", (doctor_id,))
