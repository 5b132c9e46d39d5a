"""The rules of the Django pipeline: defects are caught, good code in several styles is not."""

import re
import time

import library_project
import pytest
from django_examples import AWKWARD, GENERATOR, KINDS, SHOP, render
from library_project import GOOD
from rule_cases import Judgement, applied, damaged, judge, rule_of, rules_in, styles

from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import Erd, read
from flagbench_generators.django_rest.quality import assess
from flagbench_generators.django_rest.request_spec import Project
from flagbench_generators.kernel.formatting import format_code
from flagbench_generators.kernel.pipeline import texts_of
from flagbench_generators.kernel.rule import checks_for

RULES = texts_of(DJANGO).rules
LIBRARY = Project(library_project.LIBRARY)
FLAWLESS = Judgement(found=frozenset(), missed=frozenset(), score=1.0)

# What of the good sample is replaced (a regular expression), and by what.
DEFECTS = {
    "models": {
        "entity-left-out": (r"class Loan\b", "class Lending"),
        "field-left-out: a date": (r"    due_on = .*?\n", "    pass\n"),
        "field-left-out: an e-mail address, under another name": (r"    email = ", "    mail = "),
        "relation-left-out": (r"    reader = models.*?\n    \)\n", ""),
        "inherited-field-left-out": (r"    pages = .*?\n", ""),
        "inherited-relation-left-out": (r"    author = .*?\n", ""),
        "other-field-class: a date and time": (r"models\.DateField\(\)", "models.DateTimeField()"),
        "other-field-class: a positive number": (
            "IntegerField\\(verb",
            "PositiveIntegerField(verb",
        ),
        "other-field-class: an e-mail address as text": ("models.EmailField", "CharField"),
        "null-left-out": (", null=True", ""),
        "blank-left-out": (r"born_on = models.DateField\(blank=True, ", "born_on = D(("),
        "required-is-null: a date": (r"DateField\(\)", "DateField(null=True)"),
        "required-is-null: a number": ("verbose_name=", "null=True, verbose_name="),
        "required-is-blank": (r"DateField\(\)", "DateField(blank=True)"),
        "unique-left-out: an option": (", unique=True", ""),
        "unique-left-out: a constraint over two fields": (
            r'fields=\["isbn"\]',
            'fields=["isbn", "genre"]',
        ),
        "choices-left-out": ("choices=Genre.choices, ", ""),
        "other-max-length": ("max_length=13", "max_length=130"),
        "default-left-out": (r",\s*default=Genre.NOVEL", ""),
        "relation-null-left-out": (r"(\"api.Book\",\s*)null=True,", r"\1"),
        "other-on-delete": ("models.SET_NULL", "models.CASCADE"),
        "other-through": (r'through="Loan"', 'through="Reader"'),
        "foreign-key-of-other-kind: one-to-one": (r"models.ForeignKey\(Auth", "OneToOneField(Auth"),
        "foreign-key-of-other-kind: a number": (
            r"models.ForeignKey\(\n        Book",
            "IntegerField(",
        ),
        "one-to-one-of-other-kind": ("models.OneToOneField", "models.ForeignKey"),
        "many-to-many-of-other-kind": (r"ManyToManyField\(\n        \"", 'ForeignKey("'),
        "other-target: another model": (r"ForeignKey\(\n        Book", "ForeignKey(Reader"),
        "other-target: itself": (r"ForeignKey\(\n        Book", 'ForeignKey("self"'),
        "other-target: a name that no model has": (r'"api.Book"', '"api.BookShelf"'),
        "other-target: no longer itself": (r'to="self"', 'to="Reader"'),
        "foreign-key-without-on-delete": (r"Author, models.CASCADE", "Author"),
        "one-to-one-without-on-delete": (r"Author, on_delete=models.CASCADE", "Author"),
        "set-null-without-null": (r'"api.Book",\n        null=True,', '"api.Book",'),
        "on-delete-of-no-erd: DO_NOTHING": (r"models\.CASCADE", "models.DO_NOTHING"),
        "on-delete-of-no-erd: SET(None)": (r"models\.CASCADE", "models.SET(None)"),
        "many-to-many-null": (r'"Reader", blank', '"Reader", null=True, blank'),
        "through-left-out": (r' through="Loan",', ""),
        "symmetrical": (" symmetrical=False,", ""),
        "clashing-reverse-names": (
            r"    readers = .*?\n    \)\n",
            '    first = models.ForeignKey("Reader", on_delete=models.CASCADE)\n    n = 1\n'
            "    last = models.ForeignKey(\n"
            '        "api.Reader", on_delete=models.CASCADE\n    )\n',
        ),
        "default-called-at-import: timezone.now": (
            r"DateField\(\)",
            "DateField(default=timezone.now())",
        ),
        "default-called-at-import: date.today": (
            r"DateField\(\)",
            "DateField(default=date.today())",
        ),
        "mutable-default": (r"DateField\(\)", "DateField(default=[])"),
        "set-by-itself: auto_now_add": (r"DateField\(\)", "DateField(auto_now_add=True)"),
        "set-by-itself: not editable": (r"DateField\(\)", "DateField(editable=False)"),
        "other-key": ("unique=True", "primary_key=True"),
        "unmanaged": ('ordering = \\["id"\\]', "managed = False"),
    },
    "serializers": {
        "serializer-left-out": ("class LoanSerializer", "class LendingSerializer"),
        "other-model": ("model = Loan", "model = Book"),
        "all-fields: a text": (r'\["id", "due_on", "book", "reader"\]', '"__all__"'),
        "all-fields: a constant": (r'\["id", "due_on", "book", "reader"\]', "ALL_FIELDS"),
        "no-model": (r"        model = Loan\n", ""),
        "no-fields": (r"        fields = \[\"id\", \"due.*?\n", ""),
        "excluded-fields": ('fields = \\["id", "due_on"', 'exclude = ["due_on"'),
        "id-left-out": (r'\["id", "due', '["due'),
        "field-left-out: not in the list": ('"due_on", ', ""),
        "field-left-out: under another name": ('"isbn"', '"isbn_number"'),
        "relation-left-out": (', "reader"]', "]"),
        "column-for-relation": (', "reader"]', ', "reader", "reader_id"]'),
        "field-read-only": (
            "        model = Loan",
            '        read_only_fields = ["id", "due_on"]\n        model = Loan',
        ),
        "foreign-key-read-only": (
            "        model = Loan",
            '        read_only_fields = ("reader",)\n        model = Loan',
        ),
        "one-to-one-read-only": (
            "        model = Reader",
            '        read_only_fields = ("mentor",)\n        model = Reader',
        ),
        "through-not-read-only": (", read_only=True", ""),
        "nested-relation: a serializer": (r"PrimaryKeyRelatedField\(many", "ReaderSerializer(many"),
        "nested-relation: strings": (r"PrimaryKeyRelatedField\(many", "StringRelatedField(many"),
        "depth": ("model = Loan", "model = Loan\n        depth = 1"),
        "hyperlinks": (r"Loan(\w+)\(Model", r"Loan\1(HyperlinkedModel"),
        "field-hidden: a relation": ('"required": False', '"write_only": True'),
        "field-hidden: a read-only one": ("read_only=True", "write_only=True"),
        "own-save": (
            r"    class Meta:\n        fields",
            "    def create(self, data):\n        return Loan(**data)\n\n"
            "    class Meta:\n        fields",
        ),
    },
    "views": {
        "viewset-left-out": ("class LoanViewSet", "class LendingViewSet"),
        "not-every-method: read-only": (r"LoanViewSet\(Model", "LoanViewSet(ReadOnlyModel"),
        "not-every-method: GET only": (
            "    queryset = Loan",
            '    http_method_names = ["get"]\n\\g<0>',
        ),
        "no-queryset": (r"    queryset = Loan.*?\n", ""),
        "no-serializer": (r"    serializer_class = Loan.*?\n", ""),
        "other-queryset: of another model": (r"queryset = Loan\.", "queryset = Book."),
        "other-queryset: of another model, in parentheses": (
            r"queryset = \(?\s*Reader",
            "queryset = Loan",
        ),
        "filtered-queryset": (r'"reader"\)\.all\(\)', '"reader").filter(book__gt=1)'),
        "other-serializer": ("serializer_class = LoanS", "serializer_class = BookS"),
        "permissions-left-out": (r"    permission_classes = \[ModelPermissions\]\n", ""),
        "open-to-anybody: AllowAny": (r"= \[ModelPermissions\]", "= [AllowAny]"),
        "open-to-anybody: none at all": (r"= \[ModelPermissions\]", "= []"),
        "other-permissions: any account": (r"= \[ModelPermissions\]", "= [IsAuthenticated]"),
        "other-permissions: the library's own": (
            r"= \[ModelPermissions\]",
            "= [DjangoModelPermissions]",
        ),
        "own-authentication": (
            r"    permission_classes = \[",
            "    authentication_classes = []\n\\g<0>",
        ),
        "csrf-exempt": ("    def destroy", "    @csrf_exempt\n\\g<0>"),
        "many-selected": ("prefetch_related", "select_related"),
        "broad-except": (
            r"        return super.*?\n",
            "        try:\n            return super().destroy(request)\n"
            "        except Exception:\n            return None\n",
        ),
        "own-method": (r"return super\(\).destroy\(", "return delete("),
    },
    "router": {
        "viewset-not-registered": (r"router.register\(\"loans.*?\n", ""),
        "other-route: singular": ('"loans"', '"loan"'),
        "other-route: a slash": ('"books"', '"books/"'),
        "no-urlpatterns": ("urlpatterns", "url_patterns"),
        "routes-not-included": (r", \*router.urls", ""),
        "routes-below-a-prefix": (r"\*router.urls", 'path("v1/", include(router.urls))'),
        "auth-not-included": (r'path\("auth/", include\("api.auth"\)\), ', ""),
        "auth-below-another-prefix": ('"auth/"', '"login/"'),
        "no-trailing-slash": (r"DefaultRouter\(\)", "DefaultRouter(trailing_slash=False)"),
        "simple-router": (r"= routers.DefaultR", "= routers.SimpleR"),
        "views-by-hand": (
            "urlpatterns: list = \\[",
            '\\g<0>path("x/", views.LoanViewSet.as_view({"get": "list"})), ',
        ),
        "csrf-exempt": ("urlpatterns: list = \\[", '\\g<0>path("x/", csrf_exempt(x)), '),
    },
    "auth": {
        "no-permissions": ("class ModelPermissions", "class Permissions"),
        "anybody-reads": (r'"%\(app_label\)s.view_%\(model_name\)s"', ""),
        "reading-left-open": (r'"GET": \[.*?\]', '"GET": []'),
        "safe-methods-allowed": (
            r"if not request.user.is_authenticated:\n            return False",
            "if request.method in permissions.SAFE_METHODS:\n            return True",
        ),
        "anonymous-allowed": ("    perms_map", "    authenticated_users_only = False\n\\g<0>"),
        "always-allowed": (r"        if not request.*?view\)\n", "        return True\n"),
        "allow-any": ("from rest_framework.authtoken import", "from x import AllowAny\n\\g<0>"),
        "library-changed": (
            "\nclass Mod",
            '\npermissions.DjangoModelPermissions.perms_map["GET"] = []\n\\g<0>',
        ),
        "no-token": (r"views.ObtainAuthToken", "views.TokenView"),
        "no-session": ("rest_framework.urls", "rest_framework.views"),
        "no-urlpatterns": ("urlpatterns", "url_patterns"),
        "api-prefix": ('"token/"', '"auth/token/"'),
        "csrf-exempt": (r"views.ObtainAuthToken.as_view\(\)", "csrf_exempt(token)"),
        "own-passwords": ("        return super", "        check_password(1)\n\\g<0>"),
    },
}
# What no file may have, whatever it is.
EVERYWHERE = {
    "wildcard-import": "from api.secrets import *\n",
    "eval": "A = eval('1')\n",
    "raw-sql: raw": "A = B.objects.raw('SELECT 1')\n",
    "raw-sql: a cursor": "A = connection.cursor()\n",
    "unfinished": "# TODO: the rest\n",
    "print": "if True:\n    print(1)\n",
}
# Good code that lacks one thing.
LACKS = {
    "models": {
        "entity": (r"class Loan\(", "class Lending("),
        "field": (r"due_on = models.DateField", "due_on = models.TextField"),
        "null-field": ("blank=True, null=True", "null=True"),
        "unique-field": ("unique=True", ""),
        "choices-field": ("choices=Genre.choices,", ""),
        "foreign-key": ("Author, models.CASCADE", "Author"),
        "one-to-one": ("OneToOneField", "ForeignKey"),
        "many-to-many": ('"Reader", blank=True', '"Reader"'),
        "through": ('through="Loan",', ""),
        "ordering: in the class": (r'    class Meta:\n        ordering = \["id"\]', "    pass"),
        "ordering: in the base class": (r'ordering = \("id",\)', "pass"),
        "ordering: not inherited": (r"class Meta\(Stored.Meta\)", "class Meta"),
        "str": ("__str__", "__repr__"),
        "related-name": (', related_name="loans"|related_name="loans"', ""),
        "docstring": ('    """A book."""\n', ""),
    },
    "serializers": {
        "serializer": ("class LoanSerializer", "class LendingSerializer"),
        "model": ("model = Loan", "model = Book"),
        "id": ('"id"', '"pk"'),
        "field": ('"due_on"', '"due"'),
        "relation": ('"reader"', '"reader_id"'),
        "models-imported": (r"from \.models", "from .tables"),
        "explicit-fields": (r'fields = \["id", "due.*?\]', 'fields = "__all__"'),
        "through-read-only": (", read_only=True", ""),
        "docstring": ('    """Loans."""\n', ""),
    },
    "views": {
        "viewset": ("class LoanViewSet", "class LendingViewSet"),
        "queryset": (r"queryset = Loan\.objects.*?\n", ""),
        "serializer-class": ("serializer_class = Loan", "serializer_class = Book"),
        "permissions": (r"permission_classes = \[ModelPermissions\]", "x = 1"),
        "permissions-imported": (r"from \.auth", "from .permissions"),
        "foreign-key-selected": (r'\.select_related\("book", "reader"\)', ""),
        "one-to-one-selected": (r'\.select_related\("mentor"\)', ""),
        "many-to-many-prefetched": (r'\.prefetch_related\("readers"\)', ""),
        "docstring": ('    """Loans."""\n', ""),
    },
    "router": {
        "router": (r"routers\.DefaultRouter\(\)", "Router()"),
        "route": ('"loans"', '"loan"'),
        "registers": ("router.register", "router.add"),
        "urlpatterns": ("urlpatterns", "url_patterns"),
        "auth": ('"auth/"', '"login/"'),
        "views-imported": (r"from \. import views", "from viewsets import views"),
        "default-router": ("Default", "Simple"),
        "docstring": (r'"""Routes\."""\n', ""),
    },
    "auth": {
        "permissions": (r"permissions\.DjangoModelPermissions", "permissions.BasePermission"),
        "view-permission": ("view_%", "read_%"),
        "own-map": ("perms_map = ", "permissions = "),
        "head-permission": ('"HEAD"', '"TRACE"'),
        "token": ('"token/"', '"login/"'),
        "session": ('"session/"', '"login/"'),
        "docstring": ('    """To read needs permission, too."""\n', ""),
    },
}


@pytest.mark.parametrize(("kind", "text"), styles(GOOD))
def test_good_code_of_another_style_has_no_defect(kind: str, text: str) -> None:
    """Base classes, direct imports, tuples, annotations, loops: all the same to the rules."""
    text = format_code(text)
    compile(text, kind, "exec")
    assert judge(RULES[kind], text, LIBRARY) == FLAWLESS


@pytest.mark.parametrize(
    "erd", [SHOP, AWKWARD, library_project.LIBRARY], ids=lambda erd: erd.name[:8]
)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_templates_make_keeps_every_rule(kind: str, erd: Erd) -> None:
    """Every type, option and kind of relation, and awkward names: a whole score."""
    text = render(kind, erd)
    assert judge(RULES[kind], text, Project(erd)) == FLAWLESS
    assert assess(text, RULES[kind], Project(erd)).score == 1


@pytest.mark.parametrize(("kind", "rule", "sample", "edit"), damaged(GOOD, DEFECTS))
def test_a_defect_is_found_by_its_rule(
    kind: str, rule: str, sample: str, edit: tuple[str, str]
) -> None:
    """One thing is wrong in a good sample, and the rule for it matches."""
    text = applied(edit, format_code(sample))
    assert rule in judge(RULES[kind], text, LIBRARY).found


@pytest.mark.parametrize(("name", "line"), EVERYWHERE.items(), ids=EVERYWHERE)
@pytest.mark.parametrize("kind", KINDS)
def test_what_no_file_may_have_is_found(kind: str, name: str, line: str) -> None:
    """These rules are the same in all five books."""
    text = next(iter(GOOD[kind].values())) + line
    assert judge(RULES[kind], text, LIBRARY).found == {rule_of(name)}


@pytest.mark.parametrize(("kind", "rule", "sample", "edit"), damaged(GOOD, LACKS))
def test_what_is_lacking_is_missed(
    kind: str, rule: str, sample: str, edit: tuple[str, str]
) -> None:
    """A good sample without one thing breaks the rule that asks for it."""
    text = applied(edit, format_code(sample))
    assert rule in judge(RULES[kind], text, LIBRARY).missed


def test_every_rule_has_a_sample() -> None:
    """A rule without a damaged text here is not known to work."""
    shown = rules_in(DEFECTS, LACKS, dict.fromkeys(KINDS, EVERYWHERE))
    assert {(kind, rule.id) for kind in KINDS for rule in RULES[kind].rules} == shown


def test_an_empty_answer_keeps_no_rule() -> None:
    """A file with nothing in it breaks every rule of good code that applies to it."""
    for kind in KINDS:
        required = {
            check.rule.id
            for check in checks_for(RULES[kind], LIBRARY)
            if check.rule.kind == "required"
        }
        assert judge(RULES[kind], "\n", LIBRARY).missed == required


def test_no_name_of_a_rule_is_left_unfilled() -> None:
    """Patterns and messages ask for no name that an ERD does not give."""
    for kind in KINDS:
        for check in checks_for(RULES[kind], LIBRARY):
            assert not re.search(r"\{[a-z]+\}", check.pattern.pattern + check.message), (
                check.rule.id
            )


def test_a_wide_project_is_judged_quickly() -> None:
    """No pattern explodes: thirty entities, a thousand checks, a second at most."""
    erd = read(
        (GENERATOR.parents[2] / "scenarios" / "erds" / "wide.json").read_text(encoding="utf-8")
    )
    project = Project(erd)
    for kind in KINDS:
        text = render(kind, erd)
        checks_for(RULES[kind], project)  # compiles
        started = time.process_time()
        assert judge(RULES[kind], text, project) == FLAWLESS
        assert judge(RULES[kind], text.replace("a", "e"), project) != FLAWLESS
        assert time.process_time() - started < 2
