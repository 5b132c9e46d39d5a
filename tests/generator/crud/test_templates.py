"""The code templates: what they render is clean, boots, keeps its contract and tests itself."""

import ast
import datetime
import os
import re
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import black
import jinja2
import pytest
import requests
from crud_examples import (
    APPLICATION,
    COURSE,
    GROUP,
    KINDS,
    ORDER_LINE,
    STUDENT,
    TEACHER,
    TYPES,
    WIDE,
    Attribute,
    Entity,
    ManyToOne,
    pytest_in,
    render,
    write_application,
)
from flake8.api.legacy import get_style_guide
from patience import PATIENCE_SECONDS
from streamlit.testing.v1 import AppTest

LONG_ENTITY = "InternationalCollaborationAgreementAct"
LONG_NAME = "expected_number_of_participating_institutions"


def of_length(length: int) -> str:
    """A name with underscores that has this many characters."""
    return ("very_long_name_" * 4)[: length - 1] + "x"


def entities_of_many_shapes() -> Iterator[Entity]:
    """Every length of names up to the documented limits, each type, required or not."""
    yield from APPLICATION
    for type_name in TYPES:
        yield Entity("Note", (Attribute("content", type_name, required=False),))
        yield Entity(LONG_ENTITY, (Attribute(LONG_NAME, type_name), Attribute("x", type_name)))
    for length in range(2, 46):
        module = of_length(min(length, 36))
        yield Entity(
            "".join(part.capitalize() for part in module.split("_")),
            tuple(
                Attribute(f"{of_length(max(length - 2, 2))}_{index}", name, required=index % 2 > 0)
                for index, name in enumerate(TYPES)
            ),
            (
                ManyToOne(of_length(min(length, 40)), "X", f"{module}s", required=True),
                ManyToOne("other", "X", f"{module}s"),
            ),
        )


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, str]:
    """All artifacts of all shapes, as files."""
    directory = tmp_path_factory.mktemp("rendered")
    texts = {}
    for number, entity in enumerate(entities_of_many_shapes()):
        for kind in KINDS:
            path = directory / f"{kind}_{number}.py"
            path.write_text(render(kind, entity), encoding="utf-8")
            texts[path] = path.read_text(encoding="utf-8")
    return texts


@pytest.mark.thorough
def test_black_would_change_nothing(rendered: dict[Path, str]) -> None:
    """Whatever the lengths of the names, the layout is black's at 79 columns."""
    mode = black.Mode(line_length=79)
    changed = [
        path.name for path, text in rendered.items() if black.format_str(text, mode=mode) != text
    ]
    assert changed == []


@pytest.mark.thorough
def test_flake8_finds_nothing(rendered: dict[Path, str], capsys: pytest.CaptureFixture) -> None:
    """No long line, no unused import, no undefined name."""
    guide = get_style_guide(max_line_length=79)
    report = guide.check_files([str(path) for path in rendered])
    assert report.total_errors == 0, capsys.readouterr().out


def test_a_misspelt_variable_stops_the_rendering() -> None:
    """An entity that lacks what a template reads is an error, not an empty place."""

    class Nothing:
        """Has no name, no attributes."""

    for kind in KINDS:
        with pytest.raises(jinja2.UndefinedError):
            render(kind, Nothing())


def test_an_entity_without_fields_stops_the_rendering() -> None:
    """The generator then asks the model; SQL without a column would not even parse."""
    for kind in KINDS:
        with pytest.raises(jinja2.UndefinedError, match="neither_attributes"):
            render(kind, Entity("Nothing", ()))


def test_no_block_is_written_twice() -> None:
    """No run of four statements' lines occurs twice in an artifact (pylint's own measure)."""
    for entity in (STUDENT, COURSE):
        for kind in ("database", "backend", "frontend"):
            lines = [
                line.strip()
                for line in render(kind, entity).splitlines()
                if line.strip() and not line.strip().startswith(("#", '"""'))
            ]
            runs = ["\n".join(lines[start : start + 4]) for start in range(len(lines) - 3)]
            assert len(runs) == len(set(runs)), f"{kind} of {entity.name}"


def test_the_specification_names_are_kept() -> None:
    """Every artifact speaks of the entity and of each attribute by its own name."""
    for entity in APPLICATION:
        for kind in KINDS:
            text = render(kind, entity)
            assert entity.table in text
            for attribute in entity.attributes:
                assert re.search(rf"\b{attribute.name}\b", text), f"{kind} {attribute.name}"


def run_migration(text: str, connection: sqlite3.Connection) -> None:
    """Execute a database artifact and migrate."""
    namespace: dict = {}
    exec(compile(text, "schema", "exec"), namespace)  # noqa: S102 - our own rendering
    namespace["migrate"](connection)


def columns_of(connection: sqlite3.Connection, table: str) -> dict[str, tuple[str, int]]:
    """Type and NOT NULL of every column."""
    return {row[1]: (row[2], row[3]) for row in connection.execute(f'PRAGMA table_info("{table}")')}


def test_the_schema_has_the_specified_columns() -> None:
    """Types, NOT NULL and foreign keys are those of the specification."""
    connection = sqlite3.connect(":memory:")
    run_migration(render("database", ORDER_LINE), connection)
    columns = columns_of(connection, "order_lines")
    expected = {
        attribute.name: (attribute.sql_type, int(attribute.required))
        for attribute in ORDER_LINE.attributes
    } | {"student_id": ("INTEGER", 1), "group_id": ("INTEGER", 0)}
    assert columns.pop("id")[0] == "INTEGER"
    assert columns == expected
    keys = {
        (row[3], row[2], row[4])
        for row in connection.execute('PRAGMA foreign_key_list("order_lines")')
    }
    assert keys == {("student_id", "students", "id"), ("group_id", "groups", "id")}


@pytest.mark.parametrize("enforced", [0, 1])
def test_the_migration_keeps_rows(enforced: int) -> None:
    """Every kind of column is added to a table with rows; twice changes nothing."""
    older = Entity("OrderLine", (Attribute("string_needed"),))
    connection = sqlite3.connect(":memory:")
    connection.execute(f"PRAGMA foreign_keys = {enforced}")
    run_migration(render("database", older), connection)
    connection.execute("INSERT INTO order_lines (string_needed) VALUES ('kept')")
    connection.commit()
    for _ in range(2):
        run_migration(render("database", ORDER_LINE), connection)
    assert not connection.in_transaction
    assert connection.execute("PRAGMA foreign_keys").fetchone() == (enforced,)
    row = dict(
        zip(
            columns_of(connection, "order_lines"),
            connection.execute("SELECT * FROM order_lines").fetchone(),
            strict=True,
        )
    )
    assert row["string_needed"] == "kept"
    assert row["integer_needed"] == row["boolean_needed"] == row["student_id"] == 0
    assert row["text_needed"] == ""
    assert row["group_id"] is None
    fresh = sqlite3.connect(":memory:")
    run_migration(render("database", ORDER_LINE), fresh)
    assert columns_of(connection, "order_lines") == columns_of(fresh, "order_lines")


def test_the_generated_tests_pass(tmp_path: Path) -> None:
    """Six entities in one application: every type, relations, keywords as names."""
    write_application(tmp_path, *APPLICATION)
    result = pytest_in(tmp_path)
    assert result.returncode == 0, result.stdout
    assert "failed" not in result.stdout


MUTANTS = {
    "create answers 200": ("status_code=status.HTTP_201_CREATED", "status_code=200"),
    "delete answers 200": ("status_code=status.HTTP_204_NO_CONTENT", "status_code=200"),
    "404 is a 400": ("HTTP_404_NOT_FOUND", "HTTP_400_BAD_REQUEST"),
    "404 is missing": ("    if row is None:", "    if False:"),
    "create does not commit": (
        'connection.commit()\n    logger.info("created',
        'logger.info("created',
    ),
    "update changes nothing": (
        'connection.execute(UPDATE, values | {"id": course_id})',
        "connection.execute('SELECT 1')",
    ),
    "update changes every row": ("WHERE id = :id\n", ""),
    "delete removes nothing": ('DELETE FROM "courses" WHERE id = ?', "SELECT ?"),
    "delete removes every row": ("WHERE id = ?'\nTARGETS", "WHERE ? > 0'\nTARGETS"),
    "a wrong field is stored": ("    :name,\n", "    :level,\n"),
    "a field is lost on update": ('"name" = :name', '"name" = "name"'),
    "a required field is optional": ("    name: str\n", '    name: str | None = ""\n'),
    "a type is not checked": ("    level: int\n", "    level: int | str\n"),
    "list stops at one row": ("ORDER BY id", "ORDER BY id LIMIT 1"),
    "an unknown target is accepted": ("if target_id is None:", "if True:"),
}


@pytest.fixture(scope="module")
def mutant_failures(tmp_path_factory: pytest.TempPathFactory) -> dict[str, int]:
    """Run the generated tests of a course against each broken routes module.

    One process for all mutants: each is a copy of the application in a directory of its own,
    and a plain loop in a child interpreter, so that FastAPI is imported once.
    """
    root = tmp_path_factory.mktemp("mutants")
    for number, (old, new) in enumerate(MUTANTS.values()):
        directory = write_application(root / str(number), TEACHER, COURSE)
        routes = directory / "app/routes/course.py"
        text = routes.read_text(encoding="utf-8")
        assert text.count(old) >= 1, f"nothing to break: {old}"
        routes.write_text(text.replace(old, new), encoding="utf-8")
    script = (
        "import os, sys, pytest\n"
        f"for number in range({len(MUTANTS)}):\n"
        f"    os.chdir(os.path.join({str(root)!r}, str(number)))\n"
        "    sys.stdout.flush()\n"
        "    child = os.fork()\n"
        "    if child == 0:\n"
        "        os._exit(pytest.main(['-qx', '-p', 'no:cacheprovider', 'tests/test_course.py']))\n"
        "    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])\n"
        "    print('EXIT', number, status)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", "import fastapi.testclient\n" + script],
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=True,
        env=os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
    )
    codes = dict(re.findall(r"EXIT (\d+) (\d+)", result.stdout))
    return {name: int(codes[str(number)]) for number, name in enumerate(MUTANTS)}


@pytest.mark.thorough
@pytest.mark.parametrize("name", MUTANTS)
def test_the_generated_tests_catch(name: str, mutant_failures: dict[str, int]) -> None:
    """The generated tests fail (exit code 1, no collection error) on this defect."""
    assert mutant_failures[name] == 1


@pytest.fixture(scope="module")
def api_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real server on loopback with the whole application."""
    directory = write_application(tmp_path_factory.mktemp("served"), *APPLICATION)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app.main:app", "--port", str(port)],
        cwd=directory,
        env=os.environ | {"DATABASE_PATH": str(directory / "served.db")},
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        for _ in range(20 * PATIENCE_SECONDS):
            try:
                requests.get(f"{url}/students", timeout=5)
                break
            except requests.ConnectionError:
                time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=PATIENCE_SECONDS)


def open_page(entity: Entity, url: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """Run a page against an API."""
    monkeypatch.setenv("API_URL", url)
    page = AppTest.from_string(render("frontend", entity), default_timeout=PATIENCE_SECONDS).run()
    assert not page.exception
    return page


def fill(page: AppTest, entity: Entity) -> dict[str, object]:
    """Put a value into the input of every attribute, found by its label."""
    values: dict[str, object] = {
        "string": "Ada",
        "text": "Long text",
        "integer": 7,
        "number": 7.5,
        "boolean": True,
        "date": datetime.date(1960, 2, 3),
        "datetime": datetime.datetime(2024, 5, 6, 10, 30),
        "email": "ada@example.com",
    }
    inputs = {
        element.label: element
        for name in (
            "text_input",
            "text_area",
            "number_input",
            "checkbox",
            "date_input",
            "datetime_input",
        )
        for element in getattr(page, name)
    }
    for attribute in entity.attributes:
        inputs[attribute.words].set_value(values[attribute.type])
    for relation in entity.relations:
        assert f"{relation.words} id" in inputs
    return {attribute.name: values[attribute.type] for attribute in entity.attributes}


@pytest.mark.parametrize("entity", [GROUP, WIDE], ids=lambda entity: entity.name)
def test_the_page_creates_a_row(
    entity: Entity, api_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form posts every type of value, and the page then lists the new row."""
    page = open_page(entity, api_url, monkeypatch)
    assert page.title[0].value == f"{entity.title_words}s"
    assert page.button[0].label == f"Create {entity.title_words}"
    sent = fill(page, entity)
    page.button[0].click().run()
    assert not page.exception
    assert [message.value for message in page.error] == []
    assert len(page.success) == 1
    row = requests.get(api_url + entity.path, timeout=PATIENCE_SECONDS).json()[-1]
    row.pop("id")
    assert row == {
        name: value.isoformat() if isinstance(value, datetime.date) else value
        for name, value in sent.items()
    }
    assert len(page.dataframe[0].value) == 1


def test_the_page_shows_what_the_api_refused(api_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A required field left empty is the API's error on the page, not a row and not a crash."""
    page = open_page(STUDENT, api_url, monkeypatch)
    page.button[0].click().run()
    assert not page.exception
    assert "name" in page.error[0].value
    assert requests.get(f"{api_url}/students", timeout=PATIENCE_SECONDS).json() == []


def test_the_page_says_that_the_api_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an API there is an error message, and still a form."""
    page = open_page(COURSE, "http://127.0.0.1:9", monkeypatch)
    assert len(page.error) == 1
    assert page.number_input[1].label == "Teacher id"


def test_every_function_says_what_it_does() -> None:
    """Functions and classes of all artifacts have a docstring."""
    for kind in KINDS:
        for node in ast.walk(ast.parse(render(kind, COURSE))):
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                assert ast.get_docstring(node), f"{kind}: {node.name}"
