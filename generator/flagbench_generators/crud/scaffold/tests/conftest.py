"""What the integration tests share: a client on an empty database."""

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


@pytest.fixture
def client(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[TestClient]:
    """Talk to the application on a new database."""
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "test.db"))
    main = importlib.import_module("app.main")
    main.migrate_database()
    with TestClient(main.app) as test_client:
        yield test_client
