"""The pages of a run of the tiny scenario, for tests, and the links on a page."""

import re
from html import unescape
from urllib.parse import unquote, urljoin

from bench import Bench

from flagbench.view.library import Library
from flagbench.view.pages import Pages

_LINK = re.compile(r'(?:href|src)="([^"#]+)')


def pages_of(bench: Bench) -> Pages:
    """Run the scenarios of a house and open their pages."""
    bench()
    paths = sorted((bench.house.path / "scenarios").glob("*.yaml"))
    return Pages(Library(bench.house.options(), paths))


def links(text: str, page: str) -> set[str]:
    """The files that a page leads to, from the root."""
    found = (unescape(link) for link in _LINK.findall(text))
    local = [link for link in found if not link.startswith("data:")]
    return {unquote(urljoin(f"http://x/{page}", link)[len("http://x/") :]) for link in local}
