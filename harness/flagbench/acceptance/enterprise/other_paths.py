"""Paths that a service has beside those of the contract: closed to those who have no token."""

from collections.abc import Iterator
from typing import Any

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    AUDITOR,
    CLERK,
    NOBODY,
    ROOT,
    Api,
    Row,
    refutation,
)
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.paths import contract_paths

_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_REFUSALS = (401, 403, 404, 405)
# Anybody may ask these, by whatever method.
_OPEN = {"/health", "/metrics", "/auth/token"}
# The description of the API, which FastAPI makes itself.
_OF_FASTAPI = {"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"}
_UUID = "00000000-0000-4000-8000-000000000001"


def check_other_paths(api: Api) -> None:
    """Check that no other path tells anything to those who may not know it.

    What is asked are the routes that the service says it has, and its database as a file.
    """
    if api.routes is None:
        framework = api.brief.tech_stack.framework
        what = f"core/main has no application of {framework} that lists its routes"
        raise refutation("other-paths", "main", what)
    person = None
    if "export" in api.brief.controls and api.brief.person is not None:
        person = api.create("create", "controllers", api.brief.person)
    for method, path in _others(api):
        _check_other(api, method, path, person)


def _others(api: Api) -> Iterator[tuple[str, str]]:
    """The method and the path of each request that the contract does not name."""
    named = contract_paths(api.brief)
    paths = set().union(*named.values())
    free = _OPEN | (_OF_FASTAPI if api.brief.tech_stack.framework == "FastAPI" else set())
    for method, path in (*(api.routes or ()), ("GET", f"/{api.environment['DATABASE_PATH']}")):
        is_named = path.rstrip("/") in (named.get(method, ()) if method else paths)
        if not is_named and path not in free:
            yield from ((each, path) for each in _METHODS if method in ("", each))


def _check_other(api: Api, method: str, path: str, person: Row | None) -> None:
    """Ask a path as nobody, and for a person as those who may not export one."""
    database = api.environment["DATABASE_PATH"]
    words = "static" if path == f"/{database}" else path.partition("{")[0].lower()
    is_main = words in api.files.get(COMPONENTS["main"].path_in(api.brief), "").lower()
    kind = "main" if is_main else "controllers"
    body: Any = {} if method in ("POST", "PUT", "PATCH") else None
    address = next((str(each) for each in (person or {}).values() if "@" in str(each)), "1")
    table = api.brief.entities[0].table
    for value in dict.fromkeys(("1", table, _UUID, database, address)) if "{" in path else ("",):
        filled = path.replace("{}", value)
        answer = api.ask(method, filled, body, who=NOBODY)
        is_below = path.startswith(f"{ROOT}/")
        if answer.status not in ((401,) if is_below else _REFUSALS):
            what = f"{method} {path}, which is not in the contract, answers {answer.status}"
            raise refutation("other-paths", kind, f"{what} without a token")
    for who in (CLERK, AUDITOR) if "{" in path and person is not None else ():
        answer = api.ask(method, filled, body, who=who)
        if answer.status < 400 and address in str(answer.body):
            what = f"{method} {path}, which is not in the contract, tells {who} of a person"
            raise refutation("other-paths", kind, f"{what}; only {ADMIN} may export one")
