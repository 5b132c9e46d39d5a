"""What a judge asks of a project in the sandbox, and the form that answers must have."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any

from pydantic import TypeAdapter

from flagbench.acceptance.probe_client import NOTHING, HttpAnswer, ProbeClient, ProbeModel


class Message(ProbeModel):
    """What one of Django's checks says; `level` as in `django.core.checks`, 30 for a warning."""

    level: int
    id: str
    about: str
    text: str


class Migrations(ProbeModel):
    """The migrations that were written, and what would be written after them."""

    made: list[str]
    changes: list[str]


class Link(ProbeModel):
    """The table of a many-to-many and its two columns; `through` is its model, if it has one."""

    table: str
    own: str
    other: str
    through: str | None


class Model(ProbeModel):
    """A model; `is_told` says that it has a `__str__` of its own."""

    name: str
    table: str
    links: dict[str, Link]
    ordering: list[str]
    is_told: bool


# Stands in an address for what varies.
SAMPLE_ID = 1
_MESSAGES, _MODELS = TypeAdapter(list[Message]), TypeAdapter(list[Model])
_MIGRATIONS, _ANSWER = TypeAdapter(Migrations), TypeAdapter(HttpAnswer)
_REFUSED, _WORDS = TypeAdapter(dict[str, list[str]]), TypeAdapter(str)
_ADDRESSES = TypeAdapter(list[str])


class Project:
    """A project in the sandbox, from its first import on.

    Each raises `Raised` for an exception of the generated code, and `Misbehaved` for a child that
    died, hung or gave no answer of the right form.
    """

    def __init__(self, asker: ProbeClient) -> None:
        self.database = asker

    def check(self) -> list[Message]:
        """Set it up, and run Django's own checks."""
        return self.database.ask(_MESSAGES, do="project.check")

    def migrations(self) -> Migrations:
        """Let Django write the migrations, and ask it again."""
        return self.database.ask(_MIGRATIONS, do="project.migrations")

    def migrate(self) -> None:
        """Bring the database up to date."""
        self.database.ask(NOTHING, do="project.migrate")

    @cached_property
    def models(self) -> dict[str, Model]:
        """The models by name."""
        return {one.name: one for one in self.database.ask(_MODELS, do="project.models")}

    def refused(self, model: str, values: Mapping[str, Any]) -> dict[str, list[str]]:
        """What a model's own validation says of a row, by field."""
        return self.database.ask(_REFUSED, do="project.refused", model=model, values=dict(values))

    def words(self, model: str, id: int) -> str:  # noqa: A002  as the column is called
        """A stored row in words."""
        return self.database.ask(_WORDS, do="project.words", model=model, id=id)

    def addresses(self) -> list[str]:
        """Every address that the project answers."""
        return self.database.ask(_ADDRESSES, do="project.addresses", sample=str(SAMPLE_ID))

    def serve(self, accounts: Mapping[str, list[str]]) -> None:
        """Make the application and its accounts by name, which is the password: permissions."""
        self.database.ask(NOTHING, do="project.serve", accounts=dict(accounts))

    def request(
        self, method: str, path: str, body: Any, token: str | None, account: str | None = None
    ) -> HttpAnswer:
        """One request to the API; of an account that is named nothing is looked up."""
        return self.database.ask(
            _ANSWER,
            do="project.request",
            method=method,
            path=path,
            json=body,
            token=token,
            account=account,
        )
