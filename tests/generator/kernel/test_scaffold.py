"""The fixed part of the generated application: clean, fresh for each test, safe with its rows."""

import sqlite3
from pathlib import Path

import pytest
from crud_examples import (
    COURSE,
    GENERATOR,
    STUDENT,
    TEACHER,
    Attribute,
    Entity,
    ManyToOne,
    pytest_in,
    run_in,
    write_application,
)
from standard_texts import assert_clean

FILES = sorted((GENERATOR / "scaffold").rglob("*.py"))


def test_it_is_formatted(capsys: pytest.CaptureFixture) -> None:
    """The scaffold follows the standard that it comes with: black and flake8 at 79 columns."""
    assert len(FILES) == 7
    assert_clean(FILES, capsys)


def test_an_application_without_entities_boots(tmp_path: Path) -> None:
    """Before the first request of a session there is nothing to migrate and no route."""
    write_application(tmp_path)
    assert run_in(tmp_path, "import app.main; print('up')") == "up\n"


def test_the_connection_keeps_its_promises(tmp_path: Path) -> None:
    """Rows by name, foreign keys on, closed at the end, at the path of the environment."""
    write_application(tmp_path)
    output = run_in(
        tmp_path,
        "import os, sqlite3\n"
        "os.environ['DATABASE_PATH'] = 'other.db'\n"
        "from app.connection import get_connection\n"
        "source = get_connection()\n"
        "connection = next(source)\n"
        "print(connection.execute('PRAGMA foreign_keys').fetchone()[0])\n"
        "print(connection.execute('SELECT 1 AS one').fetchone()['one'])\n"
        "source.close()\n"
        "try:\n"
        "    connection.execute('SELECT 1')\n"
        "except sqlite3.ProgrammingError:\n"
        "    print('closed')\n",
    )
    assert output == "1\n1\nclosed\n"
    assert (tmp_path / "other.db").exists()


def test_a_restart_keeps_rows_and_adds_columns(tmp_path: Path) -> None:
    """The same database under a later version of the entity: the row is there, and is served."""
    ask = (
        "from fastapi.testclient import TestClient\n"
        "from app.main import app\n"
        "client = TestClient(app)\n"
    )
    write_application(tmp_path, Entity("Student", (Attribute("name"),)))
    run_in(tmp_path, ask + "client.post('/students', json={'name': 'Ada'})")
    later = (Attribute("name"), Attribute("born", "date"), Attribute("email", "email", False))
    write_application(tmp_path, Entity("Student", later))
    output = run_in(tmp_path, ask + "print(client.get('/students').json())")
    expected = [{"name": "Ada", "born": "1970-01-01", "email": None, "id": 1}]
    assert output == f"{expected}\n"


def test_relations_survive_the_deletion_of_their_target(tmp_path: Path) -> None:
    """An optional reference becomes null; the course stays."""
    write_application(tmp_path, COURSE, TEACHER)
    output = run_in(
        tmp_path,
        "from fastapi.testclient import TestClient\n"
        "from app.main import app\n"
        "client = TestClient(app)\n"
        "client.post('/teachers', json={'name': 'Ada'})\n"
        "body = {'name': 'Logic', 'level': 1, 'teacher_id': 1}\n"
        "print(client.post('/courses', json=body).status_code)\n"
        "print(client.delete('/teachers/1').status_code)\n"
        "print(client.get('/courses/1').json()['teacher_id'])\n",
    )
    assert output == "201\n204\nNone\n"


def test_a_target_that_is_needed_is_not_deleted(tmp_path: Path) -> None:
    """A required reference protects its target: 409, and both rows stay."""
    enrolment = Entity("Enrolment", (), (ManyToOne("student", "Student", "students", True),))
    write_application(tmp_path, STUDENT, enrolment)
    output = run_in(
        tmp_path,
        "from fastapi.testclient import TestClient\n"
        "from app.main import app\n"
        "client = TestClient(app)\n"
        "client.post('/students', json={'name': 'Ada'})\n"
        "print(client.post('/enrolments', json={'student_id': 1}).status_code)\n"
        "print(client.delete('/students/1').status_code)\n"
        "print(client.get('/students/1').status_code)\n",
    )
    assert output == "201\n409\n200\n"


def test_every_test_gets_an_empty_database(tmp_path: Path) -> None:
    """Two tests with the fixture, in one process, do not see each other's rows."""
    write_application(tmp_path, STUDENT)
    (tmp_path / "tests/test_fresh.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('turn', [1, 2])\n"
        "def test_fresh(client, turn):\n"
        "    assert client.get('/students').json() == []\n"
        "    client.post('/students', json={'name': 'Ada'})\n",
        encoding="utf-8",
    )
    result = pytest_in(tmp_path, "tests/test_fresh.py")
    assert "2 passed" in result.stdout, result.stdout
    assert not list(tmp_path.glob("*.db"))


def test_a_missing_target_table_is_an_error_of_sqlite() -> None:
    """Why an application needs the schema of every target: not even a null can be stored."""
    connection = sqlite3.connect(":memory:")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("CREATE TABLE courses (teacher_id INTEGER REFERENCES teachers (id))")
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        connection.execute("INSERT INTO courses VALUES (NULL)")
