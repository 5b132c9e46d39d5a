"""A student, and good files of applications for one in several styles."""

from flagbench_generators.crud.spec import Entity

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
GOOD = {
    "backend": {"whole paths": ROUTES, "a prefix": PREFIXED},
    "database": {"lower-case SQL": SCHEMA},
    "frontend": {"a table": PAGE},
    "tests": {"a fixture": TESTS},
}
