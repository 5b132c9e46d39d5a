"""The processes of one application under proof, and which of them executes a command.

Two never run generated code: the trusted one, which reads databases, and the one that checks texts,
which is shared with other applications. All others do, each begins with nothing but the given files
and the databases, and what they say is a claim: the judge decides by HTTP answers, by rows
that the trusted process reads, and by the end of a process.
"""

import json
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from flagbench.acceptance.probe import tools
from flagbench.acceptance.relay import Relay
from flagbench.acceptance.sandbox import framing
from flagbench.acceptance.sandbox.http_exchange import HttpRequest, HttpResponse
from flagbench.acceptance.sandbox.sandbox import Application, Child, Misbehaved, Sandbox
from flagbench.acceptance.suite_runs import run_suite

_PROBE = "flagbench.acceptance.probe"
_DATABASE, _PROJECT = "app.db", "project.db"
# A body that is not JSON is used in messages only.
_TEXT_CHARACTERS = 500
# The metrics of a service are a text.
_SERVICE_CHARACTERS = 65536
# Period in which a server writes the traceback of what it has answered with 500.
_TRACEBACK_SECONDS = 0.5
_SQLITE_SUFFIXES = ("", "-journal", "-wal", "-shm")

_TEXTS = f"{_PROBE}.answer:texts"
# The functions of the warm parents.
_CRUD, _DJANGO, _PAGES, _SERVICES = (
    f"{_PROBE}.warm:{name}" for name in ("crud", "django", "pages", "services")
)

# The factory of each child; all but the first run generated code.
_ANSWERS = {
    "trusted": "answer:trusted",
    "migration": "answer:migration",
    "server": "api:server",
    "project": "answer:project",
    "project-server": "django_api:server",
    "service": "service:server",
    "service-code": "service:code",
}
# What serves and calls an application in JavaScript, which needs a program.
_NODE = "node_service"
_SERVERS = ("server", "project-server", "service")

Command = Mapping[str, Any]


class Processes:
    """Executes the commands of a `ProbeClient`; must be closed.

    `ask` raises `Raised` for an exception of the generated code, and `Misbehaved`.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        files: Mapping[str, str],
        tools: Callable[[], Sandbox] | None = None,
    ) -> None:
        self._sandbox = sandbox
        self._tools = tools
        self._files = files
        self._open = ExitStack()
        self._application: Application | None = None
        self._database = _DATABASE
        self._databases = {_DATABASE, _PROJECT}
        self._children: dict[str, tuple[Child, ExitStack]] = {}
        self._is_tidy = True
        self._is_node = False
        # Answers to the page in place of the API's, by method and path.
        self._failing: dict[tuple[str, str], HttpResponse] = {}

    def __enter__(self) -> "Processes":
        return self

    def __exit__(self, *_: object) -> None:
        with self._open, ExitStack() as ending:
            for _child, stack in self._children.values():
                ending.callback(stack.close)

    def ask(self, command: Command) -> Any:
        """Execute a command; the answer."""
        name = command["do"]
        own: Mapping[str, Callable[[Command], Any]] = {
            "lint": self._check_text,
            "bandit_findings": self._check_text,
            "use": self._use,
            "query": self._query,
            "migrate": self._migrate,
            "boot": self._boot,
            "request": self._request,
            "open": self._open_page,
            "fail": self._fail,
            "suite": self._suite,
            "project.check": self._check_project,
            "project.serve": self._serve_project,
            "project.request": self._request_project,
            "service.boot": self._boot_service,
            "service.request": self._request_service,
            "service.tests": self._run_tests,
            "service.code": self._begin_code,
        }
        if name in own:
            return own[name](command)
        if name.startswith("tool."):
            return self._tool(command)
        child = "page" if name in ("rerun", "submit") else "trusted"
        if "." in name:
            child = "service-code" if name.startswith("service.") else "project"
        return self._child(child).ask(command)

    def _child(self, name: str) -> Child:
        if name == "trusted" and name not in self._children:
            return self._begin(name)
        if name not in self._children:
            raise Misbehaved(f"there is no {name}")
        return self._children[name][0]

    def _begin(self, name: str, replaced: Mapping[str, str] | None = None) -> Child:
        # What others wrote is not overwritten for the child that only looks.
        is_given = self._is_tidy or name != "trusted"
        files = {**self._files, **(replaced or {})} if is_given else {}
        answer, serves = f"{_PROBE}.{_ANSWERS[name]}", name in _SERVERS
        if self._is_node:
            answer = answer.replace(".service:", f".{_NODE}:")
        if self._application is None:
            warm = {"project": _DJANGO, "service": _SERVICES}.get(name.partition("-")[0], _CRUD)
            self._application = self._open.enter_context(self._place(warm))
        stack = ExitStack()
        child = stack.enter_context(self._application.child(answer, files, serves=serves))
        self._children[name] = (child, stack)
        return child

    def _place(self, warm: str) -> AbstractContextManager[Application]:
        """A place with this warm parent; that of programs for an application in JavaScript."""
        if not self._is_node:
            return self._sandbox.application(warm)
        assert self._tools is not None  # noqa: S101  the prover has one for each case
        return self._tools().application()

    def _end(self, name: str) -> None:
        if name in self._children:
            self._children.pop(name)[1].close()

    def _begin_afresh(self, name: str, replaced: Mapping[str, str] | None = None) -> Child:
        """Begin a child that finds the given files and the databases, and nothing else.

        With `replaced`, other texts of some files, it finds no database.
        """
        self._end(name)
        kept = self._databases if replaced is None else set()
        if self._application is not None and not self._is_tidy:
            self._application.tidy(
                f"{file}{suffix}" for file in kept for suffix in _SQLITE_SUFFIXES
            )
        child = self._begin(name, replaced)
        self._is_tidy = False
        return child

    def _check_text(self, command: Command) -> Any:
        path = command["path"]
        return self._sandbox.kept(_TEXTS).ask(command, {path: self._files[path]})

    def _use(self, command: Command) -> None:
        self._database = command["name"]
        self._databases.add(self._database)

    def _query(self, command: Command) -> Any:
        return self._child("trusted").ask({**command, "name": self._database})

    def _migrate(self, command: Command) -> None:
        child = self._begin_afresh("migration")
        try:
            child.ask({**command, "name": self._database})
        finally:
            self._end("migration")

    def _boot(self, _: Command) -> None:
        child = self._begin_afresh("server")
        child.ask({"database": self._database})

    def _request(self, command: Command) -> dict[str, Any]:
        return _exchange(self._child("server"), command, ())

    def _open_page(self, command: Command) -> Any:
        server, stack = self._child("server"), ExitStack()
        self._failing = {}

        def answer(request: HttpRequest) -> HttpResponse:
            asked = request.method, request.target.partition("?")[0]
            return self._failing.get(asked) or server.request(request)

        # On another disk: the database is the API's.
        place = stack.enter_context(self._sandbox.application(_PAGES))
        child = stack.enter_context(place.child(f"{_PROBE}.answer:page", self._files))
        relay = Relay(child.take_listener(), answer)
        stack.callback(relay.close)
        self._children["page"] = (child, stack)
        return child.ask(command)

    def _fail(self, command: Command) -> None:
        headers = [(b"content-type", b"application/json")]
        response = HttpResponse(command["status"], headers, command["body"].encode())
        self._failing = {(command["method"], command["path"]): response}

    def _suite(self, command: Command) -> Any:
        return run_suite(
            self._sandbox.application(_CRUD), self._files, command["path"], command["address"]
        )

    def _check_project(self, command: Command) -> Any:
        self._database = _PROJECT
        return self._begin_afresh("project").ask(command)

    def _serve_project(self, command: Command) -> None:
        child = self._begin_afresh("project-server")
        child.ask({**command, "database": self._database})

    def _request_project(self, command: Command) -> dict[str, Any]:
        headers = [(b"accept", b"application/json")]
        if command["token"] is not None:
            headers.append((b"authorization", f"Token {command['token']}".encode()))
        if command["account"] is not None:
            headers.append((b"x-account", command["account"].encode()))
        return _exchange(self._child("project-server"), command, headers)

    def _boot_service(self, command: Command) -> Any:
        self._is_node = command["node"] is not None
        return self._begin_afresh("service", command["replaced"]).ask(command)

    def _request_service(self, command: Command) -> dict[str, Any]:
        headers = []
        if command["token"] is not None:
            headers.append((b"authorization", f"Bearer {command['token']}".encode()))
        server = self._child("service")
        printed = len(server.output)
        answer = _exchange(server, command, headers, _SERVICE_CHARACTERS)
        return {**answer, "printed": server.output[printed:]}

    def _begin_code(self, command: Command) -> None:
        self._is_node = command["node"] is not None
        needed = ("do", "environment", "node") if self._is_node else ("do", "environment")
        self._begin_afresh("service-code").ask({name: command[name] for name in needed})

    def _run_tests(self, command: Command) -> Any:
        """Run tests on a copy of the files, some of which are replaced."""
        files = {**self._files, **command["replaced"]}
        self._is_node = command["node"] is not None
        answer = f"{_PROBE}.{_NODE if self._is_node else 'service'}:tests"
        with self._place(_SERVICES) as place, place.child(answer, files) as child:
            return child.ask(command)

    def _tool(self, command: Command) -> Any:
        """Ask a tool about the files that its command names."""
        assert self._tools is not None  # noqa: S101  the prover has one for each case
        named = {command.get("path"), *command.get("arguments", ())}
        files = {path: text for path, text in self._files.items() if path in named}
        return self._tools().kept(tools.ANSWER).ask(command, files)


def _exchange(
    server: Child,
    command: Command,
    headers: "list[tuple[bytes, bytes]] | tuple[()]",
    most_characters: int = _TEXT_CHARACTERS,
) -> dict[str, Any]:
    """Send a request to a server: status, body (JSON, or the beginning of a text), exception."""
    sent = b"" if command["json"] is None else json.dumps(command["json"]).encode()
    if sent:
        headers = [*headers, (b"content-type", b"application/json")]
    printed = len(server.output)
    response = server.request(HttpRequest(command["method"], command["path"], headers, sent))
    raised = ""
    if response.status == 500:
        lines = server.output_since(printed, _TRACEBACK_SECONDS).strip().splitlines()
        raised = lines[-1] if lines else ""
    return {"status": response.status, "body": _body(response, most_characters), "raised": raised}


def _body(response: HttpResponse, most_characters: int) -> Any:
    try:
        return framing.unpack(response.body) if response.body else ""
    except (ValueError, RecursionError):
        return response.body.decode("utf-8", "replace")[:most_characters]
