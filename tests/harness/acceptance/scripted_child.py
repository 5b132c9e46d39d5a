"""Children without a sandbox: one that answers as a test says, and a right application in memory.

The real `ProbeClient` stands before them, so the form of every answer is checked as it is in a run.
"""

import datetime as dt
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flagbench.acceptance.crud import ddl
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.sandbox.sandbox import Child, Raised
from flagbench.scenario.specification import Attribute, Entity

Script = Callable[..., Any]
Migration = Callable[[sqlite3.Connection], object]


class ScriptedChild:
    """Answers each command with what the script of its name returns, and remembers the commands."""

    def __init__(self, **scripts: Script) -> None:
        self._scripts = scripts
        self.asked: list[dict[str, Any]] = []

    def ask(self, command: Mapping[str, Any]) -> Any:
        """The answer of the script."""
        self.asked.append(dict(command))
        arguments = dict(command)
        return self._scripts[arguments.pop("do")](**arguments)


def probe_client(child: Any) -> ProbeClient:
    """A probe client of a child that only has to `ask`."""
    stand_in: Child = child
    return ProbeClient(stand_in)


class Database(ScriptedChild):
    """A real SQLite in memory, brought up to date by a function; `use` begins another one."""

    def __init__(self, migration: Migration, **scripts: Script) -> None:
        own = {"use": self._use, "migrate": self._migrate, "query": self.query}
        super().__init__(**{**own, **scripts})
        self._migration = migration
        self._use("app.db")

    def _use(self, name: str) -> None:
        self._connection = sqlite3.connect(":memory:")
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA foreign_keys = ON")

    def _migrate(self, modules: list[str]) -> None:
        try:
            self._migration(self._connection)
        except sqlite3.Error as error:
            raise Raised(type(error).__name__, str(error)) from error

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of one statement; an exception as the sandbox tells it."""
        try:
            with self._connection:
                return [dict(row) for row in self._connection.execute(sql, values)]
        except sqlite3.Error as error:
            raise Raised(type(error).__name__, str(error)) from error


def tables(entity: Entity, related: Sequence[Entity] = ()) -> Migration:
    """A right migration of new tables, from the specification."""

    def migrate(connection: sqlite3.Connection) -> None:
        for one in (*related, entity):
            for statement in ddl.statements(one, (*related, entity)):
                connection.execute(statement)

    return migrate


class Api(Database):
    """An application that keeps the contract, whatever the entity.

    `keeps_rules` tells whether a body keeps the business rules. `mend` may change each answer:
    it gets method, path, sent body and the right answer (status, body).
    """

    def __init__(
        self,
        entity: Entity,
        related: Sequence[Entity] = (),
        *,
        keeps_rules: Callable[[dict[str, Any]], bool] = lambda body: True,
        mend: Callable[[str, str, Any, tuple[int, Any]], tuple[int, Any]] | None = None,
        **scripts: Script,
    ) -> None:
        super().__init__(
            tables(entity, related), **{"boot": self.boot, "request": self.request, **scripts}
        )
        self.entity = entity
        self.modules = {one.entity: one for one in (*related, entity)}
        self.rows: dict[int, dict[str, Any]] = {}
        self.boots = 0
        self._last = 0
        self._keeps_rules = keeps_rules
        self._mend = mend

    def boot(self) -> None:
        """Boot, or boot again."""
        self.boots += 1
        self._migrate([])

    def request(self, method: str, path: str, json: Any = None) -> dict[str, Any]:
        """One request, answered as the contract says."""
        right = self._answer(method, path, json)
        status, body = self._mend(method, path, json, right) if self._mend else right
        return {"status": status, "body": body, "raised": ""}

    def _answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        head, _, suffix = path.removeprefix("/").partition("/")
        number = int(suffix) if suffix else self._last + 1
        if head != self.entity.table_name or (suffix and number not in self.rows):
            return 404, {"detail": "Not Found"}
        if method in ("POST", "PUT"):
            return self._write(number, body)
        if method == "DELETE":
            del self.rows[number]
            return 204, None
        return 200, self.rows[number] if suffix else list(self.rows.values())

    def _write(self, number: int, body: Any) -> tuple[int, Any]:
        if not self._is_valid(body, number):
            return 422, {"detail": "invalid"}
        is_new = number not in self.rows
        self._last = max(self._last, number)
        self.rows[number] = {"id": number, **self._stored(body)}
        return (201 if is_new else 200), self.rows[number]

    def _is_valid(self, body: dict[str, Any], number: int) -> bool:
        others = [row for key, row in self.rows.items() if key != number]
        return (
            all(_fits(one, body.get(one.name)) for one in self.entity.values)
            and self._are_links(body)
            and self._keeps_rules(body)
            and not any(
                row[name] == body.get(name) is not None
                for name in self.entity.unique
                for row in others
            )
        )

    def _are_links(self, body: Mapping[str, Any]) -> bool:
        for name, one in self.entity.relations.items():
            if one.target is None:
                if not all(
                    _fits(part, child.get(part.name))
                    for child in body.get(name, [])
                    for part in one.children
                ):
                    return False
                continue
            many = one.kind == "many_to_many"
            field = f"{self.modules[one.target].module}_ids" if many else f"{name}_id"
            linked = body.get(field, [] if many else None)
            wanted = linked if many else [linked] if linked is not None else []
            there = set(self._ids(one.target))
            if not set(wanted) <= there or (one.required and not wanted):
                return False
        return True

    def _ids(self, target: str) -> list[int]:
        if target == self.entity.entity:
            return list(self.rows)
        table = ddl.quote(self.modules[target].table_name)
        return [row["id"] for row in self.query(f"SELECT id FROM {table}")]  # noqa: S608  our names

    def _stored(self, body: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = {one.name: None for one in self.entity.values}
        for name, one in self.entity.relations.items():
            if one.target is None:
                fields[name] = []
            elif one.kind == "many_to_many":
                fields[f"{self.modules[one.target].module}_ids"] = []
            else:
                fields[f"{name}_id"] = None
        stored = {name: body.get(name, empty) for name, empty in fields.items()}
        ids = {name: list(dict.fromkeys(stored[name])) for name in fields if name.endswith("_ids")}
        return stored | ids  # the same id twice is one link


def _fits(one: Attribute, value: Any) -> bool:
    if value is None:
        return not one.required
    if one.type in ("date", "datetime"):
        try:
            dt.datetime.fromisoformat(value)
        except (TypeError, ValueError):
            return False
        return True
    kinds: dict[str, tuple[type, ...]] = {
        "integer": (int,), "number": (int, float), "boolean": (bool,),
    }  # fmt: skip
    wanted = kinds.get(one.type, (str,))
    return isinstance(value, wanted) and (isinstance(value, bool) is (one.type == "boolean"))
