"""A small project that is right: every kind of relation, and an edit of its files in one place."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from flagbench.acceptance.django.case import ProjectCase, Projects
from flagbench.acceptance.prover import Texts
from flagbench.acceptance.sandbox.sandbox import Limits
from flagbench.scenario import erd

LIMITS = Limits()
SCAFFOLD = (
    Path(__file__).resolve().parents[2]
    / "generator"
    / "flagbench_generators"
    / "django_rest"
    / "scaffold"
)


def entity(name: str, fields: list[Any], *relations: Mapping[str, Any]) -> dict[str, Any]:
    """An entity in JSON; a field is its name and type, or a mapping."""
    told = [
        dict(zip(("name", "type"), one, strict=True)) if isinstance(one, tuple) else one
        for one in fields
    ]
    return {"name": name, "fields": told, "relations": list(relations)}


def relation(name: str, to: str, kind: str = "foreign_key", **more: Any) -> dict[str, Any]:
    """A relation in JSON."""
    return {"name": name, "to": to, "kind": kind, **more}


LIBRARY: dict[str, Any] = {
    "name": "library",
    "entities": [
        entity("Author", [("name", "string"), {"name": "born", "type": "date", "null": True}]),
        entity("Tag", [{"name": "label", "type": "string", "max_length": 9, "unique": True}]),
        entity(
            "Book",
            [
                {"name": "title", "type": "string", "max_length": 40},
                {"name": "pages", "type": "integer", "default": 7},
                {"name": "genre", "type": "string", "max_length": 9, "choices": ["novel", "poem"]},
                {"name": "price", "type": "decimal", "max_digits": 5, "decimal_places": 2},
            ],
            relation("author", "Author", on_delete="protect"),
            relation("sequel_of", "Book", null=True, on_delete="set_null"),
            relation("tags", "Tag", "many_to_many"),
        ),
        entity(
            "Reader",
            [("email", "email")],
            relation("books", "Book", "many_to_many", through="Loan"),
        ),
        entity(
            "Loan", [("due_at", "datetime")], relation("reader", "Reader"), relation("book", "Book")
        ),
        entity("Card", [("number", "uuid")], relation("reader", "Reader", "one_to_one")),
    ],
}

MODELS = '''"""Models."""

from django.db import models


class Base(models.Model):
    """Rows by id."""

    class Meta:
        abstract = True
        ordering = ["id"]

    def __str__(self):
        return f"Row {self.pk}"


class Author(Base):
    """Who writes."""

    name = models.CharField(max_length=255)
    born = models.DateField(null=True, blank=True)


class Tag(Base):
    """What it is about."""

    label = models.CharField(max_length=9, unique=True)


class Book(Base):
    """What is read."""

    title = models.CharField(max_length=40)
    pages = models.IntegerField(default=7)
    genre = models.CharField(
        max_length=9, choices=[("novel", "Novel"), ("poem", "Poem")]
    )
    price = models.DecimalField(max_digits=5, decimal_places=2)
    author = models.ForeignKey(Author, on_delete=models.PROTECT)
    sequel_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL
    )
    tags = models.ManyToManyField(Tag, blank=True)


class Reader(Base):
    """Who reads."""

    email = models.EmailField()
    books = models.ManyToManyField(Book, through="Loan")


class Loan(Base):
    """What is read by whom."""

    due_at = models.DateTimeField()
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE)
    book = models.ForeignKey(Book, on_delete=models.CASCADE)


class Card(Base):
    """What a reader shows."""

    number = models.UUIDField()
    reader = models.OneToOneField(Reader, on_delete=models.CASCADE)
'''
SERIALIZERS = '''"""Serializers."""

from rest_framework import serializers

from api import models


class AuthorSerializer(serializers.ModelSerializer):
    """Author."""

    class Meta:
        model = models.Author
        fields = ["id", "name", "born"]


class TagSerializer(serializers.ModelSerializer):
    """Tag."""

    class Meta:
        model = models.Tag
        fields = ["id", "label"]


class BookSerializer(serializers.ModelSerializer):
    """Book."""

    class Meta:
        model = models.Book
        fields = ["id", "title", "pages", "genre", "price"] + [
            "author",
            "sequel_of",
            "tags",
        ]


class ReaderSerializer(serializers.ModelSerializer):
    """Reader."""

    class Meta:
        model = models.Reader
        fields = ["id", "email", "books"]
        read_only_fields = ["books"]


class LoanSerializer(serializers.ModelSerializer):
    """Loan."""

    class Meta:
        model = models.Loan
        fields = ["id", "due_at", "reader", "book"]


class CardSerializer(serializers.ModelSerializer):
    """Card."""

    class Meta:
        model = models.Card
        fields = ["id", "number", "reader"]
'''
VIEWS = '''"""Views."""

from django.db.models import ProtectedError
from rest_framework import exceptions, viewsets

from api import models, serializers
from api.auth import ModelPermissions


class Base(viewsets.ModelViewSet):
    """Whatever there is."""

    permission_classes = [ModelPermissions]

    def perform_destroy(self, instance):
        """Delete what nobody needs."""
        try:
            instance.delete()
        except ProtectedError as error:
            raise exceptions.ValidationError("It is needed.") from error


class AuthorViewSet(Base):
    """Authors."""

    queryset = models.Author.objects.all()
    serializer_class = serializers.AuthorSerializer


class TagViewSet(Base):
    """Tags."""

    queryset = models.Tag.objects.all()
    serializer_class = serializers.TagSerializer


class BookViewSet(Base):
    """Books."""

    queryset = models.Book.objects.all()
    serializer_class = serializers.BookSerializer


class ReaderViewSet(Base):
    """Readers."""

    queryset = models.Reader.objects.all()
    serializer_class = serializers.ReaderSerializer


class LoanViewSet(Base):
    """Loans."""

    queryset = models.Loan.objects.all()
    serializer_class = serializers.LoanSerializer


class CardViewSet(Base):
    """Cards."""

    queryset = models.Card.objects.all()
    serializer_class = serializers.CardSerializer
'''
URLS = '''"""Addresses."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import views

router = DefaultRouter()
router.register("authors", views.AuthorViewSet)
router.register("tags", views.TagViewSet)
router.register("books", views.BookViewSet)
router.register("readers", views.ReaderViewSet)
router.register("loans", views.LoanViewSet)
router.register("cards", views.CardViewSet)

urlpatterns = [path("auth/", include("api.auth")), *router.urls]
'''
AUTH = '''"""Accounts."""

from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.permissions import DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading needs a permission, too."""

    perms_map = {
        **DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }


urlpatterns = [
    path("token/", obtain_auth_token),
    path("session/", include("rest_framework.urls")),
]
'''
FILES = {
    "api/models.py": MODELS,
    "api/serializers.py": SERIALIZERS,
    "api/views.py": VIEWS,
    "api/urls.py": URLS,
    "api/auth.py": AUTH,
}


def scaffold() -> dict[str, str]:
    """The files around."""
    return {
        path.relative_to(SCAFFOLD).as_posix(): path.read_text()
        for path in sorted(SCAFFOLD.rglob("*"))
        if path.suffix in (".py", ".txt")
    }


def case(document: Mapping[str, Any] = LIBRARY) -> ProjectCase:
    """The case of the project."""
    return Projects(scaffold()).case(erd.Erd.model_validate(document), FILES)


def edited(path: str, old: str, new: str) -> ProjectCase:
    """The case with one place of a file written anew."""
    right = case()
    assert right.files[path].count(old) == 1, f"{old!r} does not stand there once"
    return replace(right, files={**right.files, path: right.files[path].replace(old, new)})


def longer(path: str, lines: str) -> ProjectCase:
    """The case with more lines at the end of a file."""
    right = case()
    return replace(right, files={**right.files, path: f"{right.files[path]}\n\n{lines}\n"})


def clean(one: ProjectCase) -> Texts:
    """Its texts are known to be clean, so that only what they do is judged."""
    return {(path, one.files[path], names): None for path, names in one.texts.items()}
