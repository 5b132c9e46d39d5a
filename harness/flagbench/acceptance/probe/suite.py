"""A generated test suite, run item by item; the application that it tests is served outside."""

import os
import threading
import weakref
from collections.abc import Callable
from functools import partial
from typing import Any

from flagbench.acceptance.probe.application import DATABASE
from flagbench.acceptance.probe.collection import CollectionErrors
from flagbench.acceptance.probe.portal import Portals
from flagbench.acceptance.sandbox.child_main import Line

_MESSAGE_LINES = 3


class _Items(CollectionErrors):
    """A pytest plugin that answers with the collected items, and runs each that it is asked for."""

    def __init__(self, routes: "_ServedRoutes") -> None:
        super().__init__()
        self._routes = routes

    def pytest_runtestloop(self, session: Any) -> bool:
        collected = [item.nodeid for item in session.items]
        for item in session.items:
            item._repr_failure_py = partial(_message, item._repr_failure_py)
        value: Any = {"collected": collected, "broken": self.broken}
        while True:
            try:
                command = self._routes.next_command(value)
            except EOFError:
                return True
            value = _failure(session.items[command["item"]])


def _message(described: Callable[..., Any], failed: Any, *arguments: Any, **options: Any) -> Any:
    """The message of a failure, without a traceback, which nobody reads and takes milliseconds."""
    if type(failed.value).__module__.startswith("_pytest"):  # such as that of a missing fixture
        return described(failed, *arguments, **options)
    return failed.exconly(tryshort=True)


def _failure(item: Any) -> str | None:
    """Run one item; its failure, None if it passed. A skipped test counts as a failure."""
    from _pytest.outcomes import Exit  # noqa: PLC0415  only the sandbox imports it
    from _pytest.runner import runtestprotocol  # noqa: PLC0415

    item._initrequest()  # as plugins that run a test again do
    try:
        reports = runtestprotocol(item, nextitem=None, log=False)
    except (KeyboardInterrupt, Exit) as error:  # they would end the run before the other items
        item.session._setupstate.teardown_exact(None)
        return f"{type(error).__name__}: {error}"
    for report in reports:
        if not report.passed:
            crash = getattr(report.longrepr, "reprcrash", None)
            return _first_lines(crash.message if crash else report.longreprtext) or report.outcome
    return None


class _ServedRoutes:
    """The routes of `app.main`, which the harness serves: one request at a time, within a command.

    The lock is held between two commands, so that a thread that was left behind waits.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._turn = threading.Lock()

    def next_command(self, value: Any) -> Any:
        """Reply to the command and receive the next one. Raises `EOFError`."""
        with self._turn:
            self._line.reply(value)
            return self._line.receive()

    def replace(self, transport: Any, http: Any) -> None:
        """Let a test client's transport send its HTTP requests here.

        `http` is the library of the client. Startup and shutdown are left to the local application,
        which has no generated routes: a suite cannot compare the two.
        """
        local = transport.handle_request

        def handle_request(request: Any) -> Any:
            if request.url.scheme not in ("http", "https"):
                return local(request)
            answer = self._answer(request)
            body = b"" if request.method == "HEAD" else answer["body"].encode("latin-1")
            headers = [(name.encode("latin-1"), text.encode("latin-1"))
                       for name, text in answer["headers"]]  # fmt: skip
            return http.Response(
                answer["status"], headers=headers, stream=http.ByteStream(body), request=request
            )

        transport.handle_request = handle_request

    def _answer(self, request: Any) -> Any:
        """The answer to a request on the database that the suite has set."""
        database = os.environ.get("DATABASE_PATH", "").encode()
        headers = [*request.headers.raw, (DATABASE.encode(), database)]
        asked = {
            "method": request.method,
            "target": request.url.raw_path.decode("latin-1"),
            "headers": [[name.decode("latin-1"), text.decode("latin-1")] for name, text in headers],
            "body": request.read().decode("latin-1"),
        }
        with self._turn:
            return self._line.ask(asked)


def run(path: str, address: str, line: Line) -> dict[str, Any]:
    """Collect the suite, and run its items as the commands say.

    An application that has no routes of its own at `address` is that of `app.main`, whose routes
    are served by the harness. Returns only if pytest ends before it runs an item: what was
    collected, and errors of collection.
    """
    import pytest  # noqa: PLC0415  as above
    from starlette import testclient  # noqa: PLC0415

    http = testclient.httpx  # type: ignore[attr-defined]  # the library that starlette chose
    routes = _ServedRoutes(line)
    items, client = _Items(routes), testclient.TestClient
    start, enter, portals = client.__init__, client.__enter__, Portals()
    served = weakref.WeakSet[Any]()

    def start_served(self: Any, app: Any, *args: Any, **kwargs: Any) -> None:
        paths = [str(getattr(route, "path", "")) for route in getattr(app, "routes", ())]
        own = any(each == address or each.startswith(f"{address}/") for each in paths)
        start(self, app, *args, **kwargs)
        if not own:
            routes.replace(self._transport, http)
            served.add(self)

    def enter_served(self: Any) -> Any:
        return portals.enter(self, enter) if self in served else enter(self)

    client.__init__ = start_served  # type: ignore[method-assign]
    client.__enter__ = enter_served  # type: ignore[method-assign]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # unraisableexception collects garbage several times at the end, which is slow after warming up
    off = ("cacheprovider", "terminal", "faulthandler", "unraisableexception", "junitxml")
    quiet = [word for name in off for word in ("-p", f"no:{name}")]
    arguments = [*quiet, "--rootdir=.", "--confcutdir=.", "-c", os.devnull, "--", path]
    try:
        pytest.main(arguments, plugins=[items])
    finally:
        client.__init__, client.__enter__ = start, enter  # type: ignore[method-assign]
        portals.close()
    return {"collected": [], "broken": items.broken or ["pytest ended before it ran a test"]}


def _first_lines(text: str) -> str:
    """The beginning of a message, for a failed assertion."""
    return " | ".join([line.strip() for line in text.splitlines() if line.strip()][:_MESSAGE_LINES])
