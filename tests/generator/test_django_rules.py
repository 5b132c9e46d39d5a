"""The rules of the Django pipeline: defects are caught, good code in several styles is not."""

import re
import time

import pytest
from django_examples import AWKWARD, GENERATOR, KINDS, SHOP, render

from generator.erd import Erd, read
from generator.formatting import formatted
from generator.pipeline import texts_of
from generator.pipelines.django import DJANGO
from generator.rest.project import Project
from generator.rest.quality import assess
from generator.rule import checks_for

RULES = texts_of(DJANGO).rules
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
GOOD = [
    ("models", MODELS),
    ("serializers", SERIALIZERS),
    ("views", VIEWS),
    ("views", BASED_VIEWS),
    ("router", ROUTER),
    ("router", LOOPED_ROUTER),
    ("auth", AUTH),
    ("auth", COPIED_AUTH),
    ("auth", ASKING_AUTH),
]
GOOD_BY_KIND = dict(reversed(GOOD))


def judge(kind: str, text: str, erd: Erd = LIBRARY) -> tuple[set[str], set[str]]:
    """The defects that the rules find, and the rules of good code that the text breaks."""
    found, missed = set(), set()
    for check in checks_for(RULES[kind], Project(erd)):
        matches = check.pattern.search(text) is not None
        if check.rule.kind == "forbidden" and matches:
            found.add(check.rule.id)
        if check.rule.kind == "required" and not matches:
            missed.add(check.rule.id)
    return found, missed


# kind, rule, what of the good sample is replaced (a regular expression, once), by what
DEFECTS = [
    ("models", "entity-left-out", r"class Loan\b", "class Lending"),
    ("models", "field-left-out", r"    due_on = .*?\n", "    pass\n"),
    ("models", "field-left-out", r"    email = ", "    mail = "),
    ("models", "relation-left-out", r"    reader = models.*?\n    \)\n", ""),
    ("models", "inherited-field-left-out", r"    pages = .*?\n", ""),
    ("models", "inherited-relation-left-out", r"    author = .*?\n", ""),
    ("models", "other-field-class", r"models\.DateField\(\)", "models.DateTimeField()"),
    ("models", "other-field-class", "IntegerField\\(verb", "PositiveIntegerField(verb"),
    ("models", "other-field-class", "models.EmailField", "CharField"),
    ("models", "null-left-out", ", null=True", ""),
    ("models", "blank-left-out", r"born_on = models.DateField\(blank=True, ", "born_on = D(("),
    ("models", "required-is-null", r"DateField\(\)", "DateField(null=True)"),
    ("models", "required-is-null", "verbose_name=", "null=True, verbose_name="),
    ("models", "required-is-blank", r"DateField\(\)", "DateField(blank=True)"),
    ("models", "unique-left-out", ", unique=True", ""),
    ("models", "unique-left-out", r'fields=\["isbn"\]', 'fields=["isbn", "genre"]'),
    ("models", "choices-left-out", "choices=Genre.choices, ", ""),
    ("models", "other-max-length", "max_length=13", "max_length=130"),
    ("models", "default-left-out", r",\s*default=Genre.NOVEL", ""),
    ("models", "relation-null-left-out", r"(\"api.Book\",\s*)null=True,", r"\1"),
    ("models", "other-on-delete", "models.SET_NULL", "models.CASCADE"),
    ("models", "other-through", r'through="Loan"', 'through="Reader"'),
    ("models", "foreign-key-of-other-kind", r"models.ForeignKey\(Auth", "OneToOneField(Auth"),
    ("models", "foreign-key-of-other-kind", r"models.ForeignKey\(\n        Book", "IntegerField("),
    ("models", "one-to-one-of-other-kind", "models.OneToOneField", "models.ForeignKey"),
    ("models", "many-to-many-of-other-kind", r"ManyToManyField\(\n        \"", 'ForeignKey("'),
    ("models", "other-target", r"ForeignKey\(\n        Book", "ForeignKey(Reader"),
    ("models", "other-target", r"ForeignKey\(\n        Book", 'ForeignKey("self"'),
    ("models", "other-target", r'"api.Book"', '"api.BookShelf"'),
    ("models", "other-target", r'to="self"', 'to="Reader"'),
    ("models", "foreign-key-without-on-delete", r"Author, models.CASCADE", "Author"),
    ("models", "one-to-one-without-on-delete", r"Author, on_delete=models.CASCADE", "Author"),
    ("models", "set-null-without-null", r'"api.Book",\n        null=True,', '"api.Book",'),
    ("models", "on-delete-of-no-erd", r"models\.CASCADE", "models.DO_NOTHING"),
    ("models", "on-delete-of-no-erd", r"models\.CASCADE", "models.SET(None)"),
    ("models", "many-to-many-null", r'"Reader", blank', '"Reader", null=True, blank'),
    ("models", "through-left-out", r' through="Loan",', ""),
    ("models", "symmetrical", " symmetrical=False,", ""),
    (
        "models",
        "clashing-reverse-names",
        r"    readers = .*?\n    \)\n",
        '    first = models.ForeignKey("Reader", on_delete=models.CASCADE)\n    n = 1\n'
        '    last = models.ForeignKey(\n        "api.Reader", on_delete=models.CASCADE\n    )\n',
    ),
    ("models", "default-called-at-import", r"DateField\(\)", "DateField(default=timezone.now())"),
    ("models", "default-called-at-import", r"DateField\(\)", "DateField(default=date.today())"),
    ("models", "mutable-default", r"DateField\(\)", "DateField(default=[])"),
    ("models", "set-by-itself", r"DateField\(\)", "DateField(auto_now_add=True)"),
    ("models", "set-by-itself", r"DateField\(\)", "DateField(editable=False)"),
    ("models", "other-key", "unique=True", "primary_key=True"),
    ("models", "unmanaged", 'ordering = \\["id"\\]', "managed = False"),
    ("serializers", "serializer-left-out", "class LoanSerializer", "class LendingSerializer"),
    ("serializers", "other-model", "model = Loan", "model = Book"),
    ("serializers", "all-fields", r'\["id", "due_on", "book", "reader"\]', '"__all__"'),
    ("serializers", "all-fields", r'\["id", "due_on", "book", "reader"\]', "ALL_FIELDS"),
    ("serializers", "no-model", r"        model = Loan\n", ""),
    ("serializers", "no-fields", r"        fields = \[\"id\", \"due.*?\n", ""),
    ("serializers", "excluded-fields", 'fields = \\["id", "due_on"', 'exclude = ["due_on"'),
    ("serializers", "id-left-out", r'\["id", "due', '["due'),
    ("serializers", "field-left-out", '"due_on", ', ""),
    ("serializers", "field-left-out", '"isbn"', '"isbn_number"'),
    ("serializers", "relation-left-out", ', "reader"]', "]"),
    ("serializers", "column-for-relation", ', "reader"]', ', "reader", "reader_id"]'),
    (
        "serializers",
        "field-read-only",
        "        model = Loan",
        '        read_only_fields = ["id", "due_on"]\n        model = Loan',
    ),
    (
        "serializers",
        "foreign-key-read-only",
        "        model = Loan",
        '        read_only_fields = ("reader",)\n        model = Loan',
    ),
    (
        "serializers",
        "one-to-one-read-only",
        "        model = Reader",
        '        read_only_fields = ("mentor",)\n        model = Reader',
    ),
    ("serializers", "through-not-read-only", ", read_only=True", ""),
    ("serializers", "nested-relation", r"PrimaryKeyRelatedField\(many", "ReaderSerializer(many"),
    ("serializers", "nested-relation", r"PrimaryKeyRelatedField\(many", "StringRelatedField(many"),
    ("serializers", "depth", "model = Loan", "model = Loan\n        depth = 1"),
    ("serializers", "hyperlinks", r"Loan(\w+)\(Model", r"Loan\1(HyperlinkedModel"),
    ("serializers", "field-hidden", '"required": False', '"write_only": True'),
    ("serializers", "field-hidden", "read_only=True", "write_only=True"),
    (
        "serializers",
        "own-save",
        r"    class Meta:\n        fields",
        "    def create(self, data):\n        return Loan(**data)\n\n"
        "    class Meta:\n        fields",
    ),
    ("views", "viewset-left-out", "class LoanViewSet", "class LendingViewSet"),
    ("views", "not-every-method", r"LoanViewSet\(Model", "LoanViewSet(ReadOnlyModel"),
    ("views", "not-every-method", "    queryset = Loan", '    http_method_names = ["get"]\n\\g<0>'),
    ("views", "no-queryset", r"    queryset = Loan.*?\n", ""),
    ("views", "no-serializer", r"    serializer_class = Loan.*?\n", ""),
    ("views", "other-queryset", r"queryset = Loan\.", "queryset = Book."),
    ("views", "other-queryset", r"queryset = \(?\s*Reader", "queryset = Loan"),
    ("views", "filtered-queryset", r'"reader"\)\.all\(\)', '"reader").filter(book__gt=1)'),
    ("views", "other-serializer", "serializer_class = LoanS", "serializer_class = BookS"),
    ("views", "permissions-left-out", r"    permission_classes = \[ModelPermissions\]\n", ""),
    ("views", "open-to-anybody", r"= \[ModelPermissions\]", "= [AllowAny]"),
    ("views", "open-to-anybody", r"= \[ModelPermissions\]", "= []"),
    ("views", "other-permissions", r"= \[ModelPermissions\]", "= [IsAuthenticated]"),
    ("views", "other-permissions", r"= \[ModelPermissions\]", "= [DjangoModelPermissions]"),
    (
        "views",
        "own-authentication",
        r"    permission_classes = \[",
        "    authentication_classes = []\n\\g<0>",
    ),
    ("views", "csrf-exempt", "    def destroy", "    @csrf_exempt\n\\g<0>"),
    ("views", "many-selected", "prefetch_related", "select_related"),
    (
        "views",
        "broad-except",
        r"        return super.*?\n",
        "        try:\n            return super().destroy(request)\n"
        "        except Exception:\n            return None\n",
    ),
    ("views", "own-method", r"return super\(\).destroy\(", "return delete("),
    ("router", "viewset-not-registered", r"router.register\(\"loans.*?\n", ""),
    ("router", "other-route", '"loans"', '"loan"'),
    ("router", "other-route", '"books"', '"books/"'),
    ("router", "no-urlpatterns", "urlpatterns", "url_patterns"),
    ("router", "routes-not-included", r", \*router.urls", ""),
    ("router", "routes-below-a-prefix", r"\*router.urls", 'path("v1/", include(router.urls))'),
    ("router", "auth-not-included", r'path\("auth/", include\("api.auth"\)\), ', ""),
    ("router", "auth-below-another-prefix", '"auth/"', '"login/"'),
    ("router", "no-trailing-slash", r"DefaultRouter\(\)", "DefaultRouter(trailing_slash=False)"),
    ("router", "simple-router", r"= routers.DefaultR", "= routers.SimpleR"),
    (
        "router",
        "views-by-hand",
        "urlpatterns: list = \\[",
        '\\g<0>path("x/", views.LoanViewSet.as_view({"get": "list"})), ',
    ),
    ("router", "csrf-exempt", "urlpatterns: list = \\[", '\\g<0>path("x/", csrf_exempt(x)), '),
    ("auth", "no-permissions", "class ModelPermissions", "class Permissions"),
    ("auth", "anybody-reads", r'"%\(app_label\)s.view_%\(model_name\)s"', ""),
    ("auth", "reading-left-open", r'"GET": \[.*?\]', '"GET": []'),
    (
        "auth",
        "safe-methods-allowed",
        r"if not request.user.is_authenticated:\n            return False",
        "if request.method in permissions.SAFE_METHODS:\n            return True",
    ),
    ("auth", "anonymous-allowed", "    perms_map", "    authenticated_users_only = False\n\\g<0>"),
    ("auth", "always-allowed", r"        if not request.*?view\)\n", "        return True\n"),
    ("auth", "allow-any", "from rest_framework.authtoken import", "from x import AllowAny\n\\g<0>"),
    (
        "auth",
        "library-changed",
        "\nclass Mod",
        '\npermissions.DjangoModelPermissions.perms_map["GET"] = []\n\\g<0>',
    ),
    ("auth", "no-token", r"views.ObtainAuthToken", "views.TokenView"),
    ("auth", "no-session", "rest_framework.urls", "rest_framework.views"),
    ("auth", "no-urlpatterns", "urlpatterns", "url_patterns"),
    ("auth", "api-prefix", '"token/"', '"auth/token/"'),
    ("auth", "csrf-exempt", r"views.ObtainAuthToken.as_view\(\)", "csrf_exempt(token)"),
    ("auth", "own-passwords", "        return super", "        check_password(1)\n\\g<0>"),
]
# What no file may have, whatever it is.
EVERYWHERE = [
    ("wildcard-import", "from api.secrets import *\n"),
    ("eval", "A = eval('1')\n"),
    ("raw-sql", "A = B.objects.raw('SELECT 1')\n"),
    ("raw-sql", "A = connection.cursor()\n"),
    ("unfinished", "# TODO: the rest\n"),
    ("print", "if True:\n    print(1)\n"),
]
# kind, rule, what is replaced everywhere, by what: good code that lacks one thing
LACKS = [
    ("models", "entity", r"class Loan\(", "class Lending("),
    ("models", "field", r"due_on = models.DateField", "due_on = models.TextField"),
    ("models", "null-field", "blank=True, null=True", "null=True"),
    ("models", "unique-field", "unique=True", ""),
    ("models", "choices-field", "choices=Genre.choices,", ""),
    ("models", "foreign-key", "Author, models.CASCADE", "Author"),
    ("models", "one-to-one", "OneToOneField", "ForeignKey"),
    ("models", "many-to-many", '"Reader", blank=True', '"Reader"'),
    ("models", "through", 'through="Loan",', ""),
    ("models", "ordering", r'    class Meta:\n        ordering = \["id"\]', "    pass"),
    ("models", "ordering", r'ordering = \("id",\)', "pass"),
    ("models", "ordering", r"class Meta\(Stored.Meta\)", "class Meta"),
    ("models", "str", "__str__", "__repr__"),
    ("models", "related-name", ', related_name="loans"|related_name="loans"', ""),
    ("models", "docstring", '    """A book."""\n', ""),
    ("serializers", "serializer", "class LoanSerializer", "class LendingSerializer"),
    ("serializers", "model", "model = Loan", "model = Book"),
    ("serializers", "id", '"id"', '"pk"'),
    ("serializers", "field", '"due_on"', '"due"'),
    ("serializers", "relation", '"reader"', '"reader_id"'),
    ("serializers", "models-imported", r"from \.models", "from .tables"),
    ("serializers", "explicit-fields", r'fields = \["id", "due.*?\]', 'fields = "__all__"'),
    ("serializers", "through-read-only", ", read_only=True", ""),
    ("serializers", "docstring", '    """Loans."""\n', ""),
    ("views", "viewset", "class LoanViewSet", "class LendingViewSet"),
    ("views", "queryset", r"queryset = Loan\.objects.*?\n", ""),
    ("views", "serializer-class", "serializer_class = Loan", "serializer_class = Book"),
    ("views", "permissions", r"permission_classes = \[ModelPermissions\]", "x = 1"),
    ("views", "permissions-imported", r"from \.auth", "from .permissions"),
    ("views", "foreign-key-selected", r'\.select_related\("book", "reader"\)', ""),
    ("views", "one-to-one-selected", r'\.select_related\("mentor"\)', ""),
    ("views", "many-to-many-prefetched", r'\.prefetch_related\("readers"\)', ""),
    ("views", "docstring", '    """Loans."""\n', ""),
    ("router", "router", r"routers\.DefaultRouter\(\)", "Router()"),
    ("router", "route", '"loans"', '"loan"'),
    ("router", "registers", "router.register", "router.add"),
    ("router", "urlpatterns", "urlpatterns", "url_patterns"),
    ("router", "auth", '"auth/"', '"login/"'),
    ("router", "views-imported", r"from \. import views", "from viewsets import views"),
    ("router", "default-router", "Default", "Simple"),
    ("router", "docstring", r'"""Routes\."""\n', ""),
    ("auth", "permissions", r"permissions\.DjangoModelPermissions", "permissions.BasePermission"),
    ("auth", "view-permission", "view_%", "read_%"),
    ("auth", "own-map", "perms_map = ", "permissions = "),
    ("auth", "head-permission", '"HEAD"', '"TRACE"'),
    ("auth", "token", '"token/"', '"login/"'),
    ("auth", "session", '"session/"', '"login/"'),
    ("auth", "docstring", '    """To read needs permission, too."""\n', ""),
]


@pytest.mark.parametrize(("kind", "text"), GOOD)
def test_good_code_of_another_style_has_no_defect(kind: str, text: str) -> None:
    """Base classes, direct imports, tuples, annotations, loops: all the same to the rules."""
    text = formatted(text)
    compile(text, kind, "exec")
    assert judge(kind, text) == (set(), set())


@pytest.mark.parametrize("erd", [SHOP, AWKWARD, LIBRARY], ids=lambda erd: erd.name[:8])
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_templates_make_keeps_every_rule(kind: str, erd: Erd) -> None:
    """Every type, option and kind of relation, and awkward names: a whole score."""
    text = render(kind, erd)
    assert judge(kind, text, erd) == (set(), set())
    assert assess(text, RULES[kind], Project(erd)).score == 1


@pytest.mark.parametrize(("kind", "rule", "old", "new"), DEFECTS)
def test_a_defect_is_found_by_its_rule(kind: str, rule: str, old: str, new: str) -> None:
    """One thing is wrong in a good sample, and the rule for it matches."""
    text, changes = re.subn(old, new, formatted(GOOD_BY_KIND[kind]), flags=re.DOTALL)
    assert changes > 0
    found, _ = judge(kind, text)
    assert rule in found


@pytest.mark.parametrize(("rule", "line"), EVERYWHERE)
@pytest.mark.parametrize("kind", KINDS)
def test_what_no_file_may_have_is_found(kind: str, rule: str, line: str) -> None:
    """These rules are the same in all five books."""
    assert judge(kind, GOOD_BY_KIND[kind] + line)[0] == {rule}


@pytest.mark.parametrize(("kind", "rule", "old", "new"), LACKS)
def test_what_is_lacking_is_missed(kind: str, rule: str, old: str, new: str) -> None:
    """A good sample without one thing breaks the rule that asks for it."""
    text, changes = re.subn(old, new, formatted(GOOD_BY_KIND[kind]), flags=re.DOTALL)
    assert changes > 0
    _, missed = judge(kind, text)
    assert rule in missed


def test_every_rule_has_a_sample() -> None:
    """A rule without a damaged text here is not known to work."""
    shown = {(kind, rule) for kind, rule, _, _ in (*DEFECTS, *LACKS)}
    shown |= {(kind, rule) for kind in KINDS for rule, _ in EVERYWHERE}
    assert {(kind, rule.id) for kind in KINDS for rule in RULES[kind].rules} == shown


def test_an_empty_answer_keeps_no_rule() -> None:
    """A file with nothing in it breaks every rule of good code that applies to it."""
    for kind in KINDS:
        required = {
            check.rule.id
            for check in checks_for(RULES[kind], Project(LIBRARY))
            if check.rule.kind == "required"
        }
        assert judge(kind, "\n")[1] == required


def test_no_name_of_a_rule_is_left_unfilled() -> None:
    """Patterns and messages ask for no name that an ERD does not give."""
    for kind in KINDS:
        for check in checks_for(RULES[kind], Project(LIBRARY)):
            assert not re.search(r"\{[a-z]+\}", check.pattern.pattern + check.message), (
                check.rule.id
            )


def test_a_wide_project_is_judged_quickly() -> None:
    """No pattern explodes: thirty entities, a thousand checks, a second at most."""
    erd = read((GENERATOR.parent / "scenarios" / "erds" / "wide.json").read_text(encoding="utf-8"))
    for kind in KINDS:
        text = render(kind, erd)
        checks_for(RULES[kind], Project(erd))  # compiles
        started = time.process_time()
        assert judge(kind, text, erd) == (set(), set())
        assert judge(kind, text.replace("a", "e"), erd) != (set(), set())
        assert time.process_time() - started < 2
