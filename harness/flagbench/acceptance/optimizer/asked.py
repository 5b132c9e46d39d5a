"""Items that work asks services for, and those that a call asks for."""

import json
from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

from flagbench.acceptance.optimizer.analysis import components
from flagbench.acceptance.optimizer.case import ServiceCall
from flagbench.acceptance.optimizer.reference import declared_routes
from flagbench.acceptance.optimizer.served import SAFE
from flagbench.scenario.work import Work


class Item(NamedTuple):
    """An endpoint by the method that it is asked with, or a query."""

    service: str
    what: str

    def __str__(self) -> str:
        return f"{self.service}: {self.what}"


def needed_items(work: Work, files: Mapping[str, str]) -> tuple[Counter[Item], Counter[Item]]:
    """The items of a work over these files, each with the number of operations that need it.

    The second are those that it may ask for: routes, where their layer is not reported.
    """
    needed, optional = Counter[Item](), Counter[Item]()
    arrive = work.every_seconds is not None  # each in an operation of its own
    if "api_validation" in work.operations:
        pairs = [(each.method.upper(), each.endpoint) for each in work.endpoints]
        needed.update(_endpoint(*pair) for pair in (pairs if arrive else set(pairs)))
    if "sourcegraph_search" in work.operations:
        queries = work.queries if arrive else set(work.queries)
        needed.update(Item("search", query) for query in queries)
    if "multi_layer_validation" in work.operations:
        found = components(files)
        is_reported = all(each["parses"] for each in found.values())
        routes = (_endpoint(*route) for route in declared_routes(found))
        (needed if is_reported else optional).update(routes)
    return needed, optional


def items_of(call: ServiceCall) -> list[Item]:
    """The items of a call, several for a batch."""
    path = call.path.partition("?")[0]
    if call.service == "search":
        return [Item("search", query) for query in json.loads(call.body)["variables"].values()]
    if path == "/$batch":
        parts = json.loads(call.body)["requests"]
        return [Item("api", f"{part['method']} {part['url']}") for part in parts]
    return [Item("api", f"{call.method} {path}")]


def _endpoint(method: str, path: str) -> Item:
    return Item("api", f"{method if method in SAFE else 'OPTIONS'} {path}")
