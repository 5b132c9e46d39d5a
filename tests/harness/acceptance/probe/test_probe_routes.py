"""The list of its routes that an application gives, whatever its framework."""

from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, URLResolver, path, re_path
from django.urls.resolvers import RegexPattern, RoutePattern
from fastapi import APIRouter, FastAPI
from flask import Blueprint, Flask
from starlette.applications import Starlette
from starlette.middleware.gzip import GZipMiddleware
from starlette.routing import Mount, Route

from flagbench.acceptance.probe import routes


def nothing(*_: Any) -> Any:
    """Answer nothing."""


def starlette() -> Starlette:
    """An application of FastAPI with a router and another application."""
    router = APIRouter()
    router.add_api_route("/rows/{row_id}", nothing, methods=["GET", "PUT"])
    application = FastAPI(openapi_url=None)
    application.include_router(router, prefix="/api")
    application.add_api_route("/hidden", nothing, include_in_schema=False)
    application.mount("/sub", Starlette(routes=[Route("/page", nothing, methods=["GET"])]))
    application.mount("/files", Mount("/", nothing))
    return application


def test_routes_of_fastapi() -> None:
    """Those of routers, of mounted applications, and those that it does not describe."""
    assert routes.routes_of(starlette()) == [
        ("", "/files"), ("GET", "/api/rows/{}"), ("GET", "/hidden"), ("GET", "/sub/page"),
        ("HEAD", "/sub/page"), ("PUT", "/api/rows/{}"),
    ]  # fmt: skip


def test_routes_of_flask() -> None:
    """Those of blueprints, too."""
    application, blueprint = Flask("x", static_folder=None), Blueprint("api", "x")
    blueprint.add_url_rule("/rows/<int:row_id>", view_func=nothing, methods=["PUT"])
    application.register_blueprint(blueprint, url_prefix="/api")
    assert routes.routes_of(application) == [("OPTIONS", "/api/rows/{}"), ("PUT", "/api/rows/{}")]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        (path("rows/<int:row_id>", nothing), "/rows/{}"),
        (re_path(r"^rows/(?P<row_id>\d+)/$", nothing), "/rows/{}/"),
        (re_path(r"^$", nothing), "/"),
    ],
)
def test_routes_of_django(pattern: URLPattern, found: str) -> None:
    """Patterns as paths and as expressions, and what is included."""
    assert list(routes._of_patterns([pattern], "/")) == [("", found)]


def test_included_routes_of_django() -> None:
    """They begin with the path of what includes them."""

    def view(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    inner = URLPattern(RegexPattern(r"^page$"), view)
    included = URLResolver(RoutePattern("admin/"), [inner])
    assert list(routes._of_patterns([included], "/")) == [("", "/admin/page")]


def test_a_wrapped_application_is_found() -> None:
    """Whatever wraps it."""
    wrapped = GZipMiddleware(starlette())
    found = routes.routes_of(wrapped)
    assert found is not None
    assert ("GET", "/hidden") in found
