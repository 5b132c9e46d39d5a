"""A real browser for what people look at."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium without a window: Playwright's own, or the system's."""
    reason = "pip install playwright && playwright install --with-deps chromium"
    api = pytest.importorskip("playwright.sync_api", reason=f"no Playwright: {reason}")
    with api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        system = shutil.which("chromium") or shutil.which("google-chrome")
        path = own if Path(own).exists() else system
        if path is None:
            pytest.skip(f"no Chromium: {reason}")
        opened = playwright.chromium.launch(executable_path=path)
        yield opened
        opened.close()
