"""The standards: whole, of the promised size, and true: their own examples are an application."""

import ast
import re
import shutil
from pathlib import Path

import pytest
from crud_examples import KINDS, Attribute, Entity, pytest_in, run_in, write_application
from django_examples import KINDS as DJANGO_KINDS
from patience import PATIENCE_SECONDS
from standard_texts import assert_clean, code_blocks, complete_example, compressed, full
from streamlit.testing.v1 import AppTest

FULL_LINES = {
    "backend": (460, 475),
    "database": (150, 300),
    "frontend": (150, 300),
    "tests": (150, 300),
}
# What may not be lost when a standard is compressed.
CRITICAL = {
    "backend": "201 204 404 422 get_connection router HTTPException _ids commit model_dump"
    " IntegrityError None logger EmailStr 79 Vocabulary DRY",
    "database": "SCHEMA migrate commit ALTER DEFAULT PRAGMA REFERENCES CASCADE AUTOINCREMENT"
    " logger 79 Vocabulary DRY",
    "frontend": "API_URL st.title st.form st.error st.dataframe timeout raise_for_status isoformat"
    " _ids logger 79 Vocabulary DRY",
    "tests": "client 201 204 404 422 DATABASE_PATH Relations Rules 79 Vocabulary DRY",
}
PRINCIPLES = (
    "PEP 8",
    "DRY",
    "Fail fast",
    "Observability",
    "Integration testing first",
    "Semantic coherence",
    "Generator-first",
)


@pytest.mark.parametrize("kind", KINDS)
def test_the_sizes_are_the_promised_ones(kind: str) -> None:
    """A real document, and 20 to 30 lines of it; the short one is a fraction of the long one."""
    least, most = FULL_LINES[kind]
    assert least <= len(full(kind).splitlines()) <= most
    assert 20 <= len(compressed(kind).splitlines()) <= 30
    assert len(compressed(kind)) < len(full(kind)) / 3


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_critical_is_lost_in_compression(kind: str) -> None:
    """Statuses, names and principles are in both."""
    for word in CRITICAL[kind].split():
        assert word in compressed(kind), word
        assert word == "Vocabulary" or word in full(kind), word


@pytest.mark.parametrize("kind", KINDS)
def test_the_full_standard_covers_the_matter(kind: str) -> None:
    """Seven principles, a specification, a checklist at the end, consecutive sections."""
    text = full(kind)
    for principle in PRINCIPLES:
        assert f"**{principle}.**" in text, principle
    assert '"entity": "Loan"' in text
    sections = re.findall(r"^## (\d+)\. (.+)$", text, re.MULTILINE)
    assert [int(number) for number, _ in sections] == list(range(1, len(sections) + 1))
    assert sections[-1][1] == "Review checklist"
    for reference in re.findall(r"[Ss]ection (\d+)", text):
        assert int(reference) <= len(sections)


@pytest.mark.parametrize("kind", [*KINDS, *DJANGO_KINDS])
def test_no_sentence_is_said_twice(kind: str) -> None:
    """A prompt is paid by the word: no line of prose occurs twice in a standard."""
    prose = re.sub(r"^```.*?^```$", "", full(kind), flags=re.MULTILINE | re.DOTALL)
    lines = [line.strip() for line in prose.splitlines() if len(line.strip()) > 40]
    assert len(lines) == len(set(lines))


@pytest.mark.parametrize("kind", [*KINDS, *DJANGO_KINDS])
def test_every_example_parses(kind: str) -> None:
    """Good and bad examples are both Python, and no line is wider than 79."""
    for block in code_blocks(kind):
        ast.parse(block)
        assert max(map(len, block.splitlines())) <= 79


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An application of the four complete examples, with the entities that they refer to."""
    directory = tmp_path_factory.mktemp("loans")
    named = (Attribute("name"),)
    write_application(directory, Entity("Member", named), Entity("Book", named))
    for kind, path in KINDS.items():
        (directory / path.format(module="loan")).write_text(
            complete_example(kind), encoding="utf-8"
        )
    return directory


def test_the_complete_examples_are_clean(example: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What the standard shows keeps what it says: black and flake8 at 79 columns."""
    paths = [example / path.format(module="loan") for path in KINDS.values()]
    assert_clean(paths, capsys)


def test_the_complete_examples_work_together(example: Path) -> None:
    """The example tests pass on the example routes, which work on the example tables."""
    result = pytest_in(example, "tests/test_loan.py")
    assert result.returncode == 0, result.stdout


def test_the_example_tests_notice_a_broken_route(example: Path, tmp_path: Path) -> None:
    """The example tests are red when the rule is not enforced any more."""
    shutil.copytree(example, tmp_path, dirs_exist_ok=True)
    routes = tmp_path / "app/routes/loan.py"
    text = routes.read_text(encoding="utf-8")
    routes.write_text(text.replace("MAX_RENEWALS = 3", "MAX_RENEWALS = 4"), encoding="utf-8")
    test_name = "tests/test_loan.py::test_renewals_are_limited"
    result = pytest_in(tmp_path, test_name)
    assert result.returncode == 1, result.stdout


def test_the_example_migration_keeps_rows(example: Path) -> None:
    """A table of an earlier version gets every column of the example, a reference included."""
    code = (
        "import sqlite3\n"
        "from app.schemas import loan\n"
        "connection = sqlite3.connect(':memory:')\n"
        "connection.execute('PRAGMA foreign_keys = ON')\n"
        "connection.execute('CREATE TABLE loans (id INTEGER PRIMARY KEY)')\n"
        "connection.execute('INSERT INTO loans VALUES (1)')\n"
        "connection.commit()\n"
        "loan.migrate(connection)\n"
        "loan.migrate(connection)\n"
        "print(connection.execute('SELECT * FROM loans').fetchall())\n"
    )
    assert run_in(example, code) == "[(1, '1970-01-01', 0, None, 0)]\n"


class Answer:
    """What `requests` would return."""

    def __init__(self, content: object) -> None:
        self.content = content

    def raise_for_status(self) -> None:
        """The stand-in never fails."""

    def json(self) -> object:
        """The content."""
        return self.content


def test_the_example_page_sends_what_the_api_takes(
    example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The form turns texts into ids and nested objects, and leaves out what is empty."""
    sent = []

    def request(method: str, url: str, json: object, timeout: int) -> Answer:
        if method == "POST":
            sent.append(json)
            return Answer({"id": 1})
        return Answer([{"id": 1}])

    monkeypatch.setattr("requests.request", request)
    page = AppTest.from_file(
        str(example / "app/pages/loan.py"), default_timeout=PATIENCE_SECONDS
    ).run()
    labels = {
        element.label: element
        for name in ("number_input", "text_input", "text_area")
        for element in page.get(name)
    }
    labels["Renewals"].set_value(0)
    labels["Book ids"].set_value("1, 2")
    labels["Fees"].set_value('{"amount": 1.5}\n{"amount": 2}')
    page.button[0].click().run()
    assert not page.exception
    assert sent == [{"renewals": 0, "book_ids": [1, 2], "fees": [{"amount": 1.5}, {"amount": 2}]}]
