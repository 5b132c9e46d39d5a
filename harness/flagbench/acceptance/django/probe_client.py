"""Client of the probe for a project in the sandbox, and the schema of its answers."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from flagbench.acceptance.probe_client import NOTHING, HttpAnswer, ProbeClient, ProbeModel


class Message(ProbeModel):
    """A message of Django's system checks; `level` as in `django.core.checks`, 30 for a warning."""

    level: int
    id: str
    about: str
    text: str


class Migrations(ProbeModel):
    """Files of the migrations made, and changes that a second makemigrations would find."""

    made: list[str]
    changes: list[str]


class JoinTable(ProbeModel):
    """The table of a many-to-many and its two columns; `through` is its model, None for none."""

    table: str
    own: str
    other: str
    through: str | None


class Model(ProbeModel):
    """A model; `has_own_str` is true if it defines `__str__`."""

    name: str
    table: str
    join_tables: dict[str, JoinTable]
    ordering: list[str]
    has_own_str: bool


# The value of every parameter in an address.
SAMPLE_ID = 1
_MESSAGES, _MODELS = TypeAdapter(list[Message]), TypeAdapter(list[Model])
_MIGRATIONS, _ANSWER = TypeAdapter(Migrations), TypeAdapter(HttpAnswer)
_ERRORS, _TEXT = TypeAdapter(dict[str, list[str]]), TypeAdapter(str)
_ADDRESSES = TypeAdapter(list[str])


class Project:
    """Typed commands to the probe for a project; the first one is `check`.

    Every command raises `Raised` for an exception of the generated code, and `Misbehaved` for a
    child that died, hung or answered outside the schema.
    """

    def __init__(self, probe: ProbeClient) -> None:
        self.database = probe

    def check(self) -> list[Message]:
        """Set the project up, and run Django's system checks."""
        return self.database.ask(_MESSAGES, do="project.check")

    def migrations(self) -> Migrations:
        """Run makemigrations, and look for changes that a second run would find."""
        return self.database.ask(_MIGRATIONS, do="project.migrations")

    def migrate(self) -> None:
        """Run the migrations."""
        self.database.ask(NOTHING, do="project.migrate")

    @cached_property
    def models(self) -> dict[str, Model]:
        """Models by name."""
        return {model.name: model for model in self.database.ask(_MODELS, do="project.models")}

    def validation_errors(self, model: str, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """Errors of the validation of a model for a row, by field."""
        return self.database.ask(
            _ERRORS, do="project.validation_errors", model=model, values=dict(values)
        )

    def display(self, model: str, id: int) -> str:  # noqa: A002  as the column is called
        """`str()` of a stored row."""
        return self.database.ask(_TEXT, do="project.display", model=model, id=id)

    def addresses(self) -> list[str]:
        """Every address of the project, with `SAMPLE_ID` for its parameters."""
        return self.database.ask(_ADDRESSES, do="project.addresses", sample=str(SAMPLE_ID))

    def serve(self, accounts: Mapping[str, list[str]]) -> None:
        """Load the application and create accounts: permissions by name, which is the password."""
        self.database.ask(NOTHING, do="project.serve", accounts=dict(accounts))

    def request(
        self, method: str, path: str, body: Any, token: str | None, account: str | None = None
    ) -> HttpAnswer:
        """Send one request to the API; given an `account`, its token is not looked up."""
        return self.database.ask(
            _ANSWER,
            do="project.request",
            method=method,
            path=path,
            json=body,
            token=token,
            account=account,
        )
