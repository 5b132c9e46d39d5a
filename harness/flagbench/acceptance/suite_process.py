"""The process that runs the items of a suite, and the process that serves its application."""

from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError

from flagbench.acceptance.mutants import MutatedRoutes
from flagbench.acceptance.sandbox.http_exchange import HttpRequest, HttpResponse
from flagbench.acceptance.sandbox.sandbox import Application, Child, Misbehaved, Raised

_SERVER = "flagbench.acceptance.probe.application:application"
_TESTS = "flagbench.acceptance.probe.answer:tests"
_DATABASE = "app.db"
_ROUTES = "app/routes/"
# What a suite finds in the place of routes: they are served to it, not given.
_NO_ROUTES = "from fastapi import APIRouter\n\nrouter = APIRouter()\n"
_BAD_GATEWAY = HttpResponse(502, (), b"")
_WITHOUT_BODY = (204, 304)


def _encoded(value: object) -> bytes:
    """Bytes that came as characters of Latin-1. Raises `ValueError`."""
    if not isinstance(value, str):
        msg = "not a text"
        raise ValueError(msg)  # noqa: TRY004  pydantic reports this one
    return value.encode("latin-1")


_Bytes = Annotated[bytes, BeforeValidator(_encoded)]


class _Message(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    headers: list[tuple[_Bytes, _Bytes]]
    body: _Bytes


class _Request(_Message):
    """A request of a suite."""

    method: str
    target: str


class _Response(_Message):
    """A response of its application."""

    status: Annotated[int, Field(ge=100, le=599)]


class Collection(BaseModel):
    """The items of a suite, and errors of their collection."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    collected: list[str]
    broken: list[str]


_COLLECTION, _FAILURE = TypeAdapter(Collection), TypeAdapter(str | None)


class SuiteProcess:
    """Both processes; to be closed. Raises `Misbehaved` or `Raised` for a suite that ends its own.

    `acting` are the mutants that changed or would have changed an answer of the last run.
    """

    def __init__(
        self, opened: AbstractContextManager[Application], files: Mapping[str, str], path: str,
        address: str,
    ) -> None:  # fmt: skip
        self.acting: frozenset[str] = frozenset()
        self._stack = ExitStack()
        self._routes = MutatedRoutes(self._forward, address)
        try:
            place = self._stack.enter_context(opened)
            self._server: Child = self._stack.enter_context(place.child(_SERVER, files))
            own = _without_routes(files)
            try:
                self._server.ask({"database": _DATABASE})
            except Raised:  # so will each test that imports the application
                own = dict(files)
            place.tidy([_DATABASE])
            self._child = self._stack.enter_context(place.child(_TESTS, own))
            command = {"do": "suite", "path": path, "address": address}
            self.collection: Collection = self._ask(_COLLECTION, command)
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> "SuiteProcess":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def run(self, item: int, mutant: str = "") -> str | None:
        """Run an item with a mutant, "" for none; its failure, None if it passes."""
        self._routes.begin(mutant)
        failure: str | None = self._ask(_FAILURE, {"item": item})
        self.acting = frozenset(self._routes.acting)
        return failure

    def _ask(self, form: TypeAdapter[Any], command: Mapping[str, Any]) -> Any:
        return _validated(form.validate_python, self._child.ask(command, self._answer), "suite")

    def _answer(self, asked: Any) -> dict[str, Any]:
        """Answer a request of the suite as the mutant does."""
        request = _validated(_Request.model_validate, asked, "suite")
        sent = HttpRequest(request.method, request.target, request.headers, request.body)
        try:
            response = self._routes(sent)
        except (Misbehaved, Raised):
            response = _BAD_GATEWAY
        headers = [pair for pair in response.headers if pair[0].lower() != b"content-length"]
        if response.status not in _WITHOUT_BODY:
            headers.append((b"content-length", str(len(response.body)).encode()))
        return {"status": response.status, "headers": _texts(headers),
                "body": response.body.decode("latin-1")}  # fmt: skip

    def _forward(self, request: HttpRequest) -> HttpResponse:
        """Let the application execute a request. Raises `Misbehaved` and `Raised`."""
        command = {"method": request.method, "target": request.target,
                   "headers": _texts(request.headers),
                   "body": request.body.decode("latin-1")}  # fmt: skip
        answer = _validated(_Response.model_validate, self._server.ask(command), "a request")
        return HttpResponse(answer.status, answer.headers, answer.body)


def _validated(validate: Any, value: Any, what: str) -> Any:
    try:
        return validate(value)
    except ValidationError as error:
        reason = f"the answer to {what} does not match its schema: {error.errors()[0]['msg']}"
        raise Misbehaved(reason) from error


def _texts(headers: Any) -> list[list[str]]:
    return [[name.decode("latin-1"), text.decode("latin-1")] for name, text in headers]


def _without_routes(files: Mapping[str, str]) -> dict[str, str]:
    """The files with modules of routes that have none."""
    return {
        name: _NO_ROUTES if name.startswith(_ROUTES) and not name.endswith("__init__.py") else text
        for name, text in files.items()
    }
