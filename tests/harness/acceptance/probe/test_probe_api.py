"""The generated API: booted from its files, booted again, asked over its socket."""

from collections.abc import Callable
from typing import Any

import pytest

from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised

MAIN = """
import os
from contextlib import asynccontextmanager
from pathlib import Path

from fastapi import FastAPI
from fastapi.responses import HTMLResponse, Response

from app.part import NAME

STARTED = Path("started")
DATABASE = Path(os.environ["DATABASE_PATH"])


@asynccontextmanager
async def lifespan(app):
    for path in (STARTED, DATABASE):
        path.write_text(f"{path.read_text() if path.exists() else ''}+")
    yield


app = FastAPI(lifespan=lifespan)
asked = []


@app.post("/things", status_code=201)
def create(body: dict):
    asked.append(body)
    return {"name": NAME, "asked": asked}


@app.get("/life")
def life():
    return [path.read_text() for path in (STARTED, DATABASE)]


@app.get("/html")
def html():
    return HTMLResponse("<p>" + "x" * 100_000)


@app.delete("/things/1", status_code=204)
def delete():
    pass


@app.get("/broken")
def broken():
    raise KeyError("label")


@app.get("/leave")
def leave():
    raise SystemExit(0)


@app.get("/not-a-number")
def not_a_number():
    return Response('{"n": NaN}', media_type="application/json")


@app.get("/write")
def write():
    Path("app/part.py").write_text("NAME = 'second edition'")
"""
FILES = {"app/__init__.py": "", "app/part.py": "NAME = 'first'", "app/main.py": MAIN}
Begin = Callable[..., Any]


def test_an_application_is_asked(begin: Begin) -> None:
    """Status and body, JSON or the beginning of a text, or nothing."""
    with begin(FILES) as api:
        api.boot()
        made = api.request("POST", "/things", {"é": [1, None, True]})
        assert (made.status, made.raised) == (201, "")
        assert made.body == {"name": "first", "asked": [{"é": [1, None, True]}]}
        gone = api.request("DELETE", "/things/1")
        assert (gone.status, gone.body) == (204, "")
        assert api.request("GET", "/nothing").status == 404
        assert api.request("PATCH", "/things").status == 405
        page = api.request("GET", "/html")
        assert (page.status, page.body) == (200, "<p>" + "x" * 497)


def test_a_boot_is_a_restart(begin: Begin) -> None:
    """A new process, which finds its files as they were given, and the database."""
    with begin(FILES) as api:
        api.boot()
        assert api.request("GET", "/life").body == ["+", "+"]
        assert len(api.request("POST", "/things", {}).body["asked"]) == 1
        api.request("GET", "/write")
        assert api.request("POST", "/things", {}).body["name"] == "first"
        api.boot()
        assert api.request("GET", "/life").body == ["+", "++"]
        again = api.request("POST", "/things", {}).body
        assert (again["name"], len(again["asked"])) == ("first", 1)


def test_what_an_application_raises_is_told_as_a_500(begin: Begin) -> None:
    """With its name; it goes on. What would leave is told too."""
    with begin(FILES) as api:
        api.boot()
        told = api.request("GET", "/broken")
        assert (told.status, told.raised) == (500, "KeyError: 'label'")
        assert told.body == "Internal Server Error"
        assert api.request("GET", "/life").status == 200
        left = api.request("GET", "/leave")
        assert (left.status, left.raised) == (500, "SystemExit: 0")


def test_json_that_is_none_is_the_codes_fault(begin: Begin) -> None:
    """Python reads NaN, which no client of another language could."""
    with begin(FILES) as api:
        api.boot()
        assert api.request("GET", "/not-a-number").body == '{"n": NaN}'
        assert api.request("GET", "/life").status == 200


@pytest.mark.parametrize(
    ("main", "words"),
    [
        ("import nothing_of_this_name", "ModuleNotFoundError"),
        ("x = 1", 'Attribute "app" not found'),
        ("def f(:", "SyntaxError"),
        ("from contextlib import asynccontextmanager\nfrom fastapi import FastAPI\n"
         "async def up(app):\n    raise OSError('no disk')\n    yield\n"
         "app = FastAPI(lifespan=asynccontextmanager(up))", "OSError: no disk"),
    ],
    ids=["import", "no app", "syntax", "lifespan"],
)  # fmt: skip
def test_an_application_that_does_not_start_is_told(begin: Begin, main: str, words: str) -> None:
    """In the words of its exception."""
    with begin({**FILES, "app/main.py": main}) as api, pytest.raises(Raised) as told:
        api.boot()
    assert words in str(told.value)


def test_an_application_that_was_not_booted_answers_nothing(begin: Begin) -> None:
    """Nothing listens."""
    with begin(FILES) as api, pytest.raises(Misbehaved, match="there is no server"):
        api.request("GET", "/life")
