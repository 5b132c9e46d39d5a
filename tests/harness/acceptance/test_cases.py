"""Files become cases in the application that they belong to."""

from typing import Any

import pytest

from flagbench.acceptance.cases import Application, final_cases
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.proof import Case
from flagbench.scenario.erd import Erd
from flagbench.scenario.specification import Entity

TAG = {"name": "Tag", "fields": [{"name": "label", "type": "string"}]}
SCAFFOLD = {"app/main.py": "main", "tests/conftest.py": "conftest"}


def entity(name: str, *targets: str, **attributes: str) -> Entity:
    """An entity that points at others."""
    relations = {one.lower(): {"kind": "many_to_one", "target": one} for one in targets}
    parts: dict[str, Any] = {"attributes": {"label": "string", **attributes}}
    return Entity.model_validate({"entity": name, "relations": relations, **parts})


def files(module: str, text: str = "x") -> dict[str, str]:
    """The four files of an entity."""
    return {
        f"app/schemas/{module}.py": f"{text} schema",
        f"app/routes/{module}.py": f"{text} routes",
        f"app/pages/{module}.py": f"{text} page",
        f"tests/test_{module}.py": f"{text} tests",
    }


def test_each_kind_has_the_files_that_it_needs_around_it() -> None:
    """A page's application has no tests, a schema's no routes; targets have their schemas, and
    for tests their routes too.
    """
    application = Application(SCAFFOLD)
    list(application.after(entity("Tag"), files("tag")))
    made = dict(application.after(entity("Book", "Tag"), files("book")))
    schemas, book = ["app/schemas/tag.py"], "app/schemas/book.py"
    routes, page, tests = "app/routes/book.py", "app/pages/book.py", "tests/test_book.py"
    around = {
        book: [book, *schemas],
        routes: [book, routes, *schemas],
        page: [book, routes, page, *schemas],
        tests: [book, routes, tests, "app/routes/tag.py", *schemas],
    }
    assert list(made) == list(around)
    for path, wanted in around.items():
        case = made[path]
        assert case is not None
        assert set(case.files) == {*SCAFFOLD, *wanted}
        assert (case.path, case.entity.entity, case.before) == (path, "Book", None)
        assert [one.entity for one in case.related] == ["Tag"]
    kinds = ["sqlite-schema", "fastapi-routes", "streamlit-page", "pytest-tests"]
    assert [case.kind for case in made.values() if case] == kinds


def test_other_entities_are_not_around() -> None:
    """A fault in one that nothing points at refutes no other."""
    application = Application(SCAFFOLD)
    list(application.after(entity("Other"), files("other")))
    for _, case in application.after(entity("Book"), files("book")):
        assert case is not None
        assert not any("other" in path for path in case.files)


def test_an_entity_is_proven_against_what_it_was_before() -> None:
    """In its last state, not in its first one."""
    application = Application(SCAFFOLD)
    first, second = entity("Book"), entity("Book", pages="integer")
    third = entity("Book", pages="integer", isbn="string")
    befores = []
    for one in (first, second, third):
        for path, case in application.after(one, files("book", one.model_dump_json())):
            if path == "app/schemas/book.py" and case is not None:
                befores.append(case.before)
    assert befores == [None, first, second]


def test_what_was_made_earlier_stays_and_what_is_empty_is_not_made() -> None:
    """Blanks are no file."""
    application = Application(SCAFFOLD)
    list(application.after(entity("Book"), files("book", "old")))
    made = {**files("book", "new"), "app/schemas/book.py": " \n\t"}
    told = dict(application.after(entity("Book", pages="integer"), made))
    assert told["app/schemas/book.py"] is None
    routes = told["app/routes/book.py"]
    assert routes is not None
    assert routes.files["app/schemas/book.py"] == "old schema"
    assert routes.files["app/routes/book.py"] == "new routes"


def test_a_file_of_the_scaffold_may_be_generated_too() -> None:
    """The generated one stands in its place only where a kind needs it."""
    application = Application({**SCAFFOLD, "app/schemas/book.py": "scaffold"})
    made = dict(application.after(entity("Book"), {**files("book"), "app/main.py": "evil"}))
    case = made["app/schemas/book.py"]
    assert case is not None
    assert case.files["app/schemas/book.py"] == "x schema"
    assert case.files["app/main.py"] == "main"


def test_a_target_that_nobody_expects_is_told() -> None:
    """Its table could not be there."""
    with pytest.raises(ValueError, match="Book points at Tag"):
        list(Application(SCAFFOLD).after(entity("Book", "Tag"), files("book")))


def test_what_the_last_request_leaves_can_be_proven_file_by_file() -> None:
    """Every entity's as it then is, against what it was before; of projects, the last one."""
    small, large = entity("Tag"), entity("Tag", colour="string")
    cases = final_cases([small, entity("Book", "Tag"), large], SCAFFOLD)
    left = files("tag") | files("book")
    assert set(cases) == set(left)
    case = cases["app/schemas/tag.py"](left)
    assert isinstance(case, Case)
    assert (case.entity, case.before) == (large, small)
    book = cases["app/routes/book.py"](left)
    assert isinstance(book, Case)
    assert (book.related, book.before) == ((large,), None)
    erds = [Erd.model_validate({"name": name, "entities": [TAG]}) for name in ("first", "last")]
    projects = final_cases(erds, {"manage.py": "manage"})
    made = dict.fromkeys(FILES, "x")
    assert set(projects) == set(FILES)
    project = projects["api/views.py"](made)
    assert (project.expected["name"], dict(project.files)) == (
        "last",
        made | {"manage.py": "manage"},
    )
    assert final_cases([], SCAFFOLD) == {}
