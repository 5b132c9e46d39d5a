"""A generated service: served over HTTP, its functions called, its tests run."""

import importlib
import json
import os
import socket
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from wsgiref.simple_server import ServerHandler, WSGIRequestHandler, WSGIServer

from flagbench.acceptance.probe import api, clock, disguise, routes
from flagbench.acceptance.probe.collection import CollectionErrors
from flagbench.acceptance.probe.standstill import Standstill
from flagbench.acceptance.sandbox.child_main import Line

APPLICATION = "core.main:app"
_MESSAGE_LINES = 3

Command = dict[str, Any]


def server(listening: socket.socket, line: Line) -> Callable[[Command], None]:
    """Build the function that serves `core.main:app`; its reply has the routes, once it runs."""
    disguise.begin("uvicorn", APPLICATION)

    def serve(command: Command) -> None:
        _use(command["environment"])
        if command["ahead"]:
            clock.put_ahead(command["ahead"])
        if command["is_wsgi"]:
            _serve_wsgi(listening, line)
        else:
            api.run(APPLICATION, listening, line, _routes)

    return serve


def code() -> Callable[[Command], Any]:
    """The commands that call functions of the service; the first one sets its environment."""
    disguise.begin("python")
    commands: Mapping[str, Callable[..., Any]] = {
        "service.code": _use,
        "service.call": _call,
        "service.settings": _settings,
        "service.span": _span,
    }
    return lambda command: commands[command.pop("do")](**command)


def tests() -> Callable[[Command], dict[str, Any]]:
    """The command that runs a file of tests."""
    disguise.begin("pytest")

    def answer(command: Command) -> dict[str, Any]:
        _use(command["environment"])
        early = command["stops_early"]
        return _run_tests(command["path"], command["standstill"], stops_early=early)

    return answer


def _routes() -> list[routes.Route] | None:
    """The routes of the service; None also where they cannot be listed: it has started anyway."""
    try:
        return routes.routes_of(importlib.import_module("core.main").app)
    except Exception:  # of generated code, whose answers tell more
        return None


def _use(environment: Mapping[str, str]) -> None:
    os.environ.update(environment)
    # A path of a file lies in the current folder.
    os.environ["DATABASE_PATH"] = str(Path(environment["DATABASE_PATH"]).resolve())


def _serve_wsgi(listening: socket.socket, line: Line) -> None:
    class Handler(WSGIRequestHandler):
        protocol_version = "HTTP/1.0"

        def address_string(self) -> str:
            return "127.0.0.1"

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  as in the base
            pass

    class Server(WSGIServer):
        def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
            return self.socket.accept()[0], ("127.0.0.1", 0)

    ServerHandler.wsgi_file_wrapper = None  # it needs a file with a descriptor
    application = importlib.import_module("core.main").app
    if "django" in sys.modules:
        _print_exceptions_of_django()
    served = Server(("localhost", 80), Handler, bind_and_activate=False)
    served.socket.close()
    served.socket = listening
    served.server_name, served.server_port = "localhost", 80
    served.setup_environ()
    served.set_app(application)
    line.reply(_routes())
    served.serve_forever()


def _print_exceptions_of_django() -> None:
    """Print what is raised behind a 500, as the other frameworks do."""
    from django.core.signals import got_request_exception  # noqa: PLC0415  as below

    got_request_exception.connect(lambda **_: traceback.print_exc(), weak=False)


def _call(module: str, function: str, arguments: list[Any]) -> dict[str, Any]:
    """Call a function: its value, or the name, message and traceback of what it raises."""
    try:
        value = getattr(importlib.import_module(module), function)(*arguments)
    except Exception as error:
        trace = "".join(traceback.format_exception(error))
        return {"raised": type(error).__name__, "message": str(error), "trace": trace}
    return {"value": json.loads(json.dumps(value))}


def _settings() -> dict[str, Any]:
    """The settings, and the role of each user."""
    settings = importlib.import_module("core.config.settings").settings
    return {
        "database_path": str(settings.database_path),
        "secret_key": settings.secret_key,
        "port": settings.port,
        "roles": {name: user.role for name, user in settings.users.items()},
    }


def _span(name: str) -> bool:
    """Enter a span, and a further one within; true if an exception leaves both as it was."""
    start = importlib.import_module("monitoring.tracing.tracing").start_span
    with start(name):
        pass
    try:
        with start(name), start(f"{name}.inner"):
            raise LookupError(name)  # noqa: TRY301  to see whether it comes out
    except LookupError:
        return True
    return False


class _Counter(CollectionErrors):
    """A pytest plugin that keeps what was collected, and the first failure of each test.

    With a `standstill`, the application stands still during the body of each test.
    """

    def __init__(self, standstill: Standstill | None) -> None:
        super().__init__()
        self.collected: list[str] = []
        self.failed: dict[str, str] = {}
        self._standstill = standstill

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        self.collected = [item.nodeid for item in items]

    def pytest_runtest_call(self) -> None:
        self._switch(is_on=True)

    def pytest_runtest_teardown(self) -> None:
        self._switch(is_on=False)

    def _switch(self, *, is_on: bool) -> None:
        if self._standstill:
            self._standstill.is_on = is_on

    def pytest_runtest_logreport(self, report: Any) -> None:
        if not report.passed and report.nodeid not in self.failed:
            crash = getattr(report.longrepr, "reprcrash", None)
            text = crash.message if crash else str(report.longrepr)
            self.failed[report.nodeid] = " | ".join(text.splitlines()[:_MESSAGE_LINES])


def _run_tests(path: str, standstill: str, *, stops_early: bool) -> dict[str, Any]:
    """Run a file of tests: what was collected, errors of collection, failures by test."""
    import pytest  # noqa: PLC0415  only the sandbox imports it

    counter = _Counter(Standstill(standstill) if standstill else None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    off = ("cacheprovider", "terminal", "faulthandler", "unraisableexception", "junitxml")
    quiet = [word for name in off for word in ("-p", f"no:{name}")]
    limit = ["-x"] if stops_early else []
    arguments = [*quiet, *limit, "--rootdir=.", "--confcutdir=.", "-c", os.devnull, "--", path]
    pytest.main(arguments, plugins=[counter])
    return {
        "collected": counter.collected,
        "broken": counter.broken,
        "failed": counter.failed,
    }
