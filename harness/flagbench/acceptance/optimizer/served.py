"""Answers of services to endpoints and queries, read line by line from the files they serve."""

import re
from collections.abc import Mapping

from flagbench.acceptance.optimizer.analysis import ROUTE, Result

REPOSITORY = "example.org/assembly"
MOST_LINES = 30
SAFE = ("GET", "HEAD")


def verdict(routes: Mapping[str, set[str]], method: str, path: str) -> Result:
    """The verdict on an endpoint: an unsafe method is asked for by OPTIONS."""
    methods = routes.get(path, set())
    if not methods:
        return {"valid": False, "status": 404, "reason": "status 404"}
    if method not in SAFE:
        is_valid = method in methods
        reason = None if is_valid else f"{method} is not allowed"
        return {"valid": is_valid, "status": 204, "reason": reason}
    if "GET" not in methods:
        return {"valid": False, "status": 405, "reason": "status 405"}
    return {"valid": True, "status": 200, "reason": None}


def routes_of(files: Mapping[str, str]) -> dict[str, set[str]]:
    """The methods of each path that files declare."""
    routes = dict[str, set[str]]()
    for text in files.values():
        for method, path in ROUTE.findall(text):
            routes.setdefault(path, set()).add(method.upper())
    return routes


def search(files: Mapping[str, str], query: str) -> Result:
    """The first lines that have all words of a query."""
    words = set(re.findall(r"\w+", query.lower()))
    matches = [
        {"repository": REPOSITORY, "path": path, "line": number, "preview": line}
        for path in sorted(files)
        for number, line in enumerate(files[path].splitlines())
        if words <= set(re.findall(r"\w+", line.lower()))
    ]
    return {
        "query": query,
        "matches": matches[:MOST_LINES],
        "limit_hit": len(matches) > MOST_LINES,
        "error": None,
    }
