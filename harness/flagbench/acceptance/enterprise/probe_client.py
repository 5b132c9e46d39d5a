"""Typed commands to the processes of a service, and to the tools that read its files."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from flagbench.acceptance.probe_client import NOTHING, ProbeClient, ProbeModel


class ServiceAnswer(ProbeModel):
    """An HTTP response; `raised` is the exception behind a 500, `printed` what was logged."""

    status: Annotated[int, Field(ge=100, le=599)]
    body: Any
    raised: str
    printed: str


class TestRun(ProbeModel):
    """Result of a file of tests: collected, errors of collection, failures by test."""

    __test__ = False  # no test of pytest's, whatever its name

    collected: list[str]
    broken: list[str]
    failed: dict[str, str]


class Documents(ProbeModel):
    """The documents of a file, or the error of its syntax."""

    documents: list[Any] = []
    error: str = ""


class Metrics(ProbeModel):
    """The metrics of an expression, or the error of its syntax."""

    names: list[str] = []
    error: str = ""


class Ended(ProbeModel):
    """The exit code and output of a program."""

    exit_code: int
    output: str


_ANSWER, _RUN = TypeAdapter(ServiceAnswer), TypeAdapter(TestRun)
_DOCUMENTS, _METRICS = TypeAdapter(Documents), TypeAdapter(Metrics)
_ENDED, _TEXTS, _TEXT = TypeAdapter(Ended), TypeAdapter(list[str]), TypeAdapter(str)
_DONE = TypeAdapter(bool)


class Service:
    """Commands to a service. Raises `Raised` for its exceptions, and `Misbehaved`."""

    def __init__(self, probe: ProbeClient, *, is_wsgi: bool) -> None:
        self.probe = probe
        self._is_wsgi = is_wsgi

    def boot(self, environment: Mapping[str, str]) -> None:
        """Start it, or start it again."""
        self.probe.ask(
            NOTHING, do="service.boot", environment=dict(environment), is_wsgi=self._is_wsgi
        )

    def request(self, method: str, path: str, body: Any, token: str | None) -> ServiceAnswer:
        """Send one request."""
        return self.probe.ask(
            _ANSWER, do="service.request", method=method, path=path, json=body, token=token
        )

    def cipher(self, function: str, text: str, environment: Mapping[str, str]) -> str:
        """Encrypt or decrypt a text in a process of its own."""
        return self.probe.ask(
            _TEXT,
            do="service.cipher",
            function=function,
            text=text,
            environment=dict(environment),
        )

    def span(self, name: str, environment: Mapping[str, str]) -> bool:
        """Enter spans in a process of its own; true if exceptions pass through them."""
        return self.probe.ask(
            _DONE, do="service.span", name=name, environment=dict(environment)
        )

    def tests(
        self,
        path: str,
        environment: Mapping[str, str],
        replaced: Mapping[str, str],
        *,
        stops_early: bool,
    ) -> TestRun:
        """Run a file of tests on a copy of the system with other texts of some files."""
        return self.probe.ask(
            _RUN,
            do="service.tests",
            path=path,
            environment=dict(environment),
            replaced=dict(replaced),
            stops_early=stops_early,
        )


class Tools:
    """Commands to the tools that read files."""

    def __init__(self, probe: ProbeClient) -> None:
        self._probe = probe

    def documents(self, path: str) -> Documents:
        """The documents of a YAML or JSON file."""
        return self._probe.ask(_DOCUMENTS, do="tool.documents", path=path)

    def schema_errors(self, name: str, document: Any) -> list[str]:
        """What the schema `workflow`, `compose` or `dashboard` does not admit."""
        return self._probe.ask(_TEXTS, do="tool.schema", name=name, document=document)

    def kubernetes(self, manifests: Sequence[Any]) -> list[str]:
        """What Kubernetes would not accept."""
        return self._probe.ask(_TEXTS, do="tool.kubernetes", manifests=list(manifests))

    def markdown(self, path: str) -> list[str]:
        """Findings in a document."""
        return self._probe.ask(_TEXTS, do="tool.markdown", path=path)

    def metrics(self, expression: str) -> Metrics:
        """The metrics that a PromQL expression selects."""
        return self._probe.ask(_METRICS, do="tool.metrics", expression=expression)

    def openapi(self, document: Any) -> list[str]:
        """What is not OpenAPI."""
        return self._probe.ask(_TEXTS, do="tool.openapi", document=document)

    def run(self, *arguments: str) -> Ended:
        """Run a program."""
        return self._probe.ask(_ENDED, do="tool.run", arguments=list(arguments))

    def nginx(self, program: str, path: str, hosts: Sequence[str]) -> Ended:
        """Let nginx test a configuration whose `hosts` have addresses."""
        return self._probe.ask(
            _ENDED, do="tool.nginx", program=program, path=path, hosts=list(hosts)
        )
