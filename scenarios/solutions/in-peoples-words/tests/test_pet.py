"""Integration tests of /pets."""

import os
import sqlite3
from contextlib import closing
from typing import Any

import pytest
from fastapi.testclient import TestClient

Body = dict[str, Any]
PATH = "/pets"
UNKNOWN_ID = 999_999
SELECT = 'SELECT id FROM "pets" WHERE id = ?'
REQUIRED = [
    "name",
    "species",
    "birthday",
]
WRONG_TYPES = {
    "name": 12345,
    "species": 12345,
    "birthday": "not a date",
}


def open_database() -> closing[sqlite3.Connection]:
    """Open the database of the application, past the API."""
    return closing(sqlite3.connect(os.environ["DATABASE_PATH"]))


@pytest.fixture
def first() -> Body:
    """Return a body for one pet."""
    return {
        "name": "Name 101",
        "species": "Species 102",
        "birthday": "2001-01-04",
    }


@pytest.fixture
def second() -> Body:
    """Return a body for another pet."""
    return {
        "name": "Name 201",
        "species": "Species 202",
        "birthday": "2002-01-04",
    }


def create(client: TestClient, body: Body) -> Body:
    """Create a pet; return what the API answers."""
    response = client.post(PATH, json=body)
    assert response.status_code == 201, response.text
    return response.json()


def read(client: TestClient, row_id: int) -> Body:
    """Return the pet with this id."""
    response = client.get(f"{PATH}/{row_id}")
    assert response.status_code == 200, response.text
    return response.json()


def test_create_returns_what_was_sent(client: TestClient, first: Body) -> None:
    """The answer has an id and every field as it was sent."""
    created = create(client, first)
    assert isinstance(created["id"], int)
    assert created == first | {"id": created["id"]}


def test_create_stores_a_row(client: TestClient, first: Body) -> None:
    """A row is in the database, not in the memory of the API."""
    created = create(client, first)
    with open_database() as connection:
        row = connection.execute(SELECT, (created["id"],)).fetchone()
    assert row == (created["id"],)


def test_read_returns_the_stored_row(
    client: TestClient, first: Body, second: Body
) -> None:
    """Each id answers with its own row."""
    created = create(client, first)
    other = create(client, second)
    assert read(client, created["id"]) == created
    assert read(client, other["id"]) == other


def test_list_returns_every_row(
    client: TestClient, first: Body, second: Body
) -> None:
    """The list is empty at first and then holds what was created."""
    assert client.get(PATH).json() == []
    rows = [create(client, first), create(client, second)]
    response = client.get(PATH)
    assert response.status_code == 200
    assert response.json() == rows


def test_update_replaces_one_row(
    client: TestClient, first: Body, second: Body
) -> None:
    """The row has the new values; the other row keeps its own."""
    created = create(client, first)
    other = create(client, first)
    response = client.put(f"{PATH}/{created['id']}", json=second)
    assert response.status_code == 200
    assert response.json() == second | {"id": created["id"]}
    assert read(client, created["id"]) == response.json()
    assert read(client, other["id"]) == other


def test_delete_removes_one_row(
    client: TestClient, first: Body, second: Body
) -> None:
    """The row is gone, the answer has no body, the other row stays."""
    created = create(client, first)
    other = create(client, second)
    response = client.delete(f"{PATH}/{created['id']}")
    assert response.status_code == 204
    assert response.content == b""
    assert client.get(f"{PATH}/{created['id']}").status_code == 404
    assert client.get(PATH).json() == [other]


def test_unknown_id_is_not_read(client: TestClient) -> None:
    """Reading a row that does not exist is a 404."""
    assert client.get(f"{PATH}/{UNKNOWN_ID}").status_code == 404


def test_unknown_id_is_not_updated(client: TestClient, first: Body) -> None:
    """Updating a row that does not exist is a 404 and creates none."""
    response = client.put(f"{PATH}/{UNKNOWN_ID}", json=first)
    assert response.status_code == 404
    assert client.get(PATH).json() == []


def test_unknown_id_is_not_deleted(client: TestClient) -> None:
    """Deleting a row that does not exist is a 404."""
    assert client.delete(f"{PATH}/{UNKNOWN_ID}").status_code == 404


def test_required_fields_are_required(client: TestClient, first: Body) -> None:
    """A body that lacks a required field, or has null, is refused."""
    for field in REQUIRED:
        rest = {name: first[name] for name in first if name != field}
        for body in (rest, rest | {field: None}):
            assert client.post(PATH, json=body).status_code == 422, field
    assert client.get(PATH).json() == []


def test_wrong_types_are_refused(client: TestClient, first: Body) -> None:
    """A value of the wrong type is refused and changes nothing."""
    created = create(client, first)
    for field, value in WRONG_TYPES.items():
        body = first | {field: value}
        assert client.post(PATH, json=body).status_code == 422, field
        response = client.put(f"{PATH}/{created['id']}", json=body)
        assert response.status_code == 422, field
    assert client.get(PATH).json() == [created]
