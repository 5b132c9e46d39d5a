"""The API over HTTP, with users of each role."""

from collections.abc import Callable
from contextlib import closing

from flask.testing import FlaskClient

from core.models.models import connect

Headers = Callable[[str], dict[str, str]]
PERSON = {"name": "Ada", "email": "ada@example.org", "diagnosis": "flu"}
ROW = {"name": "Eve", "specialty": "surgery"}


def test_health_and_metrics(client: FlaskClient) -> None:
    assert client.get("/health").json == {"status": "ok"}
    assert "http_requests_total" in client.get("/metrics").text


def test_a_token_is_needed(client: FlaskClient) -> None:
    assert client.get("/api/v1/patients").status_code == 401
    wrong = {"username": "alice", "password": "wrong"}
    assert client.post("/auth/token", json=wrong).status_code == 401


def test_rows_are_kept(client: FlaskClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/practitioners"
    created = client.post(path, json=ROW, headers=admin)
    assert created.status_code == 201
    row = created.json
    assert client.get(path, headers=admin).json == [row]
    one = f"{path}/{row['id']}"
    changed = client.put(one, json={**ROW, "specialty": "ears"}, headers=admin)
    assert changed.status_code == 200
    assert client.get(one, headers=admin).json == {**row, "specialty": "ears"}
    assert client.delete(one, headers=admin).status_code == 204
    assert client.get(one, headers=admin).status_code == 404


def test_errors(client: FlaskClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/patients"
    assert client.post(path, json={}, headers=admin).status_code == 422
    assert client.post(path, json=PERSON, headers=admin).status_code == 201
    assert client.post(path, json=PERSON, headers=admin).status_code == 409


def test_roles(client: FlaskClient, headers: Headers) -> None:
    path = "/api/v1/practitioners"
    clerk, auditor = headers("bob"), headers("eve")
    row = client.post(path, json=ROW, headers=clerk).json
    one = f"{path}/{row['id']}"
    assert client.delete(one, headers=clerk).status_code == 403
    assert client.get(path, headers=auditor).status_code == 200
    assert client.post(path, json={}, headers=auditor).status_code == 403


def test_reads_are_recorded(client: FlaskClient, headers: Headers) -> None:
    clerk, auditor = headers("bob"), headers("eve")
    path = "/api/v1/patients"
    row = client.post(path, json=PERSON, headers=clerk).json
    client.get(f"{path}/{row['id']}", headers=auditor)
    entries = client.get("/api/v1/audit", headers=auditor).json
    done = [(entry["user"], entry["action"]) for entry in entries]
    assert done == [("bob", "create"), ("eve", "read")]
    assert client.get("/api/v1/audit", headers=clerk).status_code == 403


def test_a_diagnosis_is_not_readable_at_rest(
    client: FlaskClient, headers: Headers
) -> None:
    clerk = headers("bob")
    row = client.post("/api/v1/patients", json=PERSON, headers=clerk).json
    assert row["diagnosis"] == PERSON["diagnosis"]
    with closing(connect()) as connection:
        stored = connection.execute("SELECT * FROM patients").fetchone()
    assert stored["diagnosis"] != PERSON["diagnosis"]
