"""The clean code of the writer works: every style, every attribute type, every relation."""

import itertools
import os
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sampled import sampled
from written_app import (
    COURSE,
    EVERYTHING,
    RULES,
    SPECIFICATIONS,
    WrittenApp,
    attribute,
    run_migration,
    shapes,
    written_tests,
)

from flagbench.simulator.crud.specification import Shape, shape_of
from flagbench.simulator.crud.writer import STYLES

ROUTES = STYLES["backend"]
SCHEMAS = STYLES["database"]
NAMES = sorted(SPECIFICATIONS)


def _full_order() -> dict[str, Any]:
    return {
        "name": "Order 1", "note": None, "age": 3, "price": 2.5, "weight": 1.0, "active": True,
        "gift": None, "due_date": "2024-01-31", "paid_on": None,
        "starts_at": "2024-01-31T10:00:00", "seen_at": None, "email": "a@b.org", "group": "a",
        "index": 4, "date": "2024-02-01", "teacher_id": None, "owner_id": 1, "course_ids": [2, 1],
        "lines": [{"product": "pen", "quantity": 2, "gift": True, "remark": None}],
    }  # fmt: skip


@pytest.fixture(params=range(len(ROUTES)), ids=[style.__name__ for style in ROUTES])
def orders(request: pytest.FixtureRequest, written: WrittenApp) -> TestClient:
    """The API of an entity that has everything, in each style, with a teacher and two courses."""
    shape = shape_of(EVERYTHING)
    schema = SCHEMAS[request.param % len(SCHEMAS)](shape)
    client = written.client(shape, schema, ROUTES[request.param](shape))
    with sqlite3.connect(os.environ["DATABASE_PATH"]) as connection:
        connection.execute("INSERT INTO teachers (name) VALUES ('T')")
        connection.execute("INSERT INTO courses (name) VALUES ('A'), ('B')")
    return client


def test_everything_is_stored_and_read_back(orders: TestClient) -> None:
    """POST 201 with id and every field; GET gives the same, alone and in the list."""
    values = _full_order()
    created = orders.post("/orders", json=values)
    assert created.status_code == 201, created.text
    assert created.json() == {"id": created.json()["id"], **values}
    assert orders.get(f"/orders/{created.json()['id']}").json() == created.json()
    assert orders.get("/orders").json() == [created.json()]


def test_put_replaces_links_and_nested_rows(orders: TestClient) -> None:
    """PUT is the whole body: links and lines are replaced, not added to."""
    ident = orders.post("/orders", json=_full_order()).json()["id"]
    values = _full_order() | {"course_ids": [], "lines": [], "name": "Other", "gift": False}
    answer = orders.put(f"/orders/{ident}", json=values)
    assert answer.status_code == 200
    assert answer.json() == {"id": ident, **values}


def test_delete_takes_what_belongs_to_the_row(orders: TestClient) -> None:
    """DELETE 204 without a body, 404 afterwards, and no orphan in link and child tables."""
    ident = orders.post("/orders", json=_full_order()).json()["id"]
    answer = orders.delete(f"/orders/{ident}")
    assert (answer.status_code, answer.content) == (204, b"")
    assert orders.get(f"/orders/{ident}").status_code == 404
    with sqlite3.connect(os.environ["DATABASE_PATH"]) as connection:
        assert connection.execute("SELECT count(*) FROM orders_courses").fetchone() == (0,)
        assert connection.execute("SELECT count(*) FROM orders_lines").fetchone() == (0,)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_unknown_id_is_404(orders: TestClient, method: str) -> None:
    """Every route with an id answers 404 for one that is not there."""
    body = {"json": _full_order()} if method == "put" else {}
    assert getattr(orders, method)("/orders/99", **body).status_code == 404


@pytest.mark.parametrize(
    "change",
    [{"name": ...}, {"age": "many"}, {"teacher_id": 9}, {"owner_id": 9}, {"course_ids": [1, 9]},
     {"lines": [{"product": "pen"}]}, {"due_date": "soon"}, {"owner_id": None}],
    ids=str,
)  # fmt: skip
def test_wrong_bodies_are_422(orders: TestClient, change: dict[str, Any]) -> None:
    """A missing field, a wrong type and an unknown reference are rejected and store nothing."""
    values = {k: v for k, v in (_full_order() | change).items() if v is not ...}
    assert orders.post("/orders", json=values).status_code == 422
    assert orders.get("/orders").json() == []


@pytest.mark.parametrize("style", ROUTES, ids=lambda style: style.__name__)
def test_rules_are_enforced(written: WrittenApp, style: Any) -> None:
    """Each rule that code can check answers 422 with a detail that names it."""
    shape = shape_of(RULES)
    client = written.client(shape, SCHEMAS[0](shape), style(shape))
    good = {
        "title": "T", "isbn": "1" * 13, "reader_email": "a@b.org", "copies": 5, "fee": 0.0,
        "loan_date": "2024-01-01", "return_date": "2024-01-15", "born_on": "1990-01-01",
        "meeting_at": "2999-01-01T10:00:00", "state": "lost", "items": [{"amount": 1}],
    }  # fmt: skip
    created = client.post("/book_loans", json=good)
    assert created.status_code == 201, created.text
    broken = {
        "reader email must be unique": {},
        "copies must be between 1 and 5": {"copies": 6},
        "fee must not be negative": {"fee": -0.5},
        "isbn must have exactly 13 digits": {"isbn": "12"},
        "title must be at most 40 characters": {"title": "x" * 41},
        "the return date must be after the loan date": {"return_date": "2023-12-31"},
        "a loan lasts at most 14 days": {"return_date": "2024-01-16"},
        "born on must not be in the future": {"born_on": "2999-01-01"},
        "meeting at must be in the future": {"meeting_at": "1999-01-01T10:00:00"},
        "state must be one of open, closed or lost": {"state": "gone"},
        "amount must be at least 1": {"items": [{"amount": 0}]},
    }
    for rule, change in broken.items():
        values = good | {"reader_email": "other@b.org"} if change else good
        answer = client.post("/book_loans", json=values | change)
        assert (answer.status_code, answer.json()["detail"]) == (422, rule)
    ident = created.json()["id"]
    assert client.put(f"/book_loans/{ident}", json=good).status_code == 200


@pytest.mark.parametrize("name", sampled(NAMES, 3))
def test_written_tests_pass_on_written_routes(written: WrittenApp, name: str) -> None:
    """Both styles of tests are green on every style of routes, over every style of schema."""
    shape = shapes()[name]
    for number, (routes, tests) in enumerate([(0, 0), (1, 1), (1, 0), (0, 1)]):
        schema = SCHEMAS[number % len(SCHEMAS)](shape)
        code = ROUTES[routes](shape)
        cases = written_tests(STYLES["tests"][tests](shape))
        least = 5 if name in {"bare"} else 7
        assert len(cases) > least
        for case in cases.values():
            case(written.client(shape, schema, code))


def test_written_tests_catch_broken_routes(written: WrittenApp) -> None:
    """The written tests go red on routes that do not keep the contract."""
    shape = shape_of(COURSE)
    schema = SCHEMAS[0](shape)
    mutations = {
        "test_missing": ("status_code=404", "status_code=500"),
        "test_create_course": ("HTTP_201_CREATED", "HTTP_200_OK"),
        "test_missing_field": ("    name: str\n", "    name: str | None = None\n"),
        "test_rule_1": ("payload.level not in", '"advanced" not in'),
        "test_teacher_id_unknown": ("if found is None", "if False"),
    }
    clean = ROUTES[0](shape)
    cases = written_tests(STYLES["tests"][0](shape))
    for name, (old, new) in mutations.items():
        assert old in clean
        client = written.client(shape, schema, clean.replace(old, new))
        with pytest.raises((AssertionError, KeyError)):
            cases[name](client)


def _columns(connection: sqlite3.Connection, table: str) -> dict[str, int]:
    rows = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
    return {row[1]: row[3] for row in rows}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("style", SCHEMAS, ids=lambda style: style.__name__)
def test_migration_runs_twice(name: str, style: Any) -> None:
    """A second migrate changes nothing; tables and columns are those of the contract."""
    shape = shapes()[name]
    connection = sqlite3.connect(":memory:")
    for _ in range(2):
        run_migration(style(shape), connection)
    columns = _columns(connection, shape.table)
    assert set(columns) == {"id", *(column.name for column in shape.columns)}
    for column in shape.columns:
        assert bool(columns[column.name]) == column.required
    for link in shape.links:
        assert set(_columns(connection, link.table)) == {link.owner, link.other}
    for child in shape.children:
        own = {column.name for column in child.columns}
        assert set(_columns(connection, child.table)) == {"id", child.owner, *own}


@pytest.mark.parametrize("old, new", list(itertools.product(SCHEMAS, SCHEMAS)))
def test_migration_keeps_rows_of_an_older_version(old: Any, new: Any, written: WrittenApp) -> None:
    """New columns get a neutral value, old rows stay and can be read through every API style."""
    before = shape_of({"entity": "Order", "attributes": [attribute("name")]})
    after = shape_of(EVERYTHING)
    for routes in ROUTES:
        path = Path(os.environ["DATABASE_PATH"])
        path.unlink(missing_ok=True)
        written.migrate(before, old(before))
        with sqlite3.connect(path) as connection:
            connection.execute("INSERT INTO orders (name) VALUES ('kept')")
        written.migrate(after, new(after))
        written.migrate(after, new(after))
        rows = written.api(after, routes(after)).get("/orders").json()
        assert [(row["name"], row["age"], row["group"]) for row in rows] == [("kept", 0, "")]
        assert rows[0]["teacher_id"] is None
        assert rows[0]["lines"] == []


@pytest.mark.parametrize("style", SCHEMAS, ids=lambda style: style.__name__)
def test_schema_alone_creates_the_tables(style: Any) -> None:
    """`SCHEMA` is a script that SQLite runs as it is."""
    shape: Shape = shape_of(EVERYTHING)
    scope: dict[str, Any] = {}
    exec(style(shape), scope)  # noqa: S102  what is tested
    connection = sqlite3.connect(":memory:")
    connection.executescript(scope["SCHEMA"])
    assert "lines" not in _columns(connection, "orders")
    assert _columns(connection, "orders_lines")


@pytest.mark.parametrize("kind", sorted(STYLES))
def test_styles_differ(kind: str) -> None:
    """Every kind has at least two styles, and no two write the same."""
    codes = {style(shape_of(COURSE)) for style in STYLES[kind]}
    assert len(codes) == len(STYLES[kind]) >= 2


@pytest.mark.parametrize("name", NAMES)
def test_clean_code_is_clean(name: str) -> None:
    """Before defects there is a final newline, no trailing space, and nothing fails to compile."""
    for kind, styles in STYLES.items():
        for style in styles:
            code = style(shapes()[name])
            compile(code, kind, "exec")
            assert code.endswith("\n") and not code.endswith("\n\n")
            assert all(line == line.rstrip() for line in code.split("\n"))
