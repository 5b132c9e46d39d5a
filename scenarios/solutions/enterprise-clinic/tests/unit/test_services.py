"""The services, without the web framework."""

from contextlib import closing

import pytest

from core.models.models import connect
from core.services import services

PERSON = {"name": "Ada", "email": "ada@example.org", "diagnosis": "flu"}


def test_create_stores_a_row() -> None:
    row = services.create_row("patients", PERSON)
    assert services.get_row("patients", row["id"]) == {**PERSON, **row}


def test_list_holds_every_row() -> None:
    row = services.create_row("patients", PERSON)
    assert services.list_rows("patients") == [row]


def test_update_changes_a_row() -> None:
    row = services.create_row("patients", PERSON)
    services.update_row("patients", row["id"], {**PERSON, "name": "Eva"})
    assert services.get_row("patients", row["id"])["name"] == "Eva"


def test_delete_removes_a_row() -> None:
    row = services.create_row("patients", PERSON)
    services.delete_row("patients", row["id"])
    with pytest.raises(services.NotFound):
        services.get_row("patients", row["id"])


@pytest.mark.parametrize(
    "values", [{"name": "Ada"}, {**PERSON, "name": 1}, []]
)
def test_invalid_values_are_refused(values: object) -> None:
    with pytest.raises(services.Invalid):
        services.create_row("patients", values)


def test_an_address_is_used_once() -> None:
    services.create_row("patients", PERSON)
    with pytest.raises(services.Conflict):
        services.create_row("patients", PERSON)


def test_a_row_refers_to_rows_that_exist() -> None:
    with pytest.raises(services.Invalid):
        services.create_row(
            "appointments",
            {"patient_id": 1, "practitioner_id": 1, "starts_at": "9:00"},
        )


def test_a_diagnosis_is_encrypted() -> None:
    services.create_row("patients", PERSON)
    with closing(connect()) as connection:
        row = connection.execute("SELECT diagnosis FROM patients").fetchone()
    assert row["diagnosis"] != PERSON["diagnosis"]
