"""What a judge asks of the probe in the sandbox, and the form that answers must have.

Generated code runs beside the probe and may answer in its place: nothing is taken on trust that
does not have the form, and what has it is only what the application says.
"""

from collections.abc import Sequence
from typing import Annotated, Any, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from flagbench.acceptance.sandbox.sandbox import Child, Misbehaved

ANSWERER = "flagbench.acceptance.probe.answer:answerer"
WARM = "flagbench.acceptance.probe.warm:warm"


class ProbeModel(BaseModel):
    """An answer, or a part of one: these keys and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class LintDefect(ProbeModel):
    """A check of the file's text that failed; one without a name would pass for none."""

    check: Annotated[str, Field(min_length=1)]
    message: str


class HttpAnswer(ProbeModel):
    """An HTTP answer; `raised` is the exception that the application let out."""

    status: Annotated[int, Field(ge=100, le=599)]
    body: Any
    raised: str


class PageState(ProbeModel):
    """A page: inputs as (widget, label), buttons by label, errors shown and raised."""

    inputs: list[tuple[str, str]]
    buttons: list[str]
    errors: list[str]
    raised: list[str]


class SuiteRun(ProbeModel):
    """A suite: its tests, what did not collect, failures with why, mutants and whether caught.

    `unsteady` are tests that fail, and why, when they are run again and nothing is broken.
    """

    collected: list[str]
    broken: list[str]
    failed: dict[str, str]
    caught: dict[str, bool]
    unsteady: dict[str, str]

    @model_validator(mode="after")
    def _fits(self) -> "SuiteRun":
        if not self.failed.keys() | self.unsteady.keys() <= set(self.collected):
            raise ValueError("there are results of tests that were not collected")
        return self


class Column(ProbeModel):
    """A column as `PRAGMA table_info` tells it; `type` is the declared one, empty for none."""

    cid: int
    name: str
    type: str
    notnull: int
    dflt_value: Any
    pk: int


class ForeignKey(BaseModel):
    """A foreign key as `PRAGMA foreign_key_list` tells it: a column, and the table it points at."""

    model_config = ConfigDict(frozen=True)

    column: Annotated[str, Field(alias="from")]
    table: str


T = TypeVar("T")
Rows = list[dict[str, Any]]
_ROWS: TypeAdapter[Rows] = TypeAdapter(Rows)
_COLUMNS, _KEYS = TypeAdapter(list[Column]), TypeAdapter(list[ForeignKey])
_FINDING: TypeAdapter[LintDefect | None] = TypeAdapter(LintDefect | None)
_TEXTS = TypeAdapter(list[str])
NOTHING: TypeAdapter[None] = TypeAdapter(type(None))
_ANSWER, _SEEN, _SUITE = TypeAdapter(HttpAnswer), TypeAdapter(PageState), TypeAdapter(SuiteRun)


class ProbeClient:
    """A child that is asked in the probe's commands.

    Each raises `Raised` for an exception of the generated code, and `Misbehaved` for a child that
    died, hung or gave no answer of the right form.
    """

    def __init__(self, child: Child) -> None:
        self._child = child

    def lint(self, path: str, names: Sequence[str]) -> LintDefect | None:
        """The first check of the text that fails, before anything of it runs."""
        return self.ask(_FINDING, do="lint", path=path, names=list(names))

    def use(self, name: str) -> None:
        """Use another database, empty at first."""
        self.ask(NOTHING, do="use", name=name)

    def migrate(self, modules: Sequence[str]) -> None:
        """Migrate the schemas of these modules, in this order."""
        self.ask(NOTHING, do="migrate", modules=list(modules))

    def query(self, sql: str, values: Sequence[Any] = ()) -> Rows:
        """The rows of one statement, committed."""
        return self.ask(_ROWS, do="query", sql=sql, values=list(values))

    def columns(self, table: str) -> dict[str, Column]:
        """The columns of a table by name; none if there is no such table."""
        told = self.ask(_COLUMNS, do="query", sql=f'PRAGMA table_info("{table}")')
        return {one.name: one for one in told}

    def keys(self, table: str) -> list[ForeignKey]:
        """The foreign keys of a table."""
        return self.ask(_KEYS, do="query", sql=f'PRAGMA foreign_key_list("{table}")')

    def boot(self) -> None:
        """Boot the API, or boot it again."""
        self.ask(NOTHING, do="boot")

    def request(self, method: str, path: str, body: Any = None) -> HttpAnswer:
        """One request to the API."""
        return self.ask(_ANSWER, do="request", method=method, path=path, json=body)

    def open(self, path: str) -> PageState:
        """Open a page on the served API."""
        return self.ask(_SEEN, do="open", path=path)

    def submit(self, values: dict[str, Any], button: str) -> PageState:
        """Fill inputs by label and press a button."""
        return self.ask(_SEEN, do="submit", values=values, button=button)

    def suite(self, path: str, address: str) -> SuiteRun:
        """Run a suite, and again under every mutant of the routes at the address."""
        return self.ask(_SUITE, do="suite", path=path, address=address)

    def dangers(self, path: str) -> list[str]:
        """What bandit finds in a file of high severity, with its lines."""
        return self.ask(_TEXTS, do="dangers", path=path)

    def ask(self, form: TypeAdapter[T], **command: Any) -> T:
        """What is answered to a command that is told as `do`, in the form that it must have."""
        try:
            return form.validate_python(self._child.ask(command))
        except ValidationError as error:
            first = error.errors()[0]
            what = f"{command['do']} was answered in another form: {first['msg']}"
            raise Misbehaved(what) from error
