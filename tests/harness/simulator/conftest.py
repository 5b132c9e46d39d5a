"""What the tests of the provider share."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from written_app import WrittenApp


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WrittenApp]:
    """An application folder with the contract's scaffold, and its DATABASE_PATH."""
    monkeypatch.setenv("DATABASE_PATH", str(tmp_path / "app.db"))
    yield WrittenApp(tmp_path)
