"""Work that a warm parent does once for its children: imports, and a first run of each tool.

A parent has what its kind needs and no more: the larger it is, the longer a fork takes.
"""

import importlib
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flagbench import extras
from flagbench.acceptance.probe import api, lint, security, suite
from flagbench.acceptance.probe.django_base import base_database
from flagbench.acceptance.sandbox.child_main import Line

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
# What a project imports and can be imported without settings: of Django, and beside it.
_DJANGO = (
    "django.contrib.admin.views.decorators", "django.contrib.admindocs.views",
    "django.contrib.auth.context_processors", "django.contrib.auth.hashers",
    "django.contrib.auth.management", "django.contrib.auth.password_validation",
    "django.contrib.auth.tokens", "django.contrib.auth.validators",
    "django.contrib.contenttypes.management", "django.contrib.sessions.backends.db",
    "django.contrib.sessions.middleware", "django.contrib.sessions.serializers",
    "django.contrib.sites.shortcuts", "django.contrib.staticfiles.checks",
    "django.contrib.staticfiles.storage", "django.core.checks.registry",
    "django.core.handlers.wsgi", "django.core.management.commands.makemigrations",
    "django.core.management.commands.migrate", "django.core.wsgi",
    "django.db.backends.sqlite3.base", "django.db.migrations.autodetector",
    "django.db.migrations.executor", "django.db.models.sql.compiler",
    "django.middleware.cache", "django.middleware.clickjacking", "django.middleware.common",
    "django.middleware.csrf", "django.middleware.security", "django.shortcuts",
    "django.template.backends.django", "django.template.loaders.app_directories",
    "django.templatetags.cache", "django.templatetags.l10n", "django.templatetags.tz",
    "django.utils.translation.trans_null", "django.views.decorators.cache",
)  # fmt: skip
_BESIDE_DJANGO = (
    "_strptime", "encodings.idna", "http.cookiejar", "pygments.formatters.html",
    "pygments.lexers.special", "requests", "urllib.request", "yaml",
)  # fmt: skip
# What services and their tests import, and what serves them, beside FastAPI.
_ENTERPRISE = (
    "cryptography.fernet", "cryptography.hazmat.primitives.kdf.hkdf", "django.core.wsgi",
    "django.middleware.csrf", "django.test", "django.views.debug", "django.views.defaults",
    "encodings.idna", "flask.testing", "getpass",
    "wsgiref.simple_server", "yaml",
)  # fmt: skip


class _OneItem(Line):
    """Stands for the line of a child whose judge asks for one item."""

    def __init__(self) -> None:
        self._commands = [{"item": 0}]

    def reply(self, value: Any) -> None:
        pass

    def receive(self) -> dict[str, Any]:
        if not self._commands:
            raise EOFError
        return self._commands.pop()


def texts() -> None:
    """Import the tools that check texts; those of an extra that is not installed are left out."""
    _find_plugins_once()
    with _written(**{"main.py": _MAIN}) as folder:
        lint.lint("main.py", [], ["flake8", "black"])
        if not (extras.missing("django") and extras.missing("enterprise")):
            security.bandit_findings(str(Path(folder, "main.py")))


def crud() -> None:
    """Import what a generated API and its suite import, and run a small one of each."""
    with _written(**{"app/main.py": _MAIN, "tests/test_it.py": _TEST}):
        api.load()
        suite.run("tests/test_it.py", "/things", _OneItem())
    _propagate_logs()


def pages() -> None:
    """Import what a generated page imports, and run a small one."""
    from streamlit.testing.v1 import AppTest  # noqa: PLC0415  it takes a second to import

    _scan_components_once()
    with _written(**{"page.py": _PAGE}) as folder:
        AppTest.from_file(str(Path(folder, "page.py")), default_timeout=60).run()


def django() -> None:
    """Import what a generated project imports."""
    base_database()
    for name in (*_DJANGO, *_BESIDE_DJANGO):
        importlib.import_module(name)
    _compile_patterns_of_django()
    tempfile.tempdir = None


def services() -> None:
    """Import what a generated service and its tests import, in any framework."""
    for name in _ENTERPRISE:
        importlib.import_module(name)
    crud()


@contextmanager
def _written(**files: str) -> Iterator[str]:
    """A folder with these files, which is the current one and holds modules; forgotten after it."""
    start, path, known = Path.cwd(), list(sys.path), set(sys.modules)
    with tempfile.TemporaryDirectory(prefix="flagbench-") as folder:
        for name, text in files.items():
            file = Path(folder, name)
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
        os.chdir(folder)
        sys.path.insert(0, folder)
        try:
            yield folder
        finally:
            os.chdir(start)
            sys.path[:] = path
            for name in set(sys.modules) - known:
                if name.split(".")[0] in ("app", "tests", "test_it"):
                    del sys.modules[name]
            # The other folders' lists of modules stay, which each child would make again.
            for known_folder in [name for name in sys.path_importer_cache if folder in name]:
                del sys.path_importer_cache[known_folder]
    tempfile.tempdir = None  # every child has a separate one


def _scan_components_once() -> None:
    """Cache Streamlit's scan of all installed packages, which it repeats for each page."""
    from streamlit.components.v2 import manifest_scanner  # noqa: PLC0415  as below

    manifests = manifest_scanner.scan_component_manifests()
    manifest_scanner.scan_component_manifests = lambda *_, **__: manifests


def _find_plugins_once() -> None:
    """Cache flake8's search for plugins in all packages, which it repeats for each file."""
    from flake8.plugins import finder  # noqa: PLC0415  as below

    plugins = list(finder._find_importlib_plugins())
    finder._find_importlib_plugins = lambda: iter(plugins)


def _propagate_logs() -> None:
    """Let every logger propagate.

    pytest attaches a handler to each logger that does not, for every phase of every test, and
    Streamlit has seventy of them.
    """
    for logger in logging.Logger.manager.loggerDict.values():
        if isinstance(logger, logging.Logger):
            logger.propagate = True


def _compile_patterns_of_django() -> None:
    """Compile Django's patterns for URLs and e-mail addresses, which takes 50 ms."""
    from django.core.validators import URLValidator, validate_email  # noqa: PLC0415  as above

    URLValidator()("https://example.org")
    validate_email("somebody@example.org")
