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
    """Talk to a fresh application whose database is empty."""
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "test.db"))
    for name in list(sys.modules):
        if name == "app" or name.startswith("app."):
            del sys.modules[name]
    with TestClient(importlib.import_module("app.main").app) as test_client:
        yield test_client
