"""The review rules: defects are caught, good code in several styles is not."""

import json
import re
import time

import pytest
from crud_examples import GENERATOR, KINDS, render
from crud_examples import Entity as Example

from generator.review import THRESHOLD
from generator.rule import Rule, checks_for, load_rules
from generator.spec import Entity

RULES: dict[str, tuple[Rule, ...]] = {
    kind: load_rules(GENERATOR / "rules" / f"{kind}.yaml") for kind in KINDS
}
STUDENT = Entity.model_validate(
    {
        "name": "Student",
        "attributes": [
            {"name": "name", "type": "string", "required": True},
            {"name": "email", "type": "email", "required": False},
        ],
    }
)
RELATED = Entity.model_validate(
    STUDENT.model_dump()
    | {
        "relations": [
            {"name": "teacher", "kind": "many_to_one", "target": "Teacher"},
            {"name": "courses", "kind": "many_to_many", "target": "Course"},
            {"name": "grades", "kind": "one_to_many", "target": "Grade"},
        ]
    }
)

ROUTES = '''"""Routes."""
import logging
import sqlite3
from typing import List, Optional
from fastapi import APIRouter, Depends, HTTPException
from pydantic import BaseModel
from app.connection import get_connection

router = APIRouter()
log = logging.getLogger(__name__)


class StudentBase(BaseModel):
    name: str
    email: Optional[str] = None


class StudentResponse(StudentBase):
    id: int


@router.post("/students", response_model=StudentResponse, status_code=201)
async def create_student(student: StudentBase, db: sqlite3.Connection = Depends(get_connection)):
    cur = db.execute(
        "INSERT INTO students (name, email) VALUES (?, ?)", (student.name, student.email)
    )
    db.commit()
    log.info("created %s", cur.lastrowid)
    return {"id": cur.lastrowid, **student.model_dump()}


@router.get("/students", response_model=List[StudentResponse])
async def list_students(db: sqlite3.Connection = Depends(get_connection)):
    return [dict(row) for row in db.execute("SELECT * FROM students")]


@router.get("/students/{student_id}", response_model=StudentResponse)
async def get_student(student_id: int, db: sqlite3.Connection = Depends(get_connection)):
    row = db.execute("SELECT * FROM students WHERE id = ?", (student_id,)).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="Student not found")
    return dict(row)


@router.put("/students/{student_id}", response_model=StudentResponse)
async def update_student(
    student_id: int, student: StudentBase, db: sqlite3.Connection = Depends(get_connection)
):
    cur = db.execute(
        "UPDATE students SET name = ?, email = ? WHERE id = ?",
        (student.name, student.email, student_id),
    )
    if cur.rowcount == 0:
        raise HTTPException(status_code=404, detail="Student not found")
    db.commit()
    return {"id": student_id, **student.model_dump()}


@router.delete("/students/{student_id}", status_code=204)
async def delete_student(student_id: int, db: sqlite3.Connection = Depends(get_connection)):
    cur = db.execute("DELETE FROM students WHERE id = ?", (student_id,))
    if cur.rowcount == 0:
        raise HTTPException(status_code=404, detail="Student not found")
    db.commit()
'''
PREFIXED = '''"""Routes."""
import logging
import sqlite3
from http import HTTPStatus
from typing import Annotated
from fastapi import APIRouter, Depends, HTTPException, Response
from pydantic import BaseModel, Field
from app import connection

logger = logging.getLogger(__name__)
router: APIRouter = APIRouter(prefix='/students', tags=['students'])
Db = Annotated[sqlite3.Connection, Depends(connection.get_connection)]


class StudentIn(BaseModel):
    name: str = Field(..., min_length=1)
    email: str | None = Field(default=None)


class StudentOut(StudentIn):
    id: int


def student_or_404(db, student_id) -> StudentOut:
    row = db.execute('SELECT * FROM students WHERE id = :id', {'id': student_id}).fetchone()
    if not row:
        raise HTTPException(HTTPStatus.NOT_FOUND, 'Student not found')
    return StudentOut(**row)


@router.post('/', status_code=HTTPStatus.CREATED)
def create_student(body: StudentIn, db: Db) -> StudentOut:
    try:
        with db:
            cursor = db.execute('INSERT INTO students (name, email) VALUES (:name, :email)',
                                body.model_dump())
    except Exception:
        logger.exception('could not create')
        raise
    return student_or_404(db, cursor.lastrowid)


@router.get('/')
def list_students(db: Db) -> list[StudentOut]:
    return [StudentOut(**row) for row in db.execute('SELECT * FROM students')]


@router.get('/{student_id}')
def read_student(student_id: int, db: Db) -> StudentOut | None:
    return student_or_404(db, student_id)


@router.put('/{student_id}')
def update_student(student_id: int, body: StudentIn, db: Db) -> StudentOut:
    student_or_404(db, student_id)
    with db:
        db.execute('UPDATE students SET name = :name, email = :email WHERE id = :id',
                   {**body.model_dump(), 'id': student_id})
    return student_or_404(db, student_id)


@router.delete('/{student_id}', status_code=HTTPStatus.NO_CONTENT)
def delete_student(student_id: int, db: Db) -> Response:
    student_or_404(db, student_id)
    with db:
        db.execute('DELETE FROM students WHERE id = ?', [student_id])
    return Response(status_code=HTTPStatus.NO_CONTENT)
'''
SCHEMA = '''"""Schema."""
import logging
import sqlite3

log = logging.getLogger(__name__)
SCHEMA: str = """
create table if not exists students (
    id integer primary key,
    name text not null,
    email text
);
"""


def migrate(conn: sqlite3.Connection) -> None:
    conn.executescript(SCHEMA)
    existing = [row[1] for row in conn.execute("pragma table_info(students)").fetchall()]
    if "name" not in existing:
        conn.execute("alter table students add column name text not null default ''")
    if "email" not in existing:
        conn.execute("alter table students add column email text")
        log.info("added email")
    conn.commit()
'''
PAGE = '''"""Page."""
import os
import requests
import streamlit as st

API_URL = os.getenv("API_URL", "http://127.0.0.1:8000")
st.title("Students")
with st.form("student_form"):
    name = st.text_input("Name")
    email = st.text_input("Email")
    submitted = st.form_submit_button("Create Student")
if submitted:
    payload = {"name": name, "email": email or None}
    try:
        response = requests.post(f"{API_URL}/students", json=payload, timeout=5)
        response.raise_for_status()
        st.success("Created")
    except requests.RequestException as error:
        st.error(f"Failed: {error}")
try:
    rows = requests.get(f"{API_URL}/students", timeout=5).json()
    st.table(rows)
except requests.RequestException as error:
    st.error(f"Failed: {error}")
'''
TESTS = '''"""Tests."""
import pytest

VALID = {"name": "Ada", "email": "ada@example.com"}


def test_create(client):
    response = client.post("/students", json=VALID)
    assert response.status_code == 201
    assert response.json()["name"] == "Ada"


def test_list(client):
    client.post("/students", json=VALID)
    response = client.get("/students")
    assert response.status_code == 200
    assert len(response.json()) == 1


def test_update(client):
    made = client.post("/students", json=VALID).json()
    response = client.put(f"/students/{made['id']}", json={"name": "Eve"})
    assert response.status_code == 200


def test_delete(client):
    made = client.post("/students", json=VALID).json()
    assert client.delete(f"/students/{made['id']}").status_code == 204


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_missing(client, method):
    arguments = {"json": VALID} if method == "put" else {}
    assert getattr(client, method)("/students/999", **arguments).status_code == 404


def test_invalid(client):
    assert client.post("/students", json={}).status_code == 422
'''
GOOD = [
    ("backend", ROUTES),
    ("backend", PREFIXED),
    ("database", SCHEMA),
    ("frontend", PAGE),
    ("tests", TESTS),
]
GOOD_BY_KIND = {"backend": ROUTES, "database": SCHEMA, "frontend": PAGE, "tests": TESTS}
BROAD_500 = """    try:
        row = db.execute("SELECT * FROM students WHERE id = ?", (student_id,)).fetchone()
        if row is None:
            raise HTTPException(status_code=404, detail="Student not found")
        return dict(row)
    except Exception as e:
        raise HTTPException(status_code=500, detail=str(e))
"""
READ_BODY = """    row = db.execute("SELECT * FROM students WHERE id = ?", (student_id,)).fetchone()
    if row is None:
        raise HTTPException(status_code=404, detail="Student not found")
    return dict(row)
"""
# kind, rule, what of the good sample is replaced (a regular expression), by what
DEFECTS = [
    ("backend", "no-404", "404", "400"),
    ("backend", "handler-without-404", r"\n    if cur.rowcount == 0:\n        raise [^\n]*", ""),
    ("backend", "broad-except-answers-500", re.escape(READ_BODY), BROAD_500),
    (
        "backend",
        "broad-except",
        re.escape(READ_BODY),
        "    try:\n        return dict(fetch(db, student_id))\n    except Exception:\n"
        "        return None\n",
    ),
    (
        "backend",
        "response-class-in-union",
        r", response_model=StudentResponse\)\nasync def get_student\((.*?)\):",
        r")\nasync def get_student(\1) -> StudentResponse | JSONResponse:",
    ),
    (
        "backend",
        "response-class-in-union",
        r", response_model=StudentResponse\)\nasync def get_student\((.*?)\):",
        r")\nasync def get_student(\1) -> Union[StudentResponse, Response]:",
    ),
    (
        "backend",
        "return-annotation-is-no-model",
        r", response_model=StudentResponse\)\nasync def get_student\((.*?)\):",
        r")\nasync def get_student(\1) -> StudentResponse | HTTPException:",
    ),
    ("backend", "required-is-optional", "    name: str\n", "    name: Optional[str] = None\n"),
    ("backend", "required-is-optional", "    name: str\n", "    name: str | None\n"),
    ("backend", "required-is-optional", "    name: str\n", "    name: str = Field(None)\n"),
    ("backend", "required-has-a-default", "    name: str\n", '    name: str = ""\n'),
    (
        "backend",
        "update-takes-a-partial-body",
        "class StudentResponse",
        "class StudentUpdate(BaseModel):\n    name: str | None = None\n\n\nclass StudentResponse",
    ),
    ("backend", "optional-has-no-default", r"Optional\[str\] = None", "Optional[str]"),
    ("backend", "post-without-201", ", status_code=201", ""),
    ("backend", "post-without-201", "status_code=201", "status_code=200"),
    ("backend", "delete-without-204", ", status_code=204", ""),
    ("backend", "no-database", "get_connection", "open_file"),
    ("backend", "no-commit", r"    db\.commit\(\)\n", ""),
    ("backend", "email-validator", r"Optional\[str\]", "Optional[EmailStr]"),
    (
        "backend",
        "value-in-sql-text",
        r'"SELECT \* FROM students WHERE id = \?", \(student_id,\)',
        'f"SELECT * FROM students WHERE id = {student_id}"',
    ),
    ("backend", "unfinished", "    log.info", "    # TODO: check\n    log.info"),
    ("backend", "print", "    log.info", "    print"),
    ("backend", "attribute-left-out", "email", "mail"),
    (
        "backend",
        "creates-tables",
        "    log.info",
        '    db.execute("CREATE TABLE x (y)")\n    log.info',
    ),
    ("database", "no-schema", "SCHEMA", "TABLES"),
    ("database", "no-migrate", "def migrate", "def upgrade"),
    ("database", "no-commit", r"    conn\.commit\(\)\n", ""),
    (
        "database",
        "drops-rows",
        r"    conn\.executescript",
        '    conn.execute("DROP TABLE students")\n    conn.executescript',
    ),
    (
        "database",
        "deletes-rows",
        r"    conn\.executescript",
        '    conn.execute("DELETE FROM students")\n    conn.executescript',
    ),
    ("database", "never-adds-columns", r"    existing.*(?=    conn\.commit)", ""),
    (
        "database",
        "error-passed-over",
        r"    existing.*(?=    conn\.commit)",
        '    try:\n        conn.execute("ALTER TABLE students ADD COLUMN email TEXT")\n'
        "    except sqlite3.OperationalError:\n        pass\n",
    ),
    (
        "database",
        "suppressed-error",
        r"    conn\.executescript",
        "    with suppress(Exception):\n        pass\n    conn.executescript",
    ),
    ("database", "added-not-null-without-default", " default ''", ""),
    ("database", "required-without-not-null", "    name text not null,", "    name TEXT,"),
    ("database", "optional-is-not-null", "    email text\n", "    email TEXT NOT NULL\n"),
    ("database", "other-database-library", "import sqlite3", "import sqlalchemy"),
    (
        "database",
        "opens-a-connection",
        r"    conn\.executescript",
        '    conn = sqlite3.connect("app.db")\n    conn.executescript',
    ),
    ("database", "unfinished", "    conn.commit", "    # FIXME\n    conn.commit"),
    ("database", "print", "    conn.commit", "    print(1)\n    conn.commit"),
    ("database", "attribute-left-out", "email", "mail"),
    ("frontend", "opens-the-database", "import os", "import sqlite3"),
    (
        "frontend",
        "imports-the-application",
        "import os",
        "from app.connection import get_connection",
    ),
    ("frontend", "no-api-url", r'os.getenv\("API_URL", ("[^"]*")\)', r"\1"),
    ("frontend", "no-form", r"with st\.form\([^)]*\):", "with st.container():"),
    ("frontend", "no-error-shown", r"st\.error", "st.write"),
    ("frontend", "no-list", r"st\.table", "st.write"),
    (
        "frontend",
        "drops-zero-and-false",
        "    try:\n",
        "    payload = {k: v for k, v in payload.items() if v}\n    try:\n",
    ),
    ("frontend", "decorated-label", 'input."Name"', 'input("Name *"'),
    ("frontend", "request-without-timeout", ", timeout=5", ""),
    ("frontend", "other-button", '"Create Student"', '"Save"'),
    ("frontend", "attribute-left-out", "email", "mail"),
    ("frontend", "status-not-checked", r"        response\.raise_for_status\(\)\n", ""),
    ("frontend", "broad-except", "except requests.RequestException", "except Exception"),
    (
        "frontend",
        "error-passed-over",
        r'        st\.error\(f"Failed: \{error\}"\)\n',
        "        pass\n",
    ),
    ("frontend", "unfinished", "    payload", "    # TODO\n    payload"),
    ("frontend", "print", "    payload", "    print(1)\n    payload"),
    ("tests", "no-404", "404", "400"),
    ("tests", "no-422", "422", "400"),
    ("tests", "no-put", "put", "patch"),
    ("tests", "no-delete", "delete", "remove"),
    ("tests", "own-client", "VALID = ", "client = TestClient(app)\nVALID = "),
    (
        "tests",
        "imports-the-application",
        "import pytest",
        "import pytest\nfrom app.main import app",
    ),
    ("tests", "mocks", "import pytest", "from unittest.mock import patch"),
    ("tests", "live-server", r"client\.post", "requests.post"),
    ("tests", "vague-status", "== 201", "in (200, 201)"),
    ("tests", "foreign-status", "== 422", "== 400"),
    ("tests", "foreign-status", "== 422", "== 409"),
    ("tests", "deleted-with-200", "== 204", "== 200"),
    ("tests", "created-with-200", "== 201", "== 200"),
    ("tests", "attribute-left-out", "email", "mail"),
    ("tests", "skipped", "def test_list", "@pytest.mark.skip\ndef test_list"),
    ("tests", "empty-assertion", "assert len.*?$", "assert True"),
    ("tests", "waits", "    made = ", "    time.sleep(1)\n    made = "),
    (
        "tests",
        "passes-over-an-error",
        "    made = ",
        "    try:\n        x()\n    except KeyError:\n        pass\n    made = ",
    ),
    ("tests", "unfinished", "    made = ", "    # TODO\n    made = "),
    ("tests", "print", "    made = ", "    print(1)\n    made = "),
]


def judge(kind: str, text: str, entity: Entity) -> tuple[set[str], float]:
    """The forbidden rules that match, and the approval score."""
    found, reached, whole = set(), 0.0, 0.0
    for check in checks_for(RULES[kind], entity):
        matches = check.pattern.search(text) is not None
        if check.rule.kind == "forbidden":
            found |= {check.rule.id} if matches else set()
        else:
            whole += check.rule.weight
            reached += check.rule.weight * matches
    return found, reached / whole


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_good_code_of_another_style_is_approved(kind: str, text: str) -> None:
    """Async or not, prefix or paths, quotes, Optional or None, lower-case SQL: all the same."""
    compile(text, kind, "exec")
    found, score = judge(kind, text, STUDENT)
    assert found == set()
    assert score >= THRESHOLD


@pytest.mark.parametrize(("kind", "rule", "old", "new"), DEFECTS)
def test_a_defect_is_found_by_its_rule(kind: str, rule: str, old: str, new: str) -> None:
    """One thing is wrong in a good sample, and the rule for it matches."""
    text, changes = re.subn(old, new, GOOD_BY_KIND[kind], flags=re.DOTALL | re.MULTILINE)
    assert changes > 0
    found, _ = judge(kind, text, STUDENT)
    assert rule in found


def test_every_defect_rule_has_a_sample() -> None:
    """A forbidden rule without a sample here is not known to work."""
    shown = {(kind, rule) for kind, rule, _, _ in DEFECTS}
    shown |= {("backend", "many-to-one-without-422"), ("backend", "many-to-many-without-422")}
    there = {
        (kind, rule.id) for kind in KINDS for rule in RULES[kind].rules if rule.kind == "forbidden"
    }
    assert there == shown


def test_unchecked_references_are_found() -> None:
    """Routes with relations that never say 422 are rejected, once for each kind."""
    found, score = judge("backend", ROUTES, RELATED)
    assert {"many-to-one-without-422", "many-to-many-without-422"} <= found
    assert score < THRESHOLD
    assert judge("database", SCHEMA, RELATED)[1] < THRESHOLD


@pytest.mark.parametrize("kind", ["backend", "tests"])
def test_business_rules_always_go_to_the_model(kind: str) -> None:
    """However good the rest: a rule in words is nothing that a pattern can approve."""
    ruled = STUDENT.model_copy(update={"rules": ("name must be unique",)})
    found, score = judge(kind, GOOD_BY_KIND[kind], ruled)
    assert found == set()
    assert score < 0.1


def test_the_example_of_the_standards_is_not_rejected() -> None:
    """What the standards show must not be forbidden by the rules, and scores high where it can."""
    standard = (GENERATOR / "standards" / "backend.md").read_text(encoding="utf-8")
    name = re.search(r"```json\n(.*?)```", standard, re.DOTALL)
    assert name is not None
    raw = json.loads(name[1])
    loan = Entity.model_validate(
        {"name": raw["entity"], "attributes": raw["attributes"], "relations": raw["relations"]}
    )
    for kind in KINDS:
        text = (GENERATOR / "standards" / f"{kind}.md").read_text(encoding="utf-8")
        (example,) = re.findall(r'^```python\n(""".*?)^```$', text, re.MULTILINE | re.DOTALL)
        found, score = judge(kind, example, loan)
        assert found == set(), kind
        assert score >= THRESHOLD, kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_templates_make_is_approved(kind: str) -> None:
    """The review never asks the model about an artifact of a template."""
    example = Example("Student", tuple(STUDENT.attributes), ())  # type: ignore[arg-type]
    found, score = judge(kind, render(kind, example), STUDENT)
    assert found == set()
    assert score >= THRESHOLD


def test_a_long_file_is_judged_quickly() -> None:
    """No pattern explodes: forty attributes and ten times the text are judged in a moment."""
    wide = STUDENT.model_copy(
        update={
            "attributes": tuple(
                STUDENT.attributes[0].model_copy(update={"name": f"field_{number}"})
                for number in range(40)
            )
        }
    )
    started = time.process_time()
    for kind, text in GOOD_BY_KIND.items():
        judge(kind, text * 5, wide)
    assert time.process_time() - started < 2
