"""What a request makes becomes the case of a project."""

from dataclasses import replace

from small_project import FILES, LIBRARY, case

from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.proof_cache import key_of
from flagbench.scenario.erd import Erd

ERD = Erd.model_validate(LIBRARY)
AROUND = {"manage.py": "manage", "api/models.py": "an older one"}


def test_a_request_has_one_case() -> None:
    """Of the folder; what was made stands before what is around it."""
    ((path, made),) = Projects(AROUND).after(ERD, FILES)
    assert path == "api"
    assert made is not None
    assert made.files == {**AROUND, **FILES}
    assert list(made.texts) == list(FILES)
    assert (made.kind, made.erd) == ("django-project", ERD)


def test_a_file_that_is_missing_or_blank_makes_no_case() -> None:
    """Whichever it is."""
    for name in FILES:
        for text in ({}, {name: " \n"}):
            made = {**{path: one for path, one in FILES.items() if path != name}, **text}
            assert list(Projects(AROUND).after(ERD, made)) == [("api", None)]


def test_requests_are_projects_of_their_own() -> None:
    """Nothing is left of the one before."""
    projects = Projects(AROUND)
    list(projects.after(ERD, {**FILES, "api/more.py": "x"}))
    ((_, made),) = projects.after(ERD, FILES)
    assert made is not None
    assert "api/more.py" not in made.files


def test_migrations_that_are_there_do_not_count() -> None:
    """The judge makes them from the models."""
    files = {**FILES, "api/migrations/0001_initial.py": "x", "api/migrations/__init__.py": "y"}
    made = Projects({"api/migrations/__init__.py": ""}).case(ERD, files)
    assert made.files["api/migrations/__init__.py"] == ""
    assert "api/migrations/0001_initial.py" not in made.files


def test_a_proof_depends_on_the_erd_and_on_every_file() -> None:
    """The key of another project is another one."""
    right = case()
    other = replace(right, files={**right.files, "config/settings.py": "x"})
    less = {**LIBRARY, "entities": LIBRARY["entities"][:2]}
    keys = {key_of(right), key_of(other), key_of(case(less)), key_of(replace(right, kind="x"))}
    assert len(keys) == 4
    assert key_of(case()) == key_of(right)
