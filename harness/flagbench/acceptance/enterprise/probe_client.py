"""Typed commands to the processes of a service, and to the tools that read its files."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from flagbench.acceptance import node
from flagbench.acceptance.probe_client import NOTHING, ProbeClient, ProbeModel
from flagbench.errors import CouldNotRun, Problem
from flagbench.scenario.brief import Brief


class MissingTool(CouldNotRun):
    """A check whose tool is not installed here."""


class ServiceAnswer(ProbeModel):
    """An HTTP response; `raised` is the exception behind a 500, `printed` what was logged."""

    status: Annotated[int, Field(ge=100, le=599)]
    body: Any
    raised: str
    printed: str


class Called(ProbeModel):
    """The value of a call, or what it raised, "" for nothing."""

    value: Any = None
    raised: str = ""
    message: str = ""
    trace: str = ""


class SettingsRead(ProbeModel):
    """The settings that a service has from its environment; roles by user."""

    database_path: str
    secret_key: str
    port: int
    roles: dict[str, str]


class TestRun(ProbeModel):
    """Result of a file of tests: collected, errors of collection, failures by test."""

    __test__ = False  # no test of pytest's, whatever its name

    collected: list[str]
    broken: list[str]
    failed: dict[str, str]


class Documents(ProbeModel):
    """The documents of a file, or the error of its syntax."""

    documents: tuple[Any, ...] = ()
    error: str = ""


class Selector(ProbeModel):
    """Series that an expression selects: their name, "" for any; label, operator and value."""

    name: str
    matchers: tuple[tuple[str, str, str], ...]


class Group(ProbeModel):
    """Labels that an expression keeps, and the names of the series that they are of."""

    labels: tuple[str, ...]
    names: tuple[str, ...]


class Metrics(ProbeModel):
    """Selectors and groups of an expression, or the error of its syntax.

    `made` are labels that the expression itself sets.
    """

    selectors: tuple[Selector, ...] = ()
    groups: tuple[Group, ...] = ()
    made: tuple[str, ...] = ()
    error: str = ""


class Ended(ProbeModel):
    """The exit code and output of a program."""

    exit_code: int
    output: str


_ANSWER, _RUN = TypeAdapter(ServiceAnswer), TypeAdapter(TestRun)
_DOCUMENTS, _METRICS = TypeAdapter(Documents), TypeAdapter(Metrics)
_ENDED, _TEXTS = TypeAdapter(Ended), TypeAdapter(list[str])
_CALLED, _SETTINGS = TypeAdapter(Called), TypeAdapter(SettingsRead)
_DONE = TypeAdapter(bool)
# Method ("" for each) and path, as the service has them; None where nothing lists them.
Routes = list[tuple[str, str]] | None
_ROUTES: TypeAdapter[Routes] = TypeAdapter(Routes)


class Service:
    """Commands to a service. Raises `Raised` for its exceptions, and `Misbehaved`.

    `edits` are other texts of some files for the service that is booted, then without a database.
    """

    def __init__(
        self, probe: ProbeClient, brief: Brief, edits: Mapping[str, str] | None = None
    ) -> None:
        self.probe = probe
        self._edits = None if edits is None else dict(edits)
        self._is_wsgi = brief.tech_stack.framework != "FastAPI"
        self._node: dict[str, str] | None = None
        if not brief.is_python:
            found = node.find()
            if found is None:
                what = (
                    "the application needs Node.js with node:sqlite and express, not in the sandbox"
                )
                raise MissingTool(Problem(what, fix="make tools, in a checkout"))
            self._node = asdict(found)

    def boot(self, environment: Mapping[str, str], ahead: int = 0) -> Routes:
        """Start it, or start it again, with a clock that is some seconds ahead; its routes."""
        return self.probe.ask(
            _ROUTES,
            do="service.boot",
            environment=dict(environment),
            is_wsgi=self._is_wsgi,
            node=self._node,
            ahead=ahead,
            replaced=self._edits,
        )

    def request(self, method: str, path: str, body: Any, token: str | None) -> ServiceAnswer:
        """Send one request."""
        return self.probe.ask(
            _ANSWER, do="service.request", method=method, path=path, json=body, token=token
        )

    def begin_code(self, environment: Mapping[str, str]) -> None:
        """Begin a process for calls, with its own imports."""
        self.probe.ask(NOTHING, do="service.code", environment=dict(environment), node=self._node)

    def call(self, path: str, function: str, *arguments: Any) -> Called:
        """Call a function of a file."""
        module = path.removesuffix(".py").replace("/", ".")
        return self.probe.ask(
            _CALLED,
            do="service.call",
            module=module,
            function=function,
            arguments=list(arguments),
        )

    def settings(self) -> SettingsRead:
        """The settings of the process for calls."""
        return self.probe.ask(_SETTINGS, do="service.settings")

    def span(self, name: str) -> bool:
        """Enter spans; true if exceptions pass through them."""
        return self.probe.ask(_DONE, do="service.span", name=name)

    def tests(
        self,
        path: str,
        environment: Mapping[str, str],
        replaced: Mapping[str, str],
        *,
        stops_early: bool = False,
        standstill: str = "",
    ) -> TestRun:
        """Run a file of tests on a copy of the system with other texts of some files.

        With a `standstill`, its functions raise, or return nothing, while the body of a test runs.
        """
        return self.probe.ask(
            _RUN,
            do="service.tests",
            path=path,
            environment=dict(environment),
            replaced=dict(replaced),
            stops_early=stops_early,
            standstill=standstill,
            node=self._node,
        )


class Tools:
    """Commands to the tools that read files."""

    def __init__(self, probe: ProbeClient) -> None:
        self.probe = probe

    def documents(self, path: str) -> Documents:
        """The documents of a YAML or JSON file."""
        return self.probe.ask(_DOCUMENTS, do="tool.documents", path=path)

    def schema_errors(self, name: str, document: Any) -> list[str]:
        """Parts that the schema `workflow`, `compose` or `dashboard` does not admit."""
        return self.probe.ask(_TEXTS, do="tool.schema", name=name, document=document)

    def kubernetes(self, manifests: Sequence[Any]) -> list[str]:
        """Parts that Kubernetes would not accept."""
        return self.probe.ask(_TEXTS, do="tool.kubernetes", manifests=list(manifests))

    def markdown(self, path: str) -> list[str]:
        """Findings in a document."""
        return self.probe.ask(_TEXTS, do="tool.markdown", path=path)

    def metrics(self, expression: str) -> Metrics:
        """Selectors and groups of a PromQL expression."""
        return self.probe.ask(_METRICS, do="tool.metrics", expression=expression)

    def openapi(self, document: Any) -> list[str]:
        """Parts that are not OpenAPI."""
        return self.probe.ask(_TEXTS, do="tool.openapi", document=document)

    def run(self, *arguments: str) -> Ended:
        """Run a program."""
        return self.probe.ask(_ENDED, do="tool.run", arguments=list(arguments))

    def nginx(self, program: str, path: str, hosts: Sequence[str]) -> Ended:
        """Let nginx test a configuration whose `hosts` have addresses."""
        return self.probe.ask(
            _ENDED, do="tool.nginx", program=program, path=path, hosts=list(hosts)
        )
