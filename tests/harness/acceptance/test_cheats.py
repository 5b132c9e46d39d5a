"""Code written to deceive its judge is refuted, by what it does and not by how it looks."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from sampled import sampled

from flagbench import subject, subject_loading
from flagbench.acceptance import reference_solutions
from flagbench.acceptance.cases import Application
from flagbench.acceptance.probe_client import WARM
from flagbench.acceptance.proof import Case
from flagbench.acceptance.prover import judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox
from flagbench.scenario import loading

ROOT = Path(__file__).resolve().parents[3]
CHEATS = Path(__file__).parent / "cheats"
KINDS = {
    "schema": "sqlite-schema",
    "routes": "fastapi-routes",
    "page": "streamlit-page",
    "suite": "pytest-tests",
}
Cheat = Mapping[str, Any]
CATALOGUE: list[tuple[str, Cheat]] = [
    (name, cheat)
    for name in KINDS
    for cheat in yaml.safe_load((CHEATS / f"{name}.yaml").read_text(encoding="utf-8"))
]

# Routes that keep the whole contract, but for where their rows are.
STORED = """
from itertools import count

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel

router = APIRouter(prefix="/students")

{store}

class StudentIn(BaseModel):
    name: str


@router.post("", status_code=201)
def create_student(body: StudentIn) -> dict:
    number = max(rows, default=0) + 1
    rows[number] = {{"id": number, "name": body.name}}
    return rows[number]


@router.get("")
def list_students() -> list:
    return list(rows.values())


@router.get("/{{number}}")
def read_student(number: int) -> dict:
    if number not in rows:
        raise HTTPException(404)
    return rows[number]


@router.put("/{{number}}")
def update_student(number: int, body: StudentIn) -> dict:
    read_student(number)
    rows[number] = {{"id": number, "name": body.name}}
    return rows[number]


@router.delete("/{{number}}", status_code=204)
def delete_student(number: int) -> None:
    read_student(number)
    del rows[number]
"""
SUITE = """
{before}

def test_students(client{fixture}):
    row = client.post("/students", json={{"name": "Ada"}}).json().get("id", 1)
    client.post("/students", json={{}})
    client.get("/students")
    client.get(f"/students/{{row}}")
    client.get("/students/9999")
    client.put(f"/students/{{row}}", json={{"name": "Alan"}})
    client.delete(f"/students/{{row}}")
{calls}
"""


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    """The sandbox of a run."""
    with Sandbox(WARM) as sandbox:
        yield sandbox


@pytest.fixture(scope="module")
def cases() -> dict[str, Case]:
    """Kind -> the reference solution of `student`."""
    student = loading.load(ROOT / "scenarios" / "student.yaml")
    files = reference_solutions.load(ROOT / "scenarios" / "solutions" / "student").files
    made = Application(subject.scaffold_of(subject_loading.load(student.subject)))
    after = (case for _, case in made.after(student.acceptance[0], files))
    return {case.kind: case for case in after if case is not None}


def text_of(cheat: Cheat, right: str) -> str:
    """The file of a cheat; `right` is the reference."""
    if "create" in cheat:
        return str(cheat["create"])
    if "append" in cheat:
        return f"{right}\n{cheat['append']}"
    if "store" in cheat:
        return STORED.format(store=cheat["store"])
    fixture = f", {cheat['fixture']}" if "fixture" in cheat else ""
    calls = indent(cheat["calls"], "    ")
    return SUITE.format(before=cheat.get("before", ""), fixture=fixture, calls=calls)


@pytest.mark.parametrize(
    ("name", "cheat"),
    sampled(CATALOGUE, 30),
    ids=[f"{name}: {cheat['what']}" for name, cheat in CATALOGUE],
)
def test_it_is_refuted(name: str, cheat: Cheat, sandbox: Sandbox, cases: dict[str, Case]) -> None:
    """By a check of what it does; its text is taken as clean."""
    right = cases[KINDS[name]]
    text = text_of(cheat, right.files[right.path])
    case = replace(right, files={**right.files, right.path: text})
    clean = {(case.path, text, (case.entity.words, *case.entity.attributes)): None}
    proof = judge_case(case, sandbox, clean)
    assert proof.check in cheat["fails"], proof


def test_the_catalogue_is_not_small() -> None:
    """Each cheat has its own name, which says what it does."""
    names = [(name, cheat["what"]) for name, cheat in CATALOGUE]
    assert len(set(names)) == len(names) >= 60


def test_rows_in_the_database_are_accepted(sandbox: Sandbox, cases: dict[str, Case]) -> None:
    """The same routes, with their rows where they belong: it is the store that is refuted."""
    store = (
        "import os, sqlite3\n\n\n"
        "class Rows(dict):\n"
        "    def __setitem__(self, key, row):\n"
        "        super().__setitem__(key, row)\n"
        "        with sqlite3.connect(os.environ['DATABASE_PATH']) as connection:\n"
        "            sql = 'INSERT OR REPLACE INTO students VALUES (?, ?)'\n"
        "            connection.execute(sql, (key, row['name']))\n\n\n"
        "with sqlite3.connect(os.environ['DATABASE_PATH']) as connection:\n"
        "    stored = connection.execute('SELECT * FROM students').fetchall()\n"
        "rows = Rows({key: {'id': key, 'name': name} for key, name in stored})\n"
    )
    right = cases["fastapi-routes"]
    text = STORED.format(store=store)
    case = replace(right, files={**right.files, right.path: text})
    clean = {(case.path, text, (case.entity.words, *case.entity.attributes)): None}
    assert judge_case(case, sandbox, clean).check == ""
