"""Services and optimizers for the tests of the optimizer."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from optimizer_services import Services, running_services

from flagbench_generators.optimizer import PerformanceOptimizer, http_service

Make = Callable[..., PerformanceOptimizer]


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    """Both services; a request that is repeated is repeated at once."""
    monkeypatch.setattr(http_service, "FIRST_PAUSE_SECONDS", 0.001)
    with running_services() as running:
        yield running


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Optimizers with a disk cache of this test, by their variables."""

    def new(services: Services | None = None, **variables: str) -> PerformanceOptimizer:
        url = services.url if services else ""
        folder = str(tmp_path / "cache")
        return PerformanceOptimizer(
            {"DISK_CACHE_PATH": folder, "API_BASE_URL": url, "SRC_ENDPOINT": url, **variables}
        )

    return new
