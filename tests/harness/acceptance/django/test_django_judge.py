"""A right project is accepted; each thing that can be wrong in it is told, with file and entity."""

from collections.abc import Callable

import pytest
from broken_project import MADE, URLS, VIEWS, WRONG, Edit, action, field
from sampled import sampled
from small_project import LIBRARY, SERIALIZERS, case, edited, longer

from flagbench.acceptance.django.case import ProjectCase
from flagbench.acceptance.django.judge import CHECKS
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.kinds import TEXT_CHECKS
from flagbench.acceptance.proof import Proof
from flagbench.acceptance.prover import judge_case
from flagbench.acceptance.sandbox.sandbox import Sandbox

Prove = Callable[[ProjectCase], Proof]
ACCEPTED = Proof(figures={"contract": (6, 6)})


def test_a_right_project_is_accepted(projects: Sandbox) -> None:
    """With its texts' checks; the figure tells that every entity keeps its contract."""
    assert judge_case(case(), projects, {}) == ACCEPTED


@pytest.mark.parametrize(
    ("check", "edit", "words"),
    sampled(
        (
            pytest.param(check, edit, words, id=f"{check}: {what}")
            for check, cases in WRONG.items()
            for what, (edit, words) in cases.items()
        ),
        16,
    ),
)
def test_what_is_wrong_is_told(check: str, edit: Edit, words: str, prove: Prove) -> None:
    """By the check, and in a message that begins with the file at fault, which the proof names."""
    told = prove(edited(*edit))
    assert (told.check, words in told.message) == (check, True), told.message
    assert told.message.startswith(f"{told.path}: ")
    assert told.path in FILES


WRAPPED = '''
def wrapped(error, context):
    """Errors under one key."""
    from rest_framework.views import exception_handler

    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = {"error": str(answer.data)}
    return answer


viewsets.ModelViewSet.get_exception_handler = lambda self: wrapped
'''
PAGES = """
from rest_framework.pagination import PageNumberPagination as Pages


class Small(Pages):
    page_size = 2


Base.pagination_class = Small
"""
RIGHT = {
    # The ERD does not ask for it; it is nobody's harm.
    "an action for those who may read": edited(*action(["get", "post"], who="ModelPermissions")),
    # An answer that does not name the fields is asked for each of them alone.
    "errors in another form": longer(VIEWS, WRAPPED.strip()),
    # A row may be on any of them.
    "pages": longer(VIEWS, PAGES.strip()),
    "no pages": longer(VIEWS, "Base.pagination_class = None"),
}


@pytest.mark.parametrize("project", RIGHT.values(), ids=RIGHT)
def test_what_the_erd_leaves_open_is_right(project: ProjectCase, prove: Prove) -> None:
    """Every entity keeps its contract."""
    assert prove(project) == ACCEPTED


def test_every_check_is_red_once() -> None:
    """Those of the text and bandit have a test of their own."""
    assert set(WRONG) == set(CHECKS) - {"bandit"}


TEXTS = {
    "parses": (URLS, "router = DefaultRouter()", "router = DefaultRouter("),
    "flake8": (VIEWS, "import exceptions, viewsets", "import exceptions, status, viewsets"),
    "black": (URLS, '"tags"', "'tags'"),
    "bandit": (
        MADE, SERIALIZERS, f"{SERIALIZERS}\n\ndef digest(text):\n"
        '    """Short."""\n    import hashlib\n\n    return hashlib.md5(text)\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize(("check", "edit"), TEXTS.items(), ids=TEXTS)
def test_each_text_is_looked_at_before_it_runs(check: str, edit: Edit, projects: Sandbox) -> None:
    """The proof names the file."""
    told = judge_case(edited(*edit), projects, {})
    assert (told.check, told.path) == (check, edit[0])
    assert check in (*TEXT_CHECKS, *CHECKS)


def test_no_comment_excuses_a_danger(prove: Prove) -> None:
    """Bandit would leave out a line that says `nosec`."""
    lines = "def run(command):\n    import subprocess\n\n"
    call = "    return subprocess.call(command, shell=True)  # nosec"
    told = prove(longer(VIEWS, lines + call))
    assert (told.check, told.path) == ("bandit", VIEWS)
    assert "shell=True" in told.message


def test_a_project_that_is_partly_right_is_told(prove: Prove) -> None:
    """The figure counts the entities that keep their contract, and the first finding is told."""
    told = prove(edited(MADE, '"id", "number", "reader"', '"id", "reader"'))
    assert (told.check, told.figures["contract"]) == ("create", (5, 6))
    told = prove(edited(MADE, '"id", "name", "born"', '"id", "born"'))
    assert "POST /api/authors/" in told.message
    # Books need an author; readers and their loans need a book.
    assert told.figures["contract"] == (2, 6)


def test_a_default_of_about_today_is_right_where_it_is_asked_for(prove: Prove) -> None:
    """Django warns of it, since most people mean the day on which a row is made."""
    from datetime import UTC, datetime

    today = datetime.now(UTC).date().isoformat()
    entities = [dict(one) for one in LIBRARY["entities"]]
    entities[0]["fields"] = [{"name": "name", "type": "string"},
                             {"name": "born", "type": "date", "default": today}]  # fmt: skip
    line = f'models.DateField(default=__import__("datetime").date.fromisoformat("{today}"))'
    wrong = edited(*field("born", line))
    asked = case({**LIBRARY, "entities": entities})
    right = ProjectCase(asked.erd, wrong.files)
    assert prove(right).check == ""
    assert prove(wrong).check == "check"
