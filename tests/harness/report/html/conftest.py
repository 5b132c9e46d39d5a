"""A browser for the tests of a file."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from chromium import chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Chromium, or a skip that says how to get it."""
    with chromium() as opened:
        yield opened
