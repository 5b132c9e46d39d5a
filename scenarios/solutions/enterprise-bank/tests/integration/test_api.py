"""The API over HTTP, with users of each role."""

import sqlite3
from collections.abc import Callable
from contextlib import closing

import pytest
from fastapi.testclient import TestClient

from core.models.models import connect

Headers = Callable[[str], dict[str, str]]
PERSON = {"owner": "Ada", "email": "ada@example.org", "balance": 10.5}


def test_health_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert "http_requests_total" in client.get("/metrics").text


def test_a_token_is_needed(client: TestClient) -> None:
    assert client.get("/api/v1/accounts").status_code == 401
    wrong = {"username": "alice", "password": "wrong"}
    assert client.post("/auth/token", json=wrong).status_code == 401


def test_rows_are_kept(client: TestClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/accounts"
    created = client.post(path, json=PERSON, headers=admin)
    assert created.status_code == 201
    row = created.json()
    assert client.get(path, headers=admin).json() == [row]
    one = f"{path}/{row['id']}"
    changed = client.put(one, json={**PERSON, "balance": 3.5}, headers=admin)
    assert changed.status_code == 200
    assert client.get(one, headers=admin).json() == {**row, "balance": 3.5}
    assert client.delete(one, headers=admin).status_code == 204
    assert client.get(one, headers=admin).status_code == 404


def test_errors(client: TestClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/accounts"
    assert client.post(path, json={}, headers=admin).status_code == 422
    assert client.post(path, json=PERSON, headers=admin).status_code == 201
    assert client.post(path, json=PERSON, headers=admin).status_code == 409


def test_roles(client: TestClient, headers: Headers) -> None:
    path = "/api/v1/accounts"
    clerk, auditor = headers("bob"), headers("eve")
    row = client.post(path, json=PERSON, headers=clerk).json()
    one = f"{path}/{row['id']}"
    assert client.delete(one, headers=clerk).status_code == 403
    assert client.get(path, headers=auditor).status_code == 200
    assert client.post(path, json={}, headers=auditor).status_code == 403


def test_a_payment_needs_two_persons(
    client: TestClient, headers: Headers
) -> None:
    admin, clerk = headers("alice"), headers("bob")
    account = client.post("/api/v1/accounts", json=PERSON, headers=admin)
    payment = {
        "account_id": account.json()["id"],
        "amount": 5.5,
        "status": "approved",
    }
    path = "/api/v1/payments"
    row = client.post(path, json=payment, headers=clerk).json()
    assert row["status"] == "pending"
    one = f"{path}/{row['id']}/approve"
    assert client.post(one, headers=clerk).status_code == 403
    assert client.post(one, headers=admin).json()["status"] == "approved"
    entries = client.get("/api/v1/audit", headers=headers("eve")).json()
    assert [entry["action"] for entry in entries] == [
        "create",
        "create",
        "approve",
    ]


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_log SET user = 'eve'", "DELETE FROM audit_log"],
)
def test_the_audit_log_cannot_be_changed(
    client: TestClient, headers: Headers, statement: str
) -> None:
    client.post("/api/v1/accounts", json=PERSON, headers=headers("bob"))
    with closing(connect()) as connection:
        with pytest.raises(sqlite3.DatabaseError):
            connection.execute(statement)
