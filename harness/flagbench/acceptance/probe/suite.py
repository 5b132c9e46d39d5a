"""A generated test suite, run item by item; the application that it tests is served outside."""

import http.client
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from flagbench.acceptance.sandbox.child_main import Line

_MESSAGE_LINES = 3
# Headers of one connection, not of the message.
_OF_CONNECTION = ("connection", "content-length", "host", "keep-alive", "transfer-encoding")

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class _Items:
    """A pytest plugin that answers with the collected items, and runs each that it is asked for."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self.broken: list[str] = []

    def pytest_configure(self, config: Any) -> None:
        config.option.tbstyle = "native"  # the message is all that is used, and this is quick
        config.option.verbose = 0  # an option of the terminal, which pytest 8.0 asks for without it

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            self.broken.append(_last_lines(report.longreprtext))

    def pytest_runtestloop(self, session: Any) -> bool:
        collected = [item.nodeid for item in session.items]
        self._line.reply({"collected": collected, "broken": self.broken})
        while True:
            try:
                command = self._line.receive()
            except EOFError:
                return True
            self._line.reply(_failure(session.items[command["item"]]))


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


class _ServedApplication:
    """The application of `app.main`, served outside.

    Only its startup and shutdown are left to the local `application`, which has no
    generated routes: a suite cannot compare the two.
    """

    def __init__(self, application: Any, server: http.client.HTTPConnection) -> None:
        self._application = application
        self._server = server

    def __getattr__(self, name: str) -> Any:
        return getattr(self._application, name)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Pass a request on, with the path of the database that the suite has set."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        body, more = b"", True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        target = scope.get("raw_path") or scope["path"].encode()
        if scope.get("query_string"):
            target += b"?" + scope["query_string"]
        headers = {
            name.decode("latin-1"): value.decode("latin-1")
            for name, value in scope["headers"]
            if name.decode("latin-1").lower() not in _OF_CONNECTION
        }
        headers["x-database-path"] = os.environ.get("DATABASE_PATH", "")
        try:
            self._server.request(scope["method"], target.decode("latin-1"), body or None, headers)
            response = self._server.getresponse()
            answered = response.read()
        except BaseException:
            self._server.close()  # the next request opens it again
            raise
        sent = [
            (name.lower().encode("latin-1"), value.encode("latin-1"))
            for name, value in response.getheaders()
        ]
        await send({"type": "http.response.start", "status": response.status, "headers": sent})
        await send({"type": "http.response.body", "body": answered})


def run(path: str, address: str, port: int, line: Line) -> dict[str, Any]:
    """Collect the suite, and run its items as the commands say.

    An application that has no routes of its own at `address` is that of `app.main`, whose routes
    are served on the port. Returns only if pytest ends before it runs an item: what was collected,
    and errors of collection.
    """
    import pytest  # noqa: PLC0415  as above
    from starlette.testclient import TestClient  # noqa: PLC0415

    items, server = _Items(line), http.client.HTTPConnection("127.0.0.1", port)
    start = TestClient.__init__

    def start_served(self: Any, app: Any, *args: Any, **kwargs: Any) -> None:
        paths = [str(getattr(route, "path", "")) for route in getattr(app, "routes", ())]
        own = any(each == address or each.startswith(f"{address}/") for each in paths)
        start(self, app if own else _ServedApplication(app, server), *args, **kwargs)

    TestClient.__init__ = start_served  # type: ignore[method-assign]
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # unraisableexception collects garbage several times at the end, which is slow after warming up
    off = ("cacheprovider", "terminal", "faulthandler", "unraisableexception", "junitxml")
    quiet = [word for name in off for word in ("-p", f"no:{name}")]
    arguments = [*quiet, "--rootdir=.", "--confcutdir=.", "-c", os.devnull, "--", path]
    try:
        pytest.main(arguments, plugins=[items])
    finally:
        TestClient.__init__ = start  # type: ignore[method-assign]
    return {"collected": [], "broken": items.broken or ["pytest ended before it ran a test"]}


def _first_lines(text: str) -> str:
    """The beginning of a message, for a failed assertion."""
    return " | ".join([line.strip() for line in text.splitlines() if line.strip()][:_MESSAGE_LINES])


def _last_lines(text: str) -> str:
    """The end of a message, for an error at import, which comes after its traceback."""
    lines = [line.strip(" E") for line in text.splitlines() if line.strip(" E")]
    return " | ".join(lines[-_MESSAGE_LINES:])
