"""A generated project in the sandbox: set up, checked, migrated, looked at, asked over its API."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.urls.converters import StringConverter, register_converter
from django.urls.resolvers import RegexPattern, RoutePattern

from flagbench.acceptance.django.probe_client import Project
from flagbench.acceptance.probe import django_project
from flagbench.acceptance.sandbox.sandbox import Raised

SCAFFOLD = (
    Path(__file__).resolve().parents[4]
    / "generator"
    / "flagbench_generators"
    / "django_rest"
    / "scaffold"
)
MODELS = """
from django.db import models


class Author(models.Model):
    name = models.CharField(max_length=9)

    class Meta:
        ordering = ["-name"]

    def __str__(self):
        return f"by {self.name}"


class Book(models.Model):
    pages = models.IntegerField(unique=True)
    authors = models.ManyToManyField(Author, related_name="books")
    readers = models.ManyToManyField("Reader", through="Loan")


class Reader(models.Model):
    pass


class Loan(models.Model):
    book = models.ForeignKey(Book, on_delete=models.CASCADE)
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
"""
VIEWS = """
from rest_framework import permissions, serializers, viewsets

from api import models


class AuthorSerializer(serializers.ModelSerializer):
    class Meta:
        model = models.Author
        fields = ["id", "name"]


class AuthorViewSet(viewsets.ModelViewSet):
    queryset = models.Author.objects.all()
    serializer_class = AuthorSerializer
    permission_classes = [permissions.DjangoModelPermissions]

    def perform_destroy(self, instance):
        raise KeyError("no delete")
"""
URLS = """
from django.http import HttpResponse
from django.urls import path
from rest_framework.routers import DefaultRouter

from api import views

router = DefaultRouter()
router.register("authors", views.AuthorViewSet)
urlpatterns = [*router.urls, path("text", lambda request: HttpResponse("é" * 900))]
"""
Begin = Callable[..., Any]
Started = Callable[..., Any]


@pytest.fixture
def started(begin: Begin) -> Started:
    """Begins a project with the scaffold's files and these."""

    @contextmanager
    def start(changed: Mapping[str, str] | None = None) -> Iterator[Project]:
        around = {
            path.relative_to(SCAFFOLD).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(SCAFFOLD.rglob("*.py"))
        }
        own = {"api/models.py": MODELS, "api/views.py": VIEWS, "api/urls.py": URLS}
        with begin({**around, **own, **(changed or {})}) as probe:
            yield Project(probe)

    return start


@pytest.fixture
def served(started: Started) -> Started:
    """The same, migrated and served to an editor of authors and to a guest."""

    @contextmanager
    def start() -> Iterator[Project]:
        with started() as project:
            project.check()
            project.migrations()
            project.migrate()
            project.serve({"editor": ["add_author", "delete_author"], "guest": []})
            yield project

    return start


def test_a_right_project_has_nothing_to_tell(started: Started) -> None:
    """Neither Django's checks nor a second makemigrations."""
    with started() as project:
        assert project.check() == []
        told = project.migrations()
        assert (told.made, told.changes) == (["0001_initial.py"], [])
        project.migrate()
        assert project.database.query('SELECT count(*) AS n FROM "api_book"') == [{"n": 0}]


def test_checks_tell_the_worst_first(started: Started) -> None:
    """With their level, id and what they are about."""
    # Django finds them in the order of the models, the warning first.
    wrong = MODELS.replace("CharField(max", "IntegerField(max")
    wrong = wrong.replace("    pass\n", "    class Meta:\n        ordering = ['nothing']\n")
    with started({"api/models.py": wrong}) as project:
        told = [(one.level, one.id, one.about) for one in project.check()]
    assert told == [(40, "models.E015", "Reader"), (30, "fields.W122", "api.Author.name")]


def test_a_project_that_does_not_start_raises(started: Started) -> None:
    """As its own code did."""
    with started({"api/views.py": "import nothing"}) as project, pytest.raises(Raised) as raised:
        project.check()
    assert "nothing" in str(raised.value)


def test_models_that_change_by_themselves_need_new_migrations(started: Started) -> None:
    """A default that is another one at each import would be migrated for ever."""
    models = MODELS.replace("unique=True", "default=uuid.uuid4().int % 10**9")
    with started({"api/models.py": f"import uuid\n{models}"}) as project:
        project.check()
        assert project.migrations().changes == ["Alter field pages on book"]
        assert set(project.models) == {"Author", "Book", "Reader", "Loan"}


def test_models_are_told_as_they_are(started: Started) -> None:
    """Tables, those of many-to-many and their columns, order, and whether rows tell themselves."""
    with started() as project:
        project.check()
        author, book = project.models["Author"], project.models["Book"]
    assert (author.table, author.ordering, author.has_own_str) == ("api_author", ["-name"], True)
    assert (book.table, book.ordering, book.has_own_str) == ("api_book", [], False)
    authors, readers = book.join_tables["authors"], book.join_tables["readers"]
    assert (authors.table, authors.own, authors.other) == (
        "api_book_authors", "book_id", "author_id",
    )  # fmt: skip
    assert (authors.through, readers.through, readers.table) == (None, "Loan", "api_loan")


def test_a_row_in_words_and_one_that_is_refused(served: Started) -> None:
    """By the model's own validation; uniqueness is the database's matter."""
    with served() as project:
        made = project.request("POST", "/api/authors/", {"name": "Ada"}, None, "editor")
        assert project.display("Author", made.body["id"]) == "by Ada"
        assert set(project.validation_errors("Author", {"name": "x" * 10})) == {"name"}
        assert project.validation_errors("Author", {"name": "Bo"}) == {}


def test_requests_of_accounts_and_of_nobody(served: Started) -> None:
    """Status, and JSON, the beginning of a text, or nothing."""
    with served() as project:
        path = "/api/authors/"
        assert project.request("GET", path, None, None).status == 401
        assert project.request("POST", path, {"name": "Bo"}, None, "guest").status == 403
        made = project.request("POST", path, {"name": "Bo"}, None, "editor")
        assert (made.status, made.body["name"], made.raised) == (201, "Bo", "")
        assert project.request("GET", path, None, "no token", None).status == 401
        text = project.request("GET", "/api/text", None, None)
        assert (text.status, text.body) == (200, "é" * 500)


def test_what_the_project_lets_out_is_told_with_its_place(served: Started) -> None:
    """In its own files, not in a library's; the next request has nothing of it."""
    with served() as project:
        made = project.request("POST", "/api/authors/", {"name": "Ada"}, None, "editor")
        row = f"/api/authors/{made.body['id']}/"
        broken = project.request("DELETE", row, None, None, "editor")
        line = VIEWS.splitlines().index('        raise KeyError("no delete")') + 1
        told = f"KeyError: 'no delete' (api/views.py line {line})"
        assert (broken.status, broken.raised) == (500, told)
        assert project.request("GET", row, None, None, "editor").raised == ""


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("import hashlib\n\nX = hashlib.md5(b'')\n", ["line 3: Use of weak MD5 hash"]),
        ("import os\n\nos.system('ls ' + X)  # nosec\n", ["line 3: Starting a process with a sh"]),
        ("PASSWORD = 'hunter2'\n", []),
        ("def broken(:\n", ["bandit could not read the file"]),
    ],
)
def test_dangers_are_findings_of_high_severity(begin: Begin, text: str, told: list[str]) -> None:
    """With their lines; a comment excuses nothing."""
    with begin({"api/auth.py": text}) as probe:
        found = probe.bandit_findings("api/auth.py")
    assert len(found) == len(told)
    assert all(one.startswith(words) for one, words in zip(found, told, strict=True))


class Suffix(StringConverter):
    """As a router's, which has the dot in it."""

    regex = r"\.[a-z0-9]+/?"


register_converter(Suffix, "suffix")


@pytest.mark.parametrize(
    ("pattern", "address"),
    [
        (RoutePattern("tags/<int:pk>/<slug>/"), "tags/1/1/"),
        (RoutePattern("<uuid:one>/"), "00000000-0000-0000-0000-000000000000/"),
        (RoutePattern("<suffix:format>"), ".json"),
        (RegexPattern(r"^tags/(?P<pk>[^/.]+)/$"), "tags/1/"),
        (RegexPattern(r"^tags\.(?P<format>[a-z0-9]+)/?$"), "tags.json"),
        (RegexPattern(r"^old/(\d+)/$"), "old/1/"),
    ],
    ids=str,
)
def test_an_address_has_a_sample_for_what_varies(pattern: Any, address: str) -> None:
    """One that its converter takes."""
    assert django_project._address(pattern, "1") == address
