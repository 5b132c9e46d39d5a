"""Answers of another form are the project's fault; what is said of a right form."""

from pathlib import Path
from typing import Any

import pytest
from scripted_child import ScriptedChild, probe_client
from small_project import LIBRARY, case

from flagbench.acceptance.django.judge import judge
from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.django.rest_api import Api, differences, refutation
from flagbench.acceptance.probe_client import HttpAnswer
from flagbench.acceptance.proof import Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised
from flagbench.acceptance.selection import ALL
from flagbench.scenario.erd import Erd

ERD = Erd.model_validate(LIBRARY)
NO_ANSWERS: list[Any] = [None, 3, "text", [3], {"status": 200}, {"level": "x"}]


def project(**scripts: Any) -> Project:
    """A project that answers as a test says: `check` stands for `project.check`."""
    child = ScriptedChild(**{f"project.{name}": one for name, one in scripts.items()})
    return Project(probe_client(child))


@pytest.mark.parametrize("answer", NO_ANSWERS)
@pytest.mark.parametrize("name", ["check", "migrations", "models", "validation_errors", "request"])
def test_answers_of_another_form_are_the_projects_fault(name: str, answer: Any) -> None:
    """No command believes them."""
    one = project(**{name: lambda **_: answer})
    asked = {
        "check": one.check,
        "migrations": one.migrations,
        "models": lambda: one.models,
        "validation_errors": lambda: one.validation_errors("Tag", {}),
        "request": lambda: one.request("GET", "/", None, None),
    }
    with pytest.raises(Misbehaved, match="does not match its schema"):
        asked[name]()


def test_models_are_asked_once() -> None:
    """They do not change."""
    told = [
        {
            "name": "Tag",
            "table": "api_tag",
            "join_tables": {},
            "ordering": ["id"],
            "has_own_str": True,
        }
    ]
    asked = []
    one = project(models=lambda: asked.append(1) or told)
    assert one.models["Tag"].table == one.models["Tag"].table == "api_tag"
    assert asked == [1]


class Scripted(Api):
    """An API that gives one answer."""

    def __init__(self, status: int, body: Any, raised: str = "") -> None:
        super().__init__(project(), ERD)
        self._answer = HttpAnswer(status=status, body=body, raised=raised)

    def ask(self, *_: Any, **__: Any) -> HttpAnswer:
        """The answer."""
        return self._answer


def message(api: Api, **holds: Any) -> tuple[str, str]:
    """The file at fault and the message of an answer that was to hold these values."""
    with pytest.raises(Refuted) as told:
        api.expect_row("create", "api/views.py", "POST", "/api/tags/", 201, {"label": "a"},
                       of=ERD.entity("Tag"), holds=holds)  # fmt: skip
    assert told.value.check == "create"
    return told.value.path, told.value.message


def test_another_status_is_told_with_what_was_sent() -> None:
    """And with the answer's text, or with the exception behind it."""
    path, told = message(Scripted(400, {"label": ["no"]}))
    assert path == "api/views.py"
    assert told == ("api/views.py: POST /api/tags/ answers 400 ({'label': ['no']}); "
                    "expected: 201; sent: {'label': 'a'}")  # fmt: skip
    path, told = message(Scripted(500, None, "KeyError: 'x' (api/serializers.py line 3)"))
    assert path == "api/serializers.py"
    assert "answers 500 (KeyError: 'x' (api/serializers.py line 3)); expected: 201" in told


@pytest.mark.parametrize("body", [None, [], "x", {}, {"id": "1"}, {"id": True}, {"id": None}])
def test_a_row_without_an_id_is_none(body: Any) -> None:
    """A number it must be."""
    assert "expected: an object with an id" in message(Scripted(201, body))[1]


def test_another_value_is_told() -> None:
    """A missing one is the serializer's fault."""
    path, told = message(Scripted(201, {"id": 1, "label": "b"}), label="a")
    assert path == "api/views.py"
    assert "Tag.label is 'b'; expected: 'a'" in told
    path, told = message(Scripted(201, {"id": 1}), label="a")
    assert path == "api/serializers.py"
    assert "Tag.label is not in the answer; expected: 'a'" in told


def test_relations_are_compared_by_their_kind() -> None:
    """Many in any order; one by its id and nothing like it."""
    book = ERD.entity("Book")
    assert differences(book, {"tags": [2, 1], "author": 3}, {"tags": [1, 2], "author": 3}) == []
    for tags in ([1], [1, 2, 2], None, "12", {"1": 2}):
        assert differences(book, {"tags": tags}, {"tags": [1, 2]}) == ["tags"]
    for author in ("3", True, None, 3.0, [3]):
        assert differences(book, {"author": author}, {"author": 3}) == ["author"]
    assert differences(book, {}, {"author": None}) == ["author"]


def test_an_exception_elsewhere_names_no_other_file() -> None:
    """Only one of the generated ones is at fault for what it raises."""
    told = HttpAnswer(status=500, body=None, raised="KeyError: 1 (api/apps.py line 3)")
    assert refutation("auth", "api/auth.py", "it broke", told).path == "api/auth.py"


def test_what_django_raises_is_told_with_the_projects_own_file() -> None:
    """The last one in the traceback; the models where it is none of them."""
    trace = 'File "/x/config/urls.py", line 5, in <module>\n File "/x/django/urls.py", line 9'

    def start() -> None:
        raise Raised("TypeError", "no", trace)

    def found(**scripts: Any) -> Refuted:
        child = ScriptedChild(**{"bandit_findings": lambda path: [], **scripts})
        figures: Figures = {}
        with pytest.raises(Refuted) as told:
            judge(case(), probe_client(child), figures, ALL)
        assert figures == {"contract": (0, 6)}
        return told.value

    first = found(**{"project.check": start})
    assert (first.check, first.path) == ("check", "config/urls.py")
    assert first.message.endswith("the project does not start: TypeError: no (line 5)")
    trace = f'File "{Path(__file__)}", line 1'
    assert found(**{"project.check": start}).path == "api/models.py"
    made = {"made": [], "changes": []}
    scripts = {"project.check": list, "project.migrations": lambda: made}
    assert "makemigrations writes no migration" in found(**scripts).message
    told = {"level": 30, "id": "urls.W005", "about": "?", "text": "twice"}
    assert found(**{"project.check": lambda: [told]}).path == "api/urls.py"
    quiet = {**told, "level": 20}
    scripts["project.check"] = lambda: [quiet]
    assert found(**scripts).check == "migrations"
