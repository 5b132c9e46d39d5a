"""Client of the processes in the sandbox, and the schema of their answers.

Where generated code runs in the process that answers, it may answer in its place. An answer that
does not match the schema is rejected; one that does is only a claim of the application.
"""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Protocol, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from flagbench.acceptance.sandbox.sandbox import Misbehaved

# The smallest warm parent, which every kind needs.
WARM = "flagbench.acceptance.probe.warm:texts"


class ProbeModel(BaseModel):
    """An answer or a part of it; further keys are rejected."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LintDefect(ProbeModel):
    """A check of the text of a file that failed; an empty `check` would count as passed."""

    check: Annotated[str, Field(min_length=1)]
    message: str


class HttpAnswer(ProbeModel):
    """An HTTP response; `raised` is the exception that escaped the application, "" for none."""

    status: Annotated[int, Field(ge=100, le=599)]
    body: Any
    raised: str


class PageState(ProbeModel):
    """State of a page: inputs as (widget, label), labels of buttons, errors and successes shown.

    `raised` are exceptions, and `shown` the texts of all elements but the inputs.
    """

    inputs: list[tuple[str, str]]
    buttons: list[str]
    errors: list[str]
    successes: list[str]
    raised: list[str]
    shown: list[str]


class SuiteRun(ProbeModel):
    """Result of a suite: collected tests, failures by test, and whether each mutant is caught.

    `broken` are errors of collection. `flaky` are tests that pass at first and fail when they run
    again without a mutant, each with its failure. `idle` are tests that pass whatever is answered.
    """

    collected: list[str]
    broken: list[str]
    failed: dict[str, str]
    caught: dict[str, bool]
    flaky: dict[str, str]
    idle: list[str]

    @model_validator(mode="after")
    def _check_names(self) -> "SuiteRun":
        if not {*self.failed, *self.flaky, *self.idle} <= set(self.collected):
            raise ValueError("results of tests that were not collected")
        return self


class Column(ProbeModel):
    """A row of `PRAGMA table_info`; `type` is the declared type, "" for none."""

    cid: int
    name: str
    type: str
    notnull: int
    dflt_value: Any
    pk: int


class ForeignKey(BaseModel):
    """A row of `PRAGMA foreign_key_list`: a column, its target, and what a deletion there does."""

    model_config = ConfigDict(frozen=True)

    column: Annotated[str, Field(alias="from")]
    table: str
    on_delete: str


T = TypeVar("T")
Rows = list[dict[str, Any]]
_ROWS: TypeAdapter[Rows] = TypeAdapter(Rows)
_COLUMNS, _KEYS = TypeAdapter(list[Column]), TypeAdapter(list[ForeignKey])
_FINDING: TypeAdapter[LintDefect | None] = TypeAdapter(LintDefect | None)
_TEXTS = TypeAdapter(list[str])
NOTHING: TypeAdapter[None] = TypeAdapter(type(None))
_ANSWER, _PAGE, _SUITE = TypeAdapter(HttpAnswer), TypeAdapter(PageState), TypeAdapter(SuiteRun)


class Asked(Protocol):
    """The processes of an application, or whatever else executes the commands."""

    def ask(self, command: Mapping[str, Any], /) -> Any:
        """Execute a command; the answer. Raises `Raised` and `Misbehaved`."""


class ProbeClient:
    """Typed commands to the processes of an application in the sandbox.

    Every command raises `Raised` for an exception of the generated code, and `Misbehaved` for a
    child that died, hung or answered outside the schema.
    """

    def __init__(self, processes: Asked) -> None:
        self._processes = processes

    def lint(self, path: str, names: Sequence[str], checks: Sequence[str]) -> LintDefect | None:
        """Check the text of a file without running it; the first of the checks that fails."""
        return self.ask(_FINDING, do="lint", path=path, names=list(names), checks=list(checks))

    def use(self, name: str) -> None:
        """Switch to another database, which is empty at first."""
        self.ask(NOTHING, do="use", name=name)

    def migrate(self, modules: Sequence[str]) -> None:
        """Run the migrations of these schema modules, in this order."""
        self.ask(NOTHING, do="migrate", modules=list(modules))

    def query(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """Execute one statement and commit; its rows."""
        return self.ask(_ROWS, do="query", sql=sql, values=list(values))

    def holding(self, words: Sequence[str]) -> list[str]:
        """The files of the application's folder that have one of these words."""
        return self.ask(_TEXTS, do="holding", words=list(words))

    def columns(self, table: str) -> dict[str, Column]:
        """Columns of a table by name; empty for a table that does not exist."""
        columns = self.ask(_COLUMNS, do="query", sql=f'PRAGMA table_info("{table}")')
        return {column.name: column for column in columns}

    def keys(self, table: str) -> list[ForeignKey]:
        """Foreign keys of a table."""
        return self.ask(_KEYS, do="query", sql=f'PRAGMA foreign_key_list("{table}")')

    def boot(self) -> None:
        """Start the API, or restart it."""
        self.ask(NOTHING, do="boot")

    def request(self, method: str, path: str, body: Any = None) -> HttpAnswer:
        """Send one request to the API."""
        return self.ask(_ANSWER, do="request", method=method, path=path, json=body)

    def open(self, path: str) -> PageState:
        """Open a page that uses the API."""
        return self.ask(_PAGE, do="open", path=path)

    def rerun(self) -> PageState:
        """Run the page again without pressing anything."""
        return self.ask(_PAGE, do="rerun")

    def submit(self, values: dict[str, Any], button: str) -> PageState:
        """Fill inputs by label and press a button."""
        return self.ask(_PAGE, do="submit", values=values, button=button)

    def fail(self, method: str, path: str, status: int, body: str) -> None:
        """Let the API fail one kind of request of the page, in place of an earlier one."""
        self.ask(NOTHING, do="fail", method=method, path=path, status=status, body=body)

    def suite(self, path: str, address: str) -> SuiteRun:
        """Run a suite once, and once for every mutant of the routes at the address."""
        return self.ask(_SUITE, do="suite", path=path, address=address)

    def bandit_findings(self, path: str) -> list[str]:
        """Bandit's findings of high severity in a file, with line numbers."""
        return self.ask(_TEXTS, do="bandit_findings", path=path)

    def ask(self, form: TypeAdapter[T], **command: Any) -> T:
        """Send the command `do` with its arguments; the answer, validated by `form`."""
        try:
            return form.validate_python(self._processes.ask(command))
        except ValidationError as error:
            first = error.errors()[0]
            what = f"the answer to {command['do']} does not match its schema: {first['msg']}"
            raise Misbehaved(what) from error
