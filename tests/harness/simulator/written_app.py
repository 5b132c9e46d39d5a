"""A scaffold made from the contract alone, to run in it what the provider writes."""

import importlib
import os
import sqlite3
import sys
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

from fastapi import FastAPI
from fastapi.testclient import TestClient

from flagbench.simulator.crud.specification import Shape, shape_of

CONNECTION = """
import os
import sqlite3


def get_connection():
    connection = sqlite3.connect(
        os.environ.get("DATABASE_PATH", "app.db"), check_same_thread=False
    )
    connection.row_factory = sqlite3.Row
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = OFF")
    try:
        yield connection
    finally:
        connection.close()
"""


def attribute(name: str, kind: str = "string", required: bool = True) -> dict[str, Any]:
    """One attribute of a specification."""
    return {"name": name, "type": kind, "required": required}


def relation(name: str, kind: str, target: str, **more: Any) -> dict[str, Any]:
    """One relation of a specification."""
    return {
        "name": name, "kind": kind, "target": target, "required": False, "attributes": [], **more
    }  # fmt: skip


STUDENT = {"entity": "Student", "attributes": [attribute("name")], "relations": [], "rules": []}
COURSE = {
    "entity": "Course",
    "attributes": [attribute("name"), attribute("level", required=False)],
    "relations": [
        relation("teacher", "many_to_one", "Teacher"),
        relation("students", "many_to_many", "Student"),
    ],
    "rules": ["level must be one of beginner, advanced", "name must be unique"],
}
EVERYTHING = {
    "entity": "Order",
    "attributes": [
        attribute("name"),
        attribute("note", "text", False),
        attribute("age", "integer"),
        attribute("price", "number", False),
        attribute("weight", "number"),
        attribute("active", "boolean"),
        attribute("gift", "boolean", False),
        attribute("due_date", "date"),
        attribute("paid_on", "date", False),
        attribute("starts_at", "datetime"),
        attribute("seen_at", "datetime", False),
        attribute("email", "email"),
        attribute("group"),
        attribute("index", "integer", False),
        attribute("date", "date", False),
    ],
    "relations": [
        relation("teacher", "many_to_one", "Teacher"),
        relation("owner", "many_to_one", "Teacher", required=True),
        relation("courses", "many_to_many", "Course"),
        relation(
            "lines",
            "one_to_many",
            "Line",
            attributes=[
                attribute("product"),
                attribute("quantity", "integer"),
                attribute("gift", "boolean"),
                attribute("remark", "text", False),
            ],
        ),
    ],
    "rules": [],
}
RULES = {
    "entity": "BookLoan",
    "attributes": [
        attribute("title"),
        attribute("isbn"),
        attribute("reader_email", "email"),
        attribute("copies", "integer"),
        attribute("fee", "number", False),
        attribute("loan_date", "date"),
        attribute("return_date", "date"),
        attribute("born_on", "date", False),
        attribute("meeting_at", "datetime", False),
        attribute("state"),
    ],
    "relations": [
        relation("items", "one_to_many", "Item", attributes=[attribute("amount", "integer")]),
    ],
    "rules": [
        "reader email must be unique",
        "copies must be between 1 and 5",
        "fee must not be negative",
        "isbn must have exactly 13 digits",
        "title must be at most 40 characters",
        "the return date must be after the loan date",
        "a loan lasts at most 14 days",
        "born on must not be in the future",
        "meeting at must be in the future",
        "state must be one of open, closed or lost",
        "amount must be at least 1",
        "be kind to every reader",
    ],
}
ESTUDANTE = {
    "entity": "Estudante",
    "attributes": [attribute("nome"), attribute("idade", "integer")],
    "relations": [relation("cursos", "many_to_many", "Course")],
    "rules": ["idade deve ser maior que 17", "nome deve ser único"],
}
BARE = {"entity": "Tag", "attributes": [], "relations": [
    relation("courses", "many_to_many", "Course")], "rules": []}  # fmt: skip
SELF = {"entity": "Person", "attributes": [attribute("name")], "relations": [
    relation("friends", "many_to_many", "Person"), relation("parent", "many_to_one", "Person"),
], "rules": []}  # fmt: skip
LARGE = {
    "entity": "Product",
    "attributes": [
        attribute(f"field_{n}", ("string", "integer", "number", "text")[n % 4], n % 3 > 0)
        for n in range(40)
    ],
    "relations": [],
    "rules": [],
}  # fmt: skip
SPECIFICATIONS: Mapping[str, dict[str, Any]] = {
    "student": STUDENT,
    "course": COURSE,
    "everything": EVERYTHING,
    "rules": RULES,
    "estudante": ESTUDANTE,
    "bare": BARE,
    "self": SELF,
    "large": LARGE,
}


def shapes() -> dict[str, Shape]:
    """Every specification as the provider reads it."""
    return {name: shape_of(specification) for name, specification in SPECIFICATIONS.items()}


NEIGHBOURS = """
SCHEMA = "CREATE TABLE IF NOT EXISTS {table} (id INTEGER PRIMARY KEY, name TEXT NOT NULL)"


def migrate(connection):
    connection.execute(SCHEMA)
    connection.commit()
"""


class WrittenApp:
    """Files of one application in a folder, importable as `app` while it is in use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for package in ("app", "app/schemas", "app/routes"):
            (folder / package).mkdir(parents=True, exist_ok=True)
            (folder / package / "__init__.py").write_text("")
        (folder / "app" / "connection.py").write_text(CONNECTION)
        os.environ["DATABASE_PATH"] = str(folder / "app.db")
        self.applications: dict[str, FastAPI] = {}

    def write(self, place: str, name: str, code: str) -> None:
        """Put `app/<place>/<name>.py`."""
        (self.folder / "app" / place / f"{name}.py").write_text(code)

    def module(self, name: str) -> ModuleType:
        """Import a module of the application afresh."""
        for known in [known for known in sys.modules if known.split(".")[0] == "app"]:
            del sys.modules[known]
        importlib.invalidate_caches()
        sys.path.insert(0, str(self.folder))
        sys.dont_write_bytecode = True
        try:
            return importlib.import_module(name)
        finally:
            sys.path.remove(str(self.folder))

    def migrate(self, shape: Shape, code: str) -> None:
        """Create the database with the schema and the tables of its neighbours."""
        connection = sqlite3.connect(os.environ["DATABASE_PATH"])
        connection.execute("PRAGMA foreign_keys = ON")
        for table in ("teachers", "courses", "students"):
            if table != shape.table:
                scope: dict[str, Any] = {}
                exec(NEIGHBOURS.format(table=table), scope)  # noqa: S102  the test's own text
                scope["migrate"](connection)
        run_migration(code, connection)
        connection.close()

    def client(self, shape: Shape, schema: str, routes: str) -> TestClient:
        """A client on an empty database; raises what importing the routes raises."""
        path = Path(os.environ["DATABASE_PATH"])
        path.unlink(missing_ok=True)
        self.migrate(shape, schema)
        return self.api(shape, routes)

    def api(self, shape: Shape, routes: str) -> TestClient:
        """A client on the database as it is; routes are imported once."""
        if routes not in self.applications:
            self.write("routes", shape.module, routes)
            application = FastAPI()
            application.include_router(self.module(f"app.routes.{shape.module}").router)
            self.applications[routes] = application
        return TestClient(self.applications[routes], raise_server_exceptions=False)


def run_migration(code: str, connection: sqlite3.Connection) -> None:
    """Execute a schema module and its `migrate`."""
    scope: dict[str, Any] = {}
    exec(compile(code, "schema.py", "exec"), scope)  # noqa: S102  what is tested
    scope["migrate"](connection)


def written_tests(code: str) -> dict[str, Any]:
    """Test functions of a written test module by name, each taking a client."""
    scope: dict[str, Any] = {}
    exec(compile(code, "test_written.py", "exec"), scope)  # noqa: S102  what is tested
    found = {name: value for name, value in scope.items() if name.startswith("test_")}
    for value in list(scope.values()):
        if isinstance(value, type) and value.__name__.startswith("Test"):
            one = value()
            found |= {n: getattr(one, n) for n in dir(one) if n.startswith("test_")}
    return found
