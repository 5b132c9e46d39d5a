"""The ERD of a library, and files of good Django projects of it in several styles."""

from flagbench_generators.django_rest.erd import Erd

LIBRARY = Erd.model_validate(
    {
        "name": "library",
        "entities": [
            {
                "name": "Author",
                "fields": [
                    {"name": "name", "type": "string", "max_length": 120},
                    {"name": "born_on", "type": "date", "null": True},
                ],
                "relations": [{"name": "mentors", "kind": "many_to_many", "to": "Author"}],
            },
            {
                "name": "Book",
                "fields": [
                    {"name": "isbn", "type": "string", "max_length": 13, "unique": True},
                    {
                        "name": "genre",
                        "type": "string",
                        "max_length": 20,
                        "choices": ["novel", "poetry"],
                        "default": "novel",
                    },
                    {"name": "pages", "type": "integer"},
                ],
                "relations": [
                    {"name": "author", "kind": "foreign_key", "to": "Author"},
                    {
                        "name": "sequel_of",
                        "kind": "foreign_key",
                        "to": "Book",
                        "null": True,
                        "on_delete": "set_null",
                    },
                    {
                        "name": "readers",
                        "kind": "many_to_many",
                        "to": "Reader",
                        "through": "Loan",
                    },
                ],
            },
            {
                "name": "Reader",
                "fields": [{"name": "email", "type": "email", "unique": True}],
                "relations": [{"name": "mentor", "kind": "one_to_one", "to": "Author"}],
            },
            {
                "name": "Loan",
                "fields": [{"name": "due_on", "type": "date"}],
                "relations": [
                    {"name": "book", "kind": "foreign_key", "to": "Book"},
                    {"name": "reader", "kind": "foreign_key", "to": "Reader"},
                ],
            },
        ],
    }
)

MODELS = '''"""Tables of the library."""

from __future__ import annotations

from django.db import models
from django.db.models import CharField, IntegerField


class Stored(models.Model):
    """What all models have."""

    class Meta:
        abstract = True
        ordering = ("id",)


class Author(Stored):
    """Somebody who writes: books, mostly."""

    name: CharField = CharField("full name", max_length=120)
    born_on = models.DateField(blank=True, null=True, help_text="Day (UTC).")
    mentors = models.ManyToManyField(
        to="self", blank=True, symmetrical=False, related_name="pupils"
    )

    def __str__(self):
        return self.name


class Book(Stored):
    """A book."""

    class Genre(models.TextChoices):
        NOVEL = "novel", "Novel"
        POETRY = "poetry", "Poetry"

    isbn = CharField(max_length=13)
    genre = CharField(
        max_length=20, choices=Genre.choices, default=Genre.NOVEL
    )
    pages = IntegerField(verbose_name="number of pages")
    author = models.ForeignKey(Author, models.CASCADE, related_name="books")
    sequel_of = models.ForeignKey(
        "api.Book",
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="sequels",
    )
    readers = models.ManyToManyField(
        "Reader", blank=True, through="Loan", related_name="books"
    )

    class Meta(Stored.Meta):
        constraints = [
            models.UniqueConstraint(fields=["isbn"], name="one_isbn"),
        ]

    def __str__(self):
        return f"{self.isbn}"


class Reader(models.Model):
    """Somebody who reads."""

    email = models.EmailField("e-mail", unique=True)
    mentor = models.OneToOneField(
        Author, on_delete=models.CASCADE, related_name="reader"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.email


class Loan(models.Model):
    """A book at somebody's home."""

    due_on = models.DateField()
    book = models.ForeignKey(
        Book, on_delete=models.CASCADE, related_name="loans"
    )
    reader = models.ForeignKey(
        Reader, on_delete=models.CASCADE, related_name="loans"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.book} {self.reader}"
'''
SERIALIZERS = '''"""JSON."""

from rest_framework.serializers import ModelSerializer, PrimaryKeyRelatedField

from .models import Author, Book, Loan, Reader

BASE_FIELDS = ("id",)


class AuthorSerializer(ModelSerializer):
    """Authors."""

    class Meta:
        model = Author
        fields = ("id", "name", "born_on", "mentors")
        extra_kwargs = {"mentors": {"required": False}}


class BookSerializer(ModelSerializer):
    """Books."""

    readers = PrimaryKeyRelatedField(many=True, read_only=True)

    class Meta:
        model = Book
        fields = (
            "id",
            "isbn",
            "genre",
            "pages",
            "author",
            "sequel_of",
            "readers",
        )


class ReaderSerializer(ModelSerializer):
    """Readers."""

    class Meta:
        model = Reader
        fields = [*BASE_FIELDS, "id", "email", "mentor"]


class LoanSerializer(ModelSerializer):
    """Loans."""

    class Meta:
        fields = ["id", "due_on", "book", "reader"]
        model = Loan
'''
VIEWS = '''"""Views."""

from rest_framework.viewsets import ModelViewSet

from .auth import ModelPermissions
from .models import Author, Book, Loan, Reader
from .serializers import (
    AuthorSerializer,
    BookSerializer,
    LoanSerializer,
    ReaderSerializer,
)


class AuthorViewSet(ModelViewSet):
    """Authors."""

    permission_classes = (ModelPermissions,)
    serializer_class = AuthorSerializer
    queryset = Author.objects.prefetch_related("mentors").all()


class BookViewSet(ModelViewSet):
    """Books."""

    queryset = Book.objects.select_related(
        "author", "sequel_of"
    ).prefetch_related("readers")
    serializer_class = BookSerializer
    permission_classes = [ModelPermissions]


class ReaderViewSet(ModelViewSet):
    """Readers."""

    queryset = (
        Reader.objects.all()
        .order_by("id")
        .select_related("mentor")
    )
    serializer_class = ReaderSerializer
    permission_classes = [ModelPermissions]

    def destroy(self, request, *args, **kwargs):
        """Count, then delete."""
        return super().destroy(request, *args, **kwargs)


class LoanViewSet(ModelViewSet):
    """Loans."""

    queryset = Loan.objects.select_related("book", "reader").all()
    serializer_class = LoanSerializer
    permission_classes = [ModelPermissions]
'''
BASED_VIEWS = (
    VIEWS.replace("    permission_classes = [ModelPermissions]\n", "")
    .replace("    permission_classes = (ModelPermissions,)\n", "")
    .replace("(ModelViewSet):", "(PermittedViewSet):")
    .replace(
        "\n\nclass AuthorViewSet",
        '\n\nclass PermittedViewSet(ModelViewSet):\n    """What needs permission."""\n\n'
        "    permission_classes = [ModelPermissions]\n\n\nclass AuthorViewSet",
        1,
    )
)
ROUTER = '''"""Routes."""

from django.urls import include, path
from rest_framework import routers

from . import views

router: routers.DefaultRouter = routers.DefaultRouter()
router.register(r"authors", views.AuthorViewSet, basename="author")
router.register(prefix="books", viewset=views.BookViewSet)
router.register("readers", views.ReaderViewSet)
router.register("loans", views.LoanViewSet)

urlpatterns: list = [path("auth/", include("api.auth")), *router.urls]
'''
LOOPED_ROUTER = '''"""Routes."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import auth
from api.views import AuthorViewSet, BookViewSet, LoanViewSet, ReaderViewSet

router = DefaultRouter()
for route, view_set in {
    "authors": AuthorViewSet,
    "books": BookViewSet,
    "readers": ReaderViewSet,
    "loans": LoanViewSet,
}.items():
    router.register(route, view_set)

urlpatterns = [
    path("auth/", include(auth.urlpatterns)),
    path("", include(router.urls)),
]
'''
AUTH = '''"""Permissions."""

from django.urls import include, path
from rest_framework import permissions
from rest_framework.authtoken import views


class ModelPermissions(permissions.DjangoModelPermissions):
    """To read needs permission, too."""

    perms_map = {
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "OPTIONS": [],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
        "POST": ["%(app_label)s.add_%(model_name)s"],
        "PUT": ["%(app_label)s.change_%(model_name)s"],
        "PATCH": ["%(app_label)s.change_%(model_name)s"],
        "DELETE": ["%(app_label)s.delete_%(model_name)s"],
    }

    def has_permission(self, request, view):
        """Whether the user may."""
        if not request.user.is_authenticated:
            return False
        return super().has_permission(request, view)


urlpatterns = [
    path("token/", views.ObtainAuthToken.as_view(), name="token"),
    path("session/", include("rest_framework.urls", namespace="session")),
]
'''
COPIED_AUTH = AUTH.replace(
    AUTH[AUTH.index("    perms_map = {") : AUTH.index("    def has_permission")],
    """    def __init__(self):
        self.perms_map = copy.deepcopy(self.perms_map)
        self.perms_map["GET"] = ["%(app_label)s.view_%(model_name)s"]
        self.perms_map["HEAD"] = self.perms_map["GET"]

""",
).replace("from django.urls", "import copy\n\nfrom django.urls")
ASKING_AUTH = AUTH.replace(
    AUTH[AUTH.index("    perms_map = {") : AUTH.index("    def has_permission")],
    '''    def get_required_permissions(self, method, model_cls):
        """What the user needs."""
        if method in ("GET", "HEAD"):
            return [f"api.view_{model_cls._meta.model_name}"]
        return super().get_required_permissions(method, model_cls)

''',
)
GOOD = {
    "models": {"base class": MODELS},
    "serializers": {"imported names": SERIALIZERS},
    "views": {"a permission in each": VIEWS, "a base class": BASED_VIEWS},
    "router": {"lines": ROUTER, "a loop": LOOPED_ROUTER},
    "auth": {"a map": AUTH, "a changed copy": COPIED_AUTH, "a method": ASKING_AUTH},
}
