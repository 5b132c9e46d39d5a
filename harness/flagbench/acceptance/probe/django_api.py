"""The API of a project, sent requests through its WSGI application, and its accounts."""

import importlib
import io
import json
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from flagbench.acceptance.probe.django_project import APP, HOST

# A body that is not JSON is used in messages only.
_TEXT_CHARACTERS = 500
# The default hasher takes half a second for each password.
_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
# Key of the account in a WSGI environment, which spares the application looking it up.
_ACCOUNT = "flagbench.account"


_Application = Callable[[dict[str, Any], Callable[..., None]], Iterable[bytes]]


class Project:
    """A serving project, whose database was migrated before."""

    def __init__(self) -> None:
        self._application: _Application
        self._accounts: dict[str, Any] = {}
        self._raised = ""

    def serve(self, accounts: Mapping[str, list[str]]) -> None:
        """Load the application and create the accounts: permissions by name.

        The name of an account is its password.
        """
        from django.conf import settings  # noqa: PLC0415  only a project needs it
        from django.contrib.auth.models import Permission, User  # noqa: PLC0415
        from django.core import signals  # noqa: PLC0415
        from django.db import close_old_connections  # noqa: PLC0415

        settings.PASSWORD_HASHERS = [_HASHER]
        self._application = importlib.import_module("config.wsgi").application
        self._application.request_class = _request_class()  # type: ignore[attr-defined]
        # One process, one connection: opening another takes as long as a small request.
        signals.request_started.disconnect(close_old_connections)
        signals.request_finished.disconnect(close_old_connections)
        signals.got_request_exception.connect(self._note, weak=False)
        permissions = Permission.objects.filter(content_type__app_label=APP)
        for name, allowed in accounts.items():
            account = User.objects.create_user(name, password=name)
            account.user_permissions.set(permissions.filter(codename__in=allowed))
            self._accounts[name] = User.objects.get(pk=account.pk)

    def request(
        self,
        method: str,
        path: str,
        json: Any = None,
        token: str | None = None,
        account: str | None = None,
    ) -> dict[str, Any]:
        """Send one request: status, body (JSON, or the beginning of a text), and exception.

        Given an `account`, neither its token nor its permissions are looked up.
        """
        sent = b"" if json is None else _to_json(json)
        self._raised = ""
        statuses: list[str] = []
        environment = _environment(method, path, sent, token)
        environment[_ACCOUNT] = self._accounts.get(account or "")
        response = self._application(environment, lambda status, *_: statuses.append(status))
        try:
            body = b"".join(response)
        finally:
            getattr(response, "close", int)()
        return {
            "status": int(statuses[-1].split()[0]),
            "body": _from_json(body),
            "raised": self._raised,
        }

    def _note(self, **_: Any) -> None:
        kind, error, trace = sys.exc_info()
        if kind is not None:
            self._raised = f"{kind.__name__}: {error}{_place(trace)}"


def _request_class() -> type:
    """Class of requests that force their account, as REST framework's test client does."""
    from django.core.handlers.wsgi import WSGIRequest  # noqa: PLC0415  as above

    class KnownRequest(WSGIRequest):  # type: ignore[misc]  # Django has no types
        def __init__(self, environ: dict[str, Any]) -> None:
            super().__init__(environ)
            if environ.get(_ACCOUNT) is not None:
                self._force_auth_user = environ[_ACCOUNT]

    return KnownRequest


def _environment(method: str, path: str, sent: bytes, token: str | None) -> dict[str, Any]:
    """WSGI environment of a request (PEP 3333)."""
    path, _, query = path.partition("?")
    authorization = {} if token is None else {"HTTP_AUTHORIZATION": f"Token {token}"}
    return {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "CONTENT_TYPE": "application/json" if sent else "",
        "CONTENT_LENGTH": str(len(sent)),
        "SERVER_NAME": HOST,
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": HOST,
        "HTTP_ACCEPT": "application/json",
        **authorization,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(sent),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }


def _to_json(value: Any) -> bytes:
    return json.dumps(value).encode()


def _from_json(body: bytes) -> Any:
    try:
        return json.loads(body) if body else None
    except ValueError:
        return body.decode("utf-8", "replace")[:_TEXT_CHARACTERS]


def _place(trace: TracebackType | None) -> str:
    """Last line of the project in a traceback, in brackets; "" for none."""
    here = f"{Path.cwd()}/"
    own = [frame for frame in _frames(trace) if frame.filename.startswith(here)]
    return f" ({own[-1].filename.removeprefix(here)} line {own[-1].lineno})" if own else ""


def _frames(trace: TracebackType | None) -> Iterable[traceback.FrameSummary]:
    return traceback.extract_tb(trace, limit=-30)
