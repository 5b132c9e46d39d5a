"""A right project is accepted; each thing that can be wrong in it is told, with file and entity."""

from collections.abc import Callable

import pytest
from small_project import LIBRARY, SERIALIZERS, case, edited, longer

from harness.acceptance.django.api import FILES
from harness.acceptance.django.case import ProjectCase
from harness.acceptance.django.judge import CHECKS
from harness.acceptance.kinds import TEXT_CHECKS
from harness.acceptance.proof import Proof
from harness.acceptance.prover import judged
from harness.acceptance.sandbox import Sandbox

MODELS, MADE, VIEWS, URLS, AUTH = FILES
Prove = Callable[[ProjectCase], Proof]


def test_a_right_project_is_accepted(projects: Sandbox) -> None:
    """With its texts' checks; the figure tells that every entity keeps its contract."""
    assert judged(case(), projects, {}) == Proof(figures={"contract": (6, 6)})


def field(name: str, line: str) -> tuple[str, str, str]:
    """An edit of one line of the models."""
    old = next(one for one in case().files[MODELS].splitlines() if one.startswith(f"    {name} = "))
    return MODELS, old, f"    {name} = {line}"


OF_BOOKS = "    serializer_class = serializers.BookSerializer\n"
OF_TAGS = "    serializer_class = serializers.TagSerializer\n"
ACTION = """
    from rest_framework.decorators import action
    from rest_framework.permissions import IsAuthenticated
    from rest_framework.response import Response

    @action(detail=True, methods={methods}, permission_classes=[{who}])
    def told(self, request, **_):
        return self.Response(self.get_object().label)
"""
TAG_FIELDS = '        fields = ["id", "label"]\n'
# What is done to a right project, the check that tells, and words of what it says.
WRONG = {
    "a name that is not there": (
        (URLS, "views.TagViewSet", "views.TagsViewSet"), "check",
        "api/urls.py: the project does not start: AttributeError"),
    "a module that is not there": (
        (VIEWS, "import models, serializers", "import models, serialisers"), "check",
        "api/views.py: the project does not start: ImportError"),
    "an error of Django's checks": (
        field("tags", "models.ManyToManyField('Label', blank=True)"), "check", "fields.E300"),
    "a warning of Django's checks": (
        field("tags", "models.ManyToManyField(Tag, blank=True, null=True)"), "check", "W340"),
    "a default of today": (
        (MODELS, "due_at = models.DateTimeField()",
         "import datetime\n    due_at = models.DateTimeField(default=datetime.datetime.now(\n"
         "        datetime.UTC))"), "check", "Loan.due_at: Fixed"),
    "a default that is another one each time": (
        (MODELS, "number = models.UUIDField()",
         "import uuid\n    number = models.UUIDField(default=uuid.uuid4())"), "migrations",
        "makemigrations finds changes when it is run again: Alter field number on card"),
    "no models": ((MODELS, case().files[MODELS], ""), "check",
        "module 'api.models' has no attribute 'Author'"),
    "a view of its own for everybody": (
        (URLS, "*router.urls]", '*router.urls, path("<uuid:one>/count/", '
         'lambda *_, one: __import__("django.http").http.HttpResponse("7"))]'), "auth",
        "api/urls.py: GET /api/"
        "00000000-0000-0000-0000-000000000000/count/ by nobody, which"),
    "an action that every account may call": (
        (VIEWS, OF_TAGS, OF_TAGS + ACTION.format(methods=["post"], who="IsAuthenticated")), "auth",
        "api/views.py: POST /api/tags/1/told.json by an account without permissions, which"),
    "a table that is there already": (
        (MODELS, '    label = models.CharField(max_length=9, unique=True)',
         '    label = models.CharField(max_length=9, unique=True)\n\n'
         '    class Meta(Base.Meta):\n        db_table = "django_migrations"'), "migrate",
        "already exists"),
    "a column under another name": (
        field("born", 'models.DateField(null=True, blank=True, db_column="birth")'), "columns",
        "Author: table api_author has no column born"),
    "null": (field("born", "models.DateField()"), "columns", "Author.born: right would be null"),
    "not null": (
        field("email", "models.EmailField(null=True)"), "columns",
        "Reader.email: right would be without null=True"),
    "unique": (
        field("label", "models.CharField(max_length=9)"), "columns",
        "Tag.label: right would be unique"),
    "not unique": (
        field("email", "models.EmailField(unique=True)"), "columns",
        "Reader.email: right would be not unique"),
    "a shorter column": (
        field("title", "models.CharField(max_length=20)"), "columns",
        "Book.title is varchar(20); right would be varchar(40)"),
    "another type": (
        field("pages", "models.FloatField(default=7)"), "columns",
        "Book.pages is REAL; right would be integer"),
    "another target": (
        field("book", 'models.ForeignKey(Tag, on_delete=models.CASCADE)'), "check",
        "Reader.books"),
    "a relation to another entity": (
        field("author", "models.ForeignKey(Tag, models.PROTECT, related_name='x')"), "columns",
        "Book.author leads to api_tag; right would be api_author"),
    "many where one was asked": (
        (MODELS, "models.OneToOneField(Reader", "models.ForeignKey(Reader"), "columns",
        "Card.reader_id: right would be unique"),
    "links of another entity": (
        field("tags", "models.ManyToManyField(Author, blank=True, related_name='x')"), "columns",
        "Book.tags: api_book_tags.author_id leads to api_author; right would be api_tag"),
    "links without their entity": (
        field("books", "models.ManyToManyField(Book)"), "columns",
        "Reader.books goes through a table of Django's own; right: Loan"),
    "no links": (field("tags", "3"), "columns", "Book.tags: there is no such ManyToManyField"),
    "no ordering": ((MODELS, '        ordering = ["id"]\n', ""), "models-keep",
                    'Author.Meta.ordering is []; right would be ["id"]'),
    "no words": (
        (MODELS, '    def __str__(self):\n        return f"Row {self.pk}"\n', ""), "models-keep",
        "Author has no __str__ of its own"),
    "words that are none": (
        (MODELS, 'return f"Row {self.pk}"', "return getattr(self, 'born', '')"), "models-keep",
        "str() of a Author raised TypeError"),
    "any choice": (
        (MODELS, 'max_length=9, choices=[("novel", "Novel"), ("poem", "Poem")]', "max_length=9"),
        "models-keep", "full_clean takes '?' for Book.genre, which is none of novel, poem"),
    "a choice too few": (
        (MODELS, '("novel", "Novel"), ', ""), "models-keep", "full_clean refuses Book.genre"),
    "null that may not be blank": (
        field("born", "models.DateField(null=True)"), "models-keep",
        "full_clean refuses Author.born None"),
    "other decimal places": (
        field("price", "models.DecimalField(max_digits=5, decimal_places=3)"), "models-keep",
        "for Book.price, with more than 2 decimal places"),
    "no token": (
        (AUTH, 'path("token/"', 'path("key/"'), "auth",
        "api/auth.py: POST /api/auth/token/ answers 404"),
    "no login": (
        (AUTH, 'path("session/"', 'path("people/"'), "auth", "/api/auth/session/login/"),
    "an open door": (
        (VIEWS, "[ModelPermissions]", "[]"), "auth", "GET /api/authors/ by nobody answers 200"),
    "reading without permission": (
        (AUTH, '        "GET": ["%(app_label)s.view_%(model_name)s"],\n', ""), "auth",
        "by an account without permissions answers 200; right would be 403"),
    "writing without permission": (
        (AUTH, "**DjangoModelPermissions.perms_map,",
         "**DjangoModelPermissions.perms_map,\n        'POST': [],"), "auth",
        "POST /api/authors/ by an account without permissions answers"),
    "deleting without permission": (
        (AUTH, "**DjangoModelPermissions.perms_map,",
         "**DjangoModelPermissions.perms_map,\n        'DELETE': [],"), "auth",
        "DELETE /api/authors/987654/ by an account with permission to view only answers 404"),
    "another plural": (
        (URLS, '"tags"', '"tag"'), "auth", "api/urls.py: GET /api/tags/ answers 404"),
    "a field too few": (
        (MADE, '"id", "label"', '"id"'), "create",
        "api/serializers.py: POST /api/tags/: Tag.label is not in the answer"),
    "no id": (
        (MADE, '"id", "label"', '"label"'), "create", "right would be an object with an id"),
    "a default of another value": (
        field("pages", "models.IntegerField(default=8)"), "create", "Book.pages is 8"),
    "no row": (
        (VIEWS, OF_TAGS, OF_TAGS + "\n    def perform_create(self, serializer):\n"
         "        serializer.instance = models.Tag(id=99, **serializer.validated_data)\n"),
        "create", "answers id 99, which table api_tag does not have"),
    "needed links": (
        field("tags", "models.ManyToManyField(Tag)"), "create",
        "POST /api/books/ answers 400 ({'tags': ['This field is required.']})"),
    "rows that are not listed": (
        (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.filter(id__gt=1)"), "list",
        "GET /api/tags/ lists None; right would be {'id': 1"),
    "the newest first": (
        (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.order_by('-id')"), "list",
        "right would be in their order"),
    "a list of no rows": (
        (VIEWS, OF_TAGS, OF_TAGS + "\n    def list(self, request):\n"
         "        from rest_framework.response import Response\n"
         "        return Response({'tags': []})\n"), "list", "right would be a list, or a page"),
    "found by something else": (
        (VIEWS, OF_TAGS, OF_TAGS + "    lookup_field = 'label'\n"), "retrieve",
        "api/views.py: GET /api/tags/1/ answers 404"),
    "what is missing is found": (
        (VIEWS, OF_TAGS, OF_TAGS + "\n    def get_object(self):\n"
         "        found = self.get_queryset().filter(pk=self.kwargs['pk']).first()\n"
         "        return found or models.Tag.objects.first()\n"), "retrieve",
        "GET /api/tags/987654/ answers 200; right would be 404"),
    "a change that is not kept": (
        (VIEWS, OF_TAGS, OF_TAGS + "\n    def perform_update(self, serializer):\n"
         "        for name, one in serializer.validated_data.items():\n"
         "            setattr(serializer.instance, name, one)\n"), "update",
        "GET /api/tags/3/: Tag.label is 'Label 4'; right would be 'Label 5'"),
    "a change of all rows": (
        (VIEWS, OF_TAGS.replace("Tag", "Author"),
         OF_TAGS.replace("Tag", "Author") + "\n    def perform_update(self, serializer):\n"
         "        models.Author.objects.update(**serializer.validated_data)\n"
         "        serializer.save()\n"), "update", "after another row was changed"),
    "no change of parts": (
        (VIEWS, OF_TAGS, OF_TAGS + "    http_method_names = ['get', 'post', 'put', 'delete']\n"),
        "update", "PATCH /api/tags/3/ answers 405"),
    "nothing is deleted": (
        (VIEWS, "            instance.delete()\n", "            instance.pk += 0\n"), "delete",
        "after it was deleted answers 200; right would be 404"),
    "what is required may be missing": (
        (MADE, TAG_FIELDS, TAG_FIELDS + "        extra_kwargs = {'label': {'required': False}}\n"),
        "validation", "POST /api/tags/ without label answers 500 (IntegrityError"),
    "what is taken is taken again": (
        (MADE, TAG_FIELDS, TAG_FIELDS + "        extra_kwargs = {'label': {'validators': []}}\n"),
        "validation", "with label 'Label 2', which another row has already, answers 500"),
    "any text is a number": (
        (MADE, '    """Book."""\n', '    """Book."""\n\n    pages = serializers.CharField(\n'
         "        default=7)\n"), "create", "Book.pages is '2'"),
    "any text is an address": (
        (MADE, '    """Reader."""\n', '    """Reader."""\n\n    email = serializers.CharField()\n'),
        "validation", "with email 'not an address', which is no email, answers 201"),
    "any number is a row": (
        (MADE, '    """Card."""\n', '    """Card."""\n\n    def validate_number(self, one):\n'
         "        return one\n\n    def to_internal_value(self, data):\n"
         "        known = models.Reader.objects.filter(pk=987654)\n"
         "        if data.get('reader') == 987654 and not known:\n"
         "            data = {**data, 'reader': models.Reader.objects.create().pk}\n"
         "        return super().to_internal_value(data)\n"), "validation",
        "with reader 987654, a Reader that is not there, answers 201"),
    "deleted with what was protected": (
        field("author", "models.ForeignKey(Author, on_delete=models.CASCADE)"), "relations",
        "which Book.author protects, answers 204; right would be 409 or 400"),
    "an error of the server for what is protected": (
        (VIEWS, "except ProtectedError as", "except LookupError as"), "relations",
        "answers 500 (ProtectedError: "),
    "not deleted with what it needs": (
        field("book", "models.ForeignKey(Book, on_delete=models.DO_NOTHING)"), "relations",
        "to which Loan.book leads, answers 500 (IntegrityError"),
    "deleted, not cleared": (
        (MODELS, "on_delete=models.SET_NULL", "on_delete=models.CASCADE"), "relations",
        "after what sequel_of leads to was deleted (set_null) answers 404"),
    "links that are only added": (
        (MADE, '    """Book."""\n', '    """Book."""\n\n    def update(self, book, changes):\n'
         "        book.tags.add(*changes.pop('tags', []))\n"
         "        return super().update(book, changes)\n"), "relations",
        "to replace them: Book.tags is [4, 5]; right would be [5]"),
    "links that are never told": (
        (MADE, '    """Reader."""\n', '    """Reader."""\n\n'
         "    books = serializers.SerializerMethodField()\n\n"
         "    def get_books(self, reader):\n        return []\n"), "relations",
        "after a Loan was made: Reader.books is []"),
}  # fmt: skip


@pytest.mark.parametrize(("edit", "check", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_told(
    edit: tuple[str, str, str], check: str, words: str, prove: Prove
) -> None:
    """By the check, and in a message that begins with the file at fault, which the proof names."""
    told = prove(edited(*edit))
    assert (told.check, words in told.message) == (check, True), told.message
    assert told.message.startswith(f"{told.path}: ")
    assert told.path in FILES


def test_an_address_more_is_right_for_those_who_may_read(prove: Prove) -> None:
    """The ERD does not ask for it; it is nobody's harm."""
    action = ACTION.format(methods=["get", "post"], who="ModelPermissions")
    assert prove(edited(VIEWS, OF_TAGS, OF_TAGS + action)) == Proof(figures={"contract": (6, 6)})


def test_every_check_is_red_once() -> None:
    """Those of the text and bandit have a test of their own."""
    assert {check for _, check, _ in WRONG.values()} == set(CHECKS) - {"bandit"}


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
def test_each_text_is_looked_at_before_it_runs(
    check: str, edit: tuple[str, str, str], projects: Sandbox
) -> None:
    """The proof names the file."""
    told = judged(edited(*edit), projects, {})
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


def test_wrong_errors_in_another_form_are_right(prove: Prove) -> None:
    """An answer that does not name the fields is asked for each of them alone."""
    wrapped = '''
def wrapped(error, context):
    """Errors under one key."""
    from rest_framework.views import exception_handler

    answer = exception_handler(error, context)
    if answer is not None:
        answer.data = {"error": str(answer.data)}
    return answer
'''
    handler = "viewsets.ModelViewSet.get_exception_handler = lambda self: wrapped"
    assert prove(longer(VIEWS, f"{wrapped.strip()}\n\n\n{handler}")).check == ""


def test_pages_are_followed(prove: Prove) -> None:
    """A row may be on any of them."""
    page = "from rest_framework.pagination import PageNumberPagination as Pages\n\n\n"
    small = "class Small(Pages):\n    page_size = 2\n\n\nBase.pagination_class = Small"
    assert prove(longer(VIEWS, page + small)).check == ""
    whole = "Base.pagination_class = None"
    assert prove(longer(VIEWS, whole)).check == ""
