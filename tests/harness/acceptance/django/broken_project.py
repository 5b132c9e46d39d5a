"""The small project with one thing wrong: by the check that notices, and what it then says."""

from collections.abc import Mapping
from textwrap import dedent, indent

from small_project import case

from flagbench.acceptance.django.rest_api import FILES

MODELS, MADE, VIEWS, URLS, AUTH = FILES
# A file, a text that stands in it once, and what comes in its place.
Edit = tuple[str, str, str]


def field(name: str, line: str) -> Edit:
    """Declare a field of the models otherwise."""
    old = next(
        text for text in case().files[MODELS].splitlines() if text.startswith(f"    {name} = ")
    )
    return MODELS, old, f"    {name} = {line}"


def view(lines: str, entity: str = "Tag") -> Edit:
    """Add lines to the view set of an entity."""
    last = f"    serializer_class = serializers.{entity}Serializer\n"
    return VIEWS, last, last + indent(dedent(lines), "    ")


def serializer(entity: str, lines: str) -> Edit:
    """Add lines to the serializer of an entity, before its `Meta`."""
    first = f'    """{entity}."""\n'
    return MADE, first, first + indent(dedent(lines), "    ")


def tag_label(options: str) -> Edit:
    """Have the serializer of tags treat the label otherwise."""
    fields = '        fields = ["id", "label"]\n'
    return MADE, fields, f"{fields}        extra_kwargs = {{'label': {{{options}}}}}\n"


def permissions(line: str) -> Edit:
    """Add a line to what the methods of a request need."""
    needed = "**DjangoModelPermissions.perms_map,"
    return AUTH, needed, f"{needed}\n        {line}"


def action(methods: list[str], who: str) -> Edit:
    """Add an action to the view set of tags, for those whom a class of permissions lets in."""
    return view(f"""
        from rest_framework.decorators import action
        from rest_framework.permissions import IsAuthenticated
        from rest_framework.response import Response

        @action(detail=True, methods={methods}, permission_classes=[{who}])
        def told(self, request, **_):
            return self.Response(self.get_object().label)
        """)


# By check: what is wrong, and words of the message.
WRONG: Mapping[str, Mapping[str, tuple[Edit, str]]] = {
    "check": {
        "a name that is not there": ((URLS, "views.TagViewSet", "views.TagsViewSet"),
            "api/urls.py: the project does not start: AttributeError"),
        "a module that is not there": (
            (VIEWS, "import models, serializers", "import models, serialisers"),
            "api/views.py: the project does not start: ImportError"),
        "an error of Django's checks": (
            field("tags", "models.ManyToManyField('Label', blank=True)"), "fields.E300"),
        "a warning of Django's checks": (
            field("tags", "models.ManyToManyField(Tag, blank=True, null=True)"), "W340"),
        "a default of today": (
            (MODELS, "due_at = models.DateTimeField()",
             "import datetime\n    due_at = models.DateTimeField(default=datetime.datetime.now(\n"
             "        datetime.UTC))"), "Loan.due_at: Fixed"),
        "no models": (
            (MODELS, case().files[MODELS], ""), "module 'api.models' has no attribute 'Author'"),
        "an entity of links that leads elsewhere": (
            field("book", "models.ForeignKey(Tag, on_delete=models.CASCADE)"), "Reader.books"),
    },
    "migrations": {
        "a default that is another one each time": (
            (MODELS, "number = models.UUIDField()",
             "import uuid\n    number = models.UUIDField(default=uuid.uuid4())"),
            "a second makemigrations finds changes: Alter field number on card"),
    },
    "migrate": {
        "a table that is there already": (
            field("label", "models.CharField(max_length=9, unique=True)\n\n"
                  '    class Meta(Base.Meta):\n        db_table = "django_migrations"'),
            "already exists"),
    },
    "columns": {
        "a column under another name": (
            field("born", 'models.DateField(null=True, blank=True, db_column="birth")'),
            "Author: table api_author has no column born"),
        "null left out": (field("born", "models.DateField()"),
            "Author.born is NOT NULL; expected: null=True"),
        "null added": (field("email", "models.EmailField(null=True)"),
            "Reader.email is nullable; expected: null=False"),
        "unique left out": (
            field("label", "models.CharField(max_length=9)"),
            "Tag.label is not unique; expected: unique"),
        "unique added": (field("email", "models.EmailField(unique=True)"),
            "Reader.email is unique; expected: not unique"),
        "a shorter column": (field("title", "models.CharField(max_length=20)"),
            "Book.title is varchar(20); expected: varchar(40)"),
        "another type": (field("pages", "models.FloatField(default=7)"),
            "Book.pages is REAL; expected: integer"),
        "a relation to another entity": (
            field("author", "models.ForeignKey(Tag, models.PROTECT, related_name='x')"),
            "Book.author references api_tag; expected: api_author"),
        "many where one was asked": (
            (MODELS, "models.OneToOneField(Reader", "models.ForeignKey(Reader"),
            "Card.reader_id is not unique; expected: unique"),
        "links of another entity": (
            field("tags", "models.ManyToManyField(Author, blank=True, related_name='x')"),
            "Book.tags: api_book_tags.author_id references api_author; expected: api_tag"),
        "links without their entity": (field("books", "models.ManyToManyField(Book)"),
            "Reader.books goes through Django's automatic table; expected: Loan"),
        "a column more": (
            (MODELS, "    born = ", "    made_at = models.DateTimeField(auto_now_add=True)\n"
             "    born = "),
            "Author: table api_author has the column made_at, which is not in the ERD"),
        "an entity more": (
            (MODELS, "class Tag(Base):",
             'class Shelf(Base):\n    """A place."""\n\n\nclass Tag(Base):'),
            "api/models.py: model Shelf is not in the ERD; expected: its entities alone"),
        "no links": (field("tags", "3"), "Book.tags is missing; expected: a ManyToManyField"),
    },
    "models-keep": {
        "no ordering": ((MODELS, '        ordering = ["id"]\n', ""),
            'Author.Meta.ordering is []; expected: ["id"]'),
        "no __str__": ((MODELS, '    def __str__(self):\n        return f"Row {self.pk}"\n', ""),
            "Author does not define __str__"),
        "a __str__ that gives no text": (
            (MODELS, 'return f"Row {self.pk}"', "return getattr(self, 'born', '')"),
            "raised TypeError"),
        "a __str__ that is empty": (
            (MODELS, 'return f"Row {self.pk}"', "return getattr(self, 'moon', '')"),
            "str() of Author 1 is ''"),
        "any choice": (
            (MODELS, 'max_length=9, choices=[("novel", "Novel"), ("poem", "Poem")]',
             "max_length=9"),
            "full_clean accepts '?' for Book.genre, which is none of novel, poem"),
        "a choice too few": ((MODELS, '("novel", "Novel"), ', ""), "full_clean refuses Book.genre"),
        "null that may not be blank": (
            field("born", "models.DateField(null=True)"), "full_clean refuses Author.born None"),
        "other decimal places": (
            field("price", "models.DecimalField(max_digits=5, decimal_places=3)"),
            "for Book.price, with more than 2 decimal places"),
    },
    "auth": {
        "a view beside the router that lets everybody in": (
            (URLS, "*router.urls]", '*router.urls, path("<uuid:one>/count/", '
             'lambda *_, one: __import__("django.http").http.HttpResponse("7"))]'),
            "api/urls.py: GET /api/"
            "00000000-0000-0000-0000-000000000000/count/ without an account, which"),
        "an action that every account may call": (action(methods=["post"], who="IsAuthenticated"),
            "api/views.py: POST /api/tags/1/told.json by an account without permissions, which"),
        "no token": ((AUTH, 'path("token/"', 'path("key/"'),
            "api/auth.py: POST /api/auth/token/ answers 404"),
        "no login": ((AUTH, 'path("session/"', 'path("people/"'), "/api/auth/session/login/"),
        "nobody is kept out": (
            (VIEWS, "[ModelPermissions]", "[]"),
            "GET /api/authors/ without an account answers 200"),
        "reading without permission": (
            (AUTH, '        "GET": ["%(app_label)s.view_%(model_name)s"],\n', ""),
            "by an account without permissions answers 200; expected: 403"),
        "writing without permission": (permissions("'POST': [],"),
            "POST /api/authors/ by an account without permissions answers"),
        "deleting without permission": (permissions("'DELETE': [],"),
            "DELETE /api/authors/987654/ by an account without permissions answers 404"),
        "changing with permission to view": (
            permissions("'PUT': ['%(app_label)s.view_%(model_name)s'],"),
            "PUT /api/authors/987654/ by an account with permission to view only answers 404"),
        "changing in part with permission to view": (
            permissions("'PATCH': ['%(app_label)s.view_%(model_name)s'],"),
            "PATCH /api/authors/987654/ by an account with permission to view only answers 404"),
        "asking for the head without permission": (
            (AUTH, '        "HEAD": ["%(app_label)s.view_%(model_name)s"],\n', ""),
            "HEAD /api/authors/ by an account without permissions answers 200; expected: 403"),
        "creating with permission to change": (
            permissions("'POST': ['%(app_label)s.change_%(model_name)s'],"),
            "api/auth.py: POST /api/authors/ by an account with permission to add only without "
            "optional values answers 403"),
        "changing with permission to delete": (
            permissions("'PUT': ['%(app_label)s.delete_%(model_name)s'],"),
            "by an account with permission to change only answers 403"),
        "changing in part with permission to add": (
            permissions("'PATCH': ['%(app_label)s.add_%(model_name)s'],"),
            "api/auth.py: PATCH /api/authors/3/ by an account with permission to change only"),
        "deleting with permission to delete and to view": (
            permissions("'DELETE': ['%(app_label)s.delete_%(model_name)s', "
                        "'%(app_label)s.view_%(model_name)s'],"),
            "by an account with permission to delete only answers 403"),
        "reading one row without permission": (view("""
            def get_permissions(self):
                from rest_framework.permissions import IsAuthenticated

                if self.action == "retrieve":
                    return [IsAuthenticated()]
                return super().get_permissions()
            """), "GET /api/tags/987654/ by an account without permissions answers 404"),
        "another plural": ((URLS, '"tags"', '"tag"'), "api/urls.py: GET /api/tags/ answers 404"),
    },
    "create": {
        "a field too few": ((MADE, '"id", "label"', '"id"'),
            "api/serializers.py: POST /api/tags/: Tag.label is not in the answer"),
        "no id": ((MADE, '"id", "label"', '"label"'), "expected: an object with an id"),
        "a default of another value": (
            field("pages", "models.IntegerField(default=8)"), "Book.pages is 8"),
        "no row": (view("""
            def perform_create(self, serializer):
                serializer.instance = models.Tag(id=99, **serializer.validated_data)
            """), "answers id 99, which is not in table api_tag"),
        "needed links": (field("tags", "models.ManyToManyField(Tag)"),
            "POST /api/books/ answers 400 ({'tags': ['This field is required.']})"),
        "more than the ERD has": ((MADE, '"id", "label"', '"id", "pk", "label"'),
            "api/serializers.py: POST /api/tags/ answers pk; expected: only id and what the ERD"),
        "no number below 0": (
            (MODELS, "    pages = models.IntegerField(default=7)",
             "    from django.core.validators import MinValueValidator\n\n"
             "    pages = models.IntegerField(\n"
             "        default=7, validators=[MinValueValidator(0)]\n    )"),
            "'pages': ['Ensure this value is greater than or equal to 0"),
        "a text for a number": (serializer("Book", """
            pages = serializers.CharField(
                default=7)
            """), "Book.pages is '2'"),
    },
    "list": {
        "rows that are not listed": (
            (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.filter(id__gt=1)"),
            "GET /api/tags/ lists None; expected: {'id': 1"),
        "the newest first": (
            (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.order_by('-id')"),
            "expected: ascending order"),
        "by a value": (
            (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.order_by('label')"),
            "expected: ascending order"),
        "by a value, the last first": (
            (VIEWS, "models.Tag.objects.all()", "models.Tag.objects.order_by('-label')"),
            "expected: ascending order"),
        "a list of no rows": (view("""
            def list(self, request):
                from rest_framework.response import Response
                return Response({'tags': []})
            """), "expected: a list or a page of rows"),
    },
    "retrieve": {
        "rows by something else than their id": (
            view("lookup_field = 'label'\n"), "api/views.py: GET /api/tags/1/ answers 404"),
        "another row for one that is missing": (view("""
            def get_object(self):
                found = self.get_queryset().filter(pk=self.kwargs['pk']).first()
                return found or models.Tag.objects.first()
            """), "GET /api/tags/987654/ answers 200; expected: 404"),
    },
    "update": {
        "a change that is not kept": (view("""
            def perform_update(self, serializer):
                for name, one in serializer.validated_data.items():
                    setattr(serializer.instance, name, one)
            """), "GET /api/tags/3/: Tag.label is 'Label 0'; expected: 'Label 5'"),
        "a change of all rows": (view("""
            def perform_update(self, serializer):
                models.Author.objects.update(**serializer.validated_data)
                serializer.save()
            """, "Author"), "after another row was changed"),
        "no change of parts": (view("http_method_names = ['get', 'post', 'put', 'delete']\n"),
            "PATCH /api/tags/3/ answers 405"),
    },
    "delete": {
        "nothing is deleted": (
            (VIEWS, "            instance.delete()\n", "            instance.pk += 0\n"),
            "after it was deleted answers 200; expected: 404"),
        "every row is deleted": (
            (VIEWS, "instance.delete()\n", "type(instance).objects.all().delete()\n"),
            "after another row was deleted answers 404"),
    },
    "validation": {
        "what is required may be missing": (tag_label("'required': False"),
            "POST /api/tags/ without label answers 500 (IntegrityError"),
        "what is taken is taken again": (tag_label("'validators': []"),
            "with label 'Label 2', which another row has already, answers 500"),
        "any text is an address": (serializer("Reader", "\nemail = serializers.CharField()\n"),
            "with email 'not an address', which is not a valid email, answers 201"),
        "any number is a row": (serializer("Card", """
            def validate_number(self, one):
                return one

            def to_internal_value(self, data):
                known = models.Reader.objects.filter(pk=987654)
                if data.get('reader') == 987654 and not known:
                    data = {**data, 'reader': models.Reader.objects.create().pk}
                return super().to_internal_value(data)
            """), "with reader 987654, a Reader that does not exist, answers 201"),
    },
    "relations": {
        "deleted with what was protected": (
            field("author", "models.ForeignKey(Author, on_delete=models.CASCADE)"),
            "which Book.author protects, answers 204; expected: 409 or 400"),
        "an error of the server for what is protected": (
            (VIEWS, "except ProtectedError as", "except LookupError as"),
            "answers 500 (ProtectedError: "),
        "not deleted with what it needs": (
            field("book", "models.ForeignKey(Book, on_delete=models.DO_NOTHING)"),
            "the target of Loan.book, answers 500 (IntegrityError"),
        "deleted, not cleared": ((MODELS, "on_delete=models.SET_NULL", "on_delete=models.CASCADE"),
            "after the target of sequel_of was deleted (set_null) answers 404"),
        "links that are only added": (serializer("Book", """
            def update(self, book, changes):
                book.tags.add(*changes.pop('tags', []))
                return super().update(book, changes)
            """), "to replace them: Book.tags is [4, 5]; expected: [5]"),
        "links that are never told": (serializer("Reader", """
            books = serializers.SerializerMethodField()

            def get_books(self, reader):
                return []
            """), "after a Loan was created: Reader.books is []"),
    },
}  # fmt: skip
