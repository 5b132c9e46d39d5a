"""Fixtures: a database of its own for each test, and clients by role."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

USERS = "alice:pw1:admin,bob:pw2:clerk,eve:pw3:auditor"


@pytest.fixture(autouse=True)
def database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Use an empty database."""
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "test.sqlite3"))
    monkeypatch.setenv("SECRET_KEY", "only for tests")
    monkeypatch.setenv("API_USERS", USERS)
    from core.models.models import create_tables

    create_tables()


@pytest.fixture
def client() -> TestClient:
    """A client of the application."""
    from core.main import app

    return TestClient(app)


@pytest.fixture
def headers(client: TestClient) -> Callable[[str], dict[str, str]]:
    """A function that logs a user in and returns the headers."""
    passwords = {"alice": "pw1", "bob": "pw2", "eve": "pw3"}

    def log_in(username: str) -> dict[str, str]:
        values = {"username": username, "password": passwords[username]}
        answer = client.post("/auth/token", json=values)
        return {"Authorization": f"Bearer {answer.json()['access_token']}"}

    return log_in
