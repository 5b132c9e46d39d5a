"""A real browser for what people look at."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from patience import PATIENCE_SECONDS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# A browser that starts on a busy machine takes more than Playwright's half a minute.
_PATIENCE_MS = 1000 * PATIENCE_SECONDS


@contextmanager
def chromium() -> Iterator["Browser"]:
    """Chromium without a window: Playwright's own, or the system's."""
    reason = "pip install playwright && playwright install --with-deps chromium"
    api = pytest.importorskip("playwright.sync_api", reason=f"no Playwright: {reason}")
    with api.sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        system = shutil.which("chromium") or shutil.which("google-chrome")
        path = own if Path(own).exists() else system
        if path is None:
            pytest.skip(f"no Chromium: {reason}")
        opened = playwright.chromium.launch(executable_path=path, timeout=_PATIENCE_MS)
        yield opened
        opened.close()


def new_page(browser: "Browser", **options: Any) -> "Page":
    """A page that is as patient as the start of the browser."""
    page = browser.new_page(**options)
    page.set_default_timeout(_PATIENCE_MS)
    return page
