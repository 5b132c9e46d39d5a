"""The review rules: defects are caught, good code in several styles is not."""

import json
import re
import time

import pytest
from crud_examples import GENERATOR, KINDS, render
from crud_examples import Entity as Example
from rule_cases import applied, damaged, judge, rules_in, styles
from student_files import GOOD, RELATED, ROUTES, SCHEMA, STUDENT, TESTS

from flagbench_generators.crud.spec import Entity
from flagbench_generators.kernel.review import THRESHOLD
from flagbench_generators.kernel.rule import RuleBook, load_rules

RULES: dict[str, RuleBook] = {
    kind: load_rules(GENERATOR / "rules" / f"{kind}.yaml") for kind in KINDS
}
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
GET_STUDENT = r", response_model=StudentResponse\)\nasync def get_student\((.*?)\):"
# What of the good sample is replaced (a regular expression), and by what.
DEFECTS = {
    "backend": {
        "no-404": ("404", "400"),
        "handler-without-404": (r"\n    if cur.rowcount == 0:\n        raise [^\n]*", ""),
        "broad-except-answers-500": (re.escape(READ_BODY), BROAD_500),
        "broad-except": (
            re.escape(READ_BODY),
            "    try:\n        return dict(fetch(db, student_id))\n    except Exception:\n"
            "        return None\n",
        ),
        "response-class-in-union: JSONResponse or a model": (
            GET_STUDENT,
            r")\nasync def get_student(\1) -> StudentResponse | JSONResponse:",
        ),
        "response-class-in-union: Response or a model": (
            GET_STUDENT,
            r")\nasync def get_student(\1) -> Union[StudentResponse, Response]:",
        ),
        "return-annotation-is-no-model": (
            GET_STUDENT,
            r")\nasync def get_student(\1) -> StudentResponse | HTTPException:",
        ),
        "required-is-optional: Optional": ("    name: str\n", "    name: Optional[str] = None\n"),
        "required-is-optional: or None": ("    name: str\n", "    name: str | None\n"),
        "required-is-optional: Field(None)": ("    name: str\n", "    name: str = Field(None)\n"),
        "required-has-a-default": ("    name: str\n", '    name: str = ""\n'),
        "update-takes-a-partial-body": (
            "class StudentResponse",
            "class StudentUpdate(BaseModel):\n    name: str | None = None\n\n\n"
            "class StudentResponse",
        ),
        "optional-has-no-default": (r"Optional\[str\] = None", "Optional[str]"),
        "post-without-201: no status": (", status_code=201", ""),
        "post-without-201: 200": ("status_code=201", "status_code=200"),
        "delete-without-204": (", status_code=204", ""),
        "no-database": ("get_connection", "open_file"),
        "no-commit": (r"    db\.commit\(\)\n", ""),
        "email-validator": (r"Optional\[str\]", "Optional[EmailStr]"),
        "value-in-sql-text": (
            r'"SELECT \* FROM students WHERE id = \?", \(student_id,\)',
            'f"SELECT * FROM students WHERE id = {student_id}"',
        ),
        "unfinished": ("    log.info", "    # TODO: check\n    log.info"),
        "print": ("    log.info", "    print"),
        "attribute-left-out": ("email", "mail"),
        "creates-tables": ("    log.info", '    db.execute("CREATE TABLE x (y)")\n    log.info'),
    },
    "database": {
        "no-schema": ("SCHEMA", "TABLES"),
        "no-migrate": ("def migrate", "def upgrade"),
        "no-commit": (r"    conn\.commit\(\)\n", ""),
        "drops-rows": (
            r"    conn\.executescript",
            '    conn.execute("DROP TABLE students")\n    conn.executescript',
        ),
        "deletes-rows": (
            r"    conn\.executescript",
            '    conn.execute("DELETE FROM students")\n    conn.executescript',
        ),
        "never-adds-columns": (r"    existing.*(?=    conn\.commit)", ""),
        "error-passed-over": (
            r"    existing.*(?=    conn\.commit)",
            '    try:\n        conn.execute("ALTER TABLE students ADD COLUMN email TEXT")\n'
            "    except sqlite3.OperationalError:\n        pass\n",
        ),
        "suppressed-error": (
            r"    conn\.executescript",
            "    with suppress(Exception):\n        pass\n    conn.executescript",
        ),
        "added-not-null-without-default": (" default ''", ""),
        "required-without-not-null": ("    name text not null,", "    name TEXT,"),
        "optional-is-not-null": ("    email text\n", "    email TEXT NOT NULL\n"),
        "other-database-library": ("import sqlite3", "import sqlalchemy"),
        "opens-a-connection": (
            r"    conn\.executescript",
            '    conn = sqlite3.connect("app.db")\n    conn.executescript',
        ),
        "unfinished": ("    conn.commit", "    # FIXME\n    conn.commit"),
        "print": ("    conn.commit", "    print(1)\n    conn.commit"),
        "attribute-left-out": ("email", "mail"),
    },
    "frontend": {
        "opens-the-database": ("import os", "import sqlite3"),
        "imports-the-application": ("import os", "from app.connection import get_connection"),
        "no-api-url": (r'os.getenv\("API_URL", ("[^"]*")\)', r"\1"),
        "no-form": (r"with st\.form\([^)]*\):", "with st.container():"),
        "no-error-shown": (r"st\.error", "st.write"),
        "no-list": (r"st\.table", "st.write"),
        "drops-zero-and-false": (
            "    try:\n",
            "    payload = {k: v for k, v in payload.items() if v}\n    try:\n",
        ),
        "decorated-label": ('input."Name"', 'input("Name *"'),
        "request-without-timeout": (", timeout=5", ""),
        "other-button": ('"Create Student"', '"Save"'),
        "attribute-left-out": ("email", "mail"),
        "status-not-checked": (r"        response\.raise_for_status\(\)\n", ""),
        "broad-except": ("except requests.RequestException", "except Exception"),
        "error-passed-over": (r'        st\.error\(f"Failed: \{error\}"\)\n', "        pass\n"),
        "unfinished": ("    payload", "    # TODO\n    payload"),
        "print": ("    payload", "    print(1)\n    payload"),
    },
    "tests": {
        "no-404": ("404", "400"),
        "no-422": ("422", "400"),
        "no-put": ("put", "patch"),
        "no-delete": ("delete", "remove"),
        "own-client": ("VALID = ", "client = TestClient(app)\nVALID = "),
        "imports-the-application": ("import pytest", "import pytest\nfrom app.main import app"),
        "mocks": ("import pytest", "from unittest.mock import patch"),
        "live-server": (r"client\.post", "requests.post"),
        "vague-status": ("== 201", "in (200, 201)"),
        "foreign-status: 400": ("== 422", "== 400"),
        "foreign-status: 409": ("== 422", "== 409"),
        "deleted-with-200": ("== 204", "== 200"),
        "created-with-200": ("== 201", "== 200"),
        "attribute-left-out": ("email", "mail"),
        "skipped": ("def test_list", "@pytest.mark.skip\ndef test_list"),
        "empty-assertion": ("assert len.*?$", "assert True"),
        "waits": ("    made = ", "    time.sleep(1)\n    made = "),
        "passes-over-an-error": (
            "    made = ",
            "    try:\n        x()\n    except KeyError:\n        pass\n    made = ",
        ),
        "unfinished": ("    made = ", "    # TODO\n    made = "),
        "print": ("    made = ", "    print(1)\n    made = "),
    },
}


def is_approved(kind: str, text: str, entity: Entity = STUDENT) -> bool:
    """Whether the rules alone approve a text: nothing forbidden, and a high enough score."""
    judgement = judge(RULES[kind], text, entity)
    return not judgement.found and judgement.score >= THRESHOLD


@pytest.mark.parametrize(("kind", "text"), styles(GOOD))
def test_good_code_of_another_style_is_approved(kind: str, text: str) -> None:
    """Async or not, prefix or paths, quotes, Optional or None, lower-case SQL: all the same."""
    compile(text, kind, "exec")
    assert is_approved(kind, text)


@pytest.mark.parametrize(("kind", "rule", "sample", "edit"), damaged(GOOD, DEFECTS))
def test_a_defect_is_found_by_its_rule(
    kind: str, rule: str, sample: str, edit: tuple[str, str]
) -> None:
    """One thing is wrong in a good sample, and the rule for it matches."""
    assert rule in judge(RULES[kind], applied(edit, sample), STUDENT).found


def test_every_defect_rule_has_a_sample() -> None:
    """A forbidden rule without a sample here is not known to work."""
    shown = rules_in(DEFECTS)
    shown |= {("backend", "many-to-one-without-422"), ("backend", "many-to-many-without-422")}
    there = {
        (kind, rule.id) for kind in KINDS for rule in RULES[kind].rules if rule.kind == "forbidden"
    }
    assert there == shown


def test_unchecked_references_are_found() -> None:
    """Routes with relations that never say 422 are rejected, once for each kind."""
    judgement = judge(RULES["backend"], ROUTES, RELATED)
    assert {"many-to-one-without-422", "many-to-many-without-422"} <= judgement.found
    assert judgement.score < THRESHOLD
    assert judge(RULES["database"], SCHEMA, RELATED).score < THRESHOLD


@pytest.mark.parametrize(
    ("kind", "text"), [("backend", ROUTES), ("tests", TESTS)], ids=["backend", "tests"]
)
def test_business_rules_always_go_to_the_model(kind: str, text: str) -> None:
    """However good the rest: a rule in words is nothing that a pattern can approve."""
    ruled = STUDENT.model_copy(update={"rules": ("name must be unique",)})
    judgement = judge(RULES[kind], text, ruled)
    assert judgement.found == set()
    assert judgement.score < 0.1


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
        assert is_approved(kind, example, loan), kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_templates_make_is_approved(kind: str) -> None:
    """The review never asks the model about an artifact of a template."""
    example = Example("Student", tuple(STUDENT.attributes), ())  # type: ignore[arg-type]
    assert is_approved(kind, render(kind, example))


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
    for kind, texts in GOOD.items():
        judge(RULES[kind], next(iter(texts.values())) * 5, wide)
    assert time.process_time() - started < 2
