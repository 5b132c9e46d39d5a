"""What the warm parent does once, so that no child pays for it: imports, and one run of each."""

import gc
import importlib
import logging
import os
import sys
import tempfile
from pathlib import Path

from flagbench import extras
from flagbench.acceptance.probe import lint, security, suite
from flagbench.acceptance.probe.api import Api
from flagbench.acceptance.probe.django_base import base_database

_MAIN = """\
from fastapi import APIRouter, Depends, FastAPI
from pydantic import BaseModel


class Thing(BaseModel):
    name: str


router = APIRouter()


@router.post("/things", status_code=201)
def create(thing: Thing, extra: None = Depends(lambda: None)) -> Thing:
    return thing


app = FastAPI()
app.include_router(router)
"""
_TEST = """\
import pytest
from app.main import app
from fastapi.testclient import TestClient


@pytest.fixture
def client(tmp_path, monkeypatch):
    with TestClient(app) as client:
        yield client


def test_create(client):
    assert client.post("/things", json={"name": "a"}).status_code == 201
"""
_PAGE = """\
import requests
import streamlit as st

st.title("Things")
with st.form("create"):
    st.text_input("Name")
    st.form_submit_button("Create")
st.dataframe([{"name": "a"}])
"""
# What can be imported of Django before there are settings.
_DJANGO = (
    "django.core.checks.registry",
    "django.core.handlers.wsgi",
    "django.core.management.commands.makemigrations",
    "django.core.management.commands.migrate",
    "django.db.backends.sqlite3.base",
    "django.db.migrations.autodetector",
    "django.db.migrations.executor",
    "django.template.backends.django",
)


def warm() -> None:
    """Import what generated code imports, and run a small API, page and suite once.

    An extra that is not installed is left out: the judge of its kinds refuses to begin.
    """
    _find_plugins_once()
    if not extras.missing("django"):
        _warm_django()
    if not extras.missing("crud"):
        _warm_crud()
    _pass_logs_on()
    tempfile.tempdir = None  # every child has its own
    # What is here now stays: no child has to look through it, or copy its pages.
    gc.collect()
    gc.freeze()


def _warm_django() -> None:
    base_database()
    for name in _DJANGO:
        importlib.import_module(name)
    _compile_patterns_of_django()
    with tempfile.TemporaryDirectory(prefix="flagbench-") as folder:
        file = Path(folder, "empty.py")
        file.touch()
        security.dangers(str(file))


def _warm_crud() -> None:
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415  it takes a second to import

    _scan_components_once()
    start, path = Path.cwd(), list(sys.path)
    with tempfile.TemporaryDirectory(prefix="flagbench-") as folder:
        for name, text in (("app/main", _MAIN), ("tests/test_it", _TEST), ("page", _PAGE)):
            file = Path(folder, f"{name}.py")
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        os.chdir(folder)
        sys.path.insert(0, folder)
        try:
            lint.lint("app/main.py", [])
            api = Api()
            api.boot()
            api.request("POST", "/things", {"name": "a"})
            api.load_server()
            api.close()
            AppTest.from_file(str(Path(folder, "page.py")), default_timeout=60).run()
            suite.run("tests/test_it.py", "/things")
        finally:
            os.chdir(start)
            sys.path[:] = path
            for name in [one for one in sys.modules if one.split(".")[0] in ("app", "tests")]:
                del sys.modules[name]
            sys.modules.pop("test_it", None)
            importlib.invalidate_caches()


def _scan_components_once() -> None:
    """Streamlit reads the metadata of every installed package for each page it runs."""
    from streamlit.components.v2 import manifest_scanner  # noqa: PLC0415  as below

    found = manifest_scanner.scan_component_manifests()
    manifest_scanner.scan_component_manifests = lambda *_, **__: found


def _find_plugins_once() -> None:
    """flake8 looks for plugins in every installed package for each file it reads."""
    from flake8.plugins import finder  # noqa: PLC0415  as below

    found = list(finder._find_importlib_plugins())
    finder._find_importlib_plugins = lambda: iter(found)


def _pass_logs_on() -> None:
    """pytest attaches to each logger that passes nothing on, for every phase of every test.

    Streamlit has seventy of them.
    """
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.propagate = True


def _compile_patterns_of_django() -> None:
    """Its pattern for addresses takes a twentieth of a second to compile."""
    from django.core.validators import URLValidator, validate_email  # noqa: PLC0415  as above

    URLValidator()("https://example.org")
    validate_email("somebody@example.org")
