"""The pages in a real browser: quiet, alone, accessible, usable by keyboard, readable on phones."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from bench import Bench
from chromium import chromium, new_page
from test_view_server import served
from view_pages import pages_of

from flagbench.view import export
from flagbench.view.scenario_parts import HEADINGS

if TYPE_CHECKING:
    from playwright.sync_api import Page

PAGES = ("index.html", "tiny/index.html", "tiny/all.1.html", "tiny/none.1@short.1.html",
         "tiny/recording.1.html")  # fmt: skip
SIZES = [(1280, 900, "light"), (390, 844, "dark")]


def test_pages_in_a_browser(accepted: Bench, tmp_path: Path) -> None:
    """No message, no foreign request, no overflow, no serious barrier, keys that work."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    export.write(pages_of(accepted).library, tmp_path / "site")
    with chromium() as opened:  # not before the cells were run: it has an event loop here
        for width, height, scheme in SIZES:
            viewport = {"width": width, "height": height}
            page = new_page(opened, viewport=viewport, color_scheme=scheme)
            _look(page, tmp_path / "site", width, axe)
            page.close()


@pytest.mark.thorough
def test_parts_are_drawn_when_they_come_near(accepted: Bench) -> None:
    """By the server, with nothing said and nothing asked for elsewhere."""
    accepted()
    told: list[str] = []
    with served(accepted.house.path) as (address, _), chromium() as opened:
        page = new_page(opened, viewport={"width": 390, "height": 844})
        page.on("console", lambda message: told.append(message.text))
        page.on("pageerror", lambda error: told.append(str(error)))
        page.on("request", lambda asked: address in asked.url or told.append(asked.url))
        page.goto(f"{address}tiny/index.html")
        for part in HEADINGS:
            page.evaluate(f"document.getElementById('{part}').scrollIntoView()")
            page.wait_for_selector(f"#{part}:not(:has(.waiting))")
        assert page.locator("#timeline svg").count() == 1
    assert told == []


def _look(page: "Page", site: Path, width: int, axe: Any) -> None:
    told: list[str] = []
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda asked: told.append(asked.url) if "http" in asked.url else None)
    for name in PAGES:
        page.goto((site / name).as_uri())
        if "index" not in name:
            page.keyboard.press("j")
            page.keyboard.press("o")
            assert page.locator("details[open]").count() == 1, name
        assert page.evaluate("document.documentElement.scrollWidth") == width, name
        violations = axe.run(page, options={"preload": False}).response["violations"]
        serious = {
            violation["id"]: [node["html"][:120] for node in violation["nodes"][:2]]
            for violation in violations
            if violation["impact"] in ("serious", "critical")
        }
        assert serious == {}, name
    assert told == []
