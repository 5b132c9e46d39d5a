"""The API of a project, served by Django's own server on a socket that was opened outside."""

import importlib
import os
import socket
import sys
import traceback
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

from flagbench.acceptance.probe import database, disguise
from flagbench.acceptance.probe.django_project import APP, ENVIRONMENT, HOST
from flagbench.acceptance.sandbox.child_main import Line

# The default hasher takes half a second for each password.
_HASHER = "django.contrib.auth.hashers.MD5PasswordHasher"
# Header with the account of a request, which spares the application looking it up.
_ACCOUNT = "HTTP_X_ACCOUNT"


def server(listening: socket.socket, line: Line) -> Callable[[Any], Any]:
    """Build the function that serves; its reply says that it has started."""
    disguise.begin("manage.py", "runserver")

    def serve(command: dict[str, Any]) -> None:
        database.use(command["database"])
        os.environ.update(ENVIRONMENT)
        _serve(command["accounts"], listening, line)

    return serve


def _serve(accounts: Mapping[str, list[str]], listening: socket.socket, line: Line) -> None:
    """Load the application, create the accounts (permissions by name), and serve.

    The name of an account is its password.
    """
    import django  # noqa: PLC0415  only a project needs it

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.contrib.auth.models import Permission, User  # noqa: PLC0415
    from django.core import signals  # noqa: PLC0415
    from django.core.servers.basehttp import WSGIRequestHandler, WSGIServer  # noqa: PLC0415
    from django.db import close_old_connections  # noqa: PLC0415

    settings.PASSWORD_HASHERS = [_HASHER]
    application = importlib.import_module("config.wsgi").application
    # One process, one connection: opening another takes as long as a small request.
    signals.request_started.disconnect(close_old_connections)
    signals.request_finished.disconnect(close_old_connections)
    signals.got_request_exception.connect(_print_exception, weak=False)
    permissions = Permission.objects.filter(content_type__app_label=APP)
    users = {}
    for name, allowed in accounts.items():
        account = User.objects.create_user(name, password=name)
        account.user_permissions.set(permissions.filter(codename__in=allowed))
        users[name] = User.objects.get(pk=account.pk)
    application.request_class = _request_class(users)

    class Handler(WSGIRequestHandler):  # type: ignore[misc]  # Django has no types
        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as in the base
            pass

    class Server(WSGIServer):  # type: ignore[misc]  # as above
        def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
            return self.socket.accept()[0], ("127.0.0.1", 0)

    served = Server((HOST, 80), Handler, bind_and_activate=False)
    served.socket.close()
    served.socket = listening
    served.server_name, served.server_port = HOST, 80
    served.setup_environ()
    served.set_app(application)
    line.reply(None)
    served.serve_forever()


def _print_exception(**_: Any) -> None:
    kind, error, trace = sys.exc_info()
    if kind is not None:
        line = " ".join(f"{kind.__name__}: {error}{_place(trace)}".split())
        print(line, file=sys.stderr, flush=True)  # noqa: T201  as a server's log


def _request_class(users: Mapping[str, Any]) -> type:
    """Class of requests that force their account, as REST framework's test client does."""
    from django.core.handlers.wsgi import WSGIRequest  # noqa: PLC0415  as above

    class KnownRequest(WSGIRequest):  # type: ignore[misc]  # Django has no types
        def __init__(self, environ: dict[str, Any]) -> None:
            account = users.get(environ.pop(_ACCOUNT, ""))
            super().__init__(environ)
            if account is not None:
                self._force_auth_user = account

    return KnownRequest


def _place(trace: TracebackType | None) -> str:
    """Last line of the project in a traceback, in brackets; "" for none."""
    here = f"{Path.cwd()}/"
    own = [frame for frame in _frames(trace) if frame.filename.startswith(here)]
    return f" ({own[-1].filename.removeprefix(here)} line {own[-1].lineno})" if own else ""


def _frames(trace: TracebackType | None) -> Iterable[traceback.FrameSummary]:
    return traceback.extract_tb(trace, limit=-30)
