"""Django's own checks on models that nobody runs."""

import ast
import uuid
from pathlib import Path

import pytest
from django import db
from django.db.models import CASCADE
from django.utils import timezone

from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.quality.django_checks import find_problems
from flagbench_generators.django_rest.quality.literal import (
    Unknown,
    any_function,
    evaluate,
    read_import,
)
from flagbench_generators.kernel.pipeline import texts_of

SOLUTIONS = Path(__file__).parents[3] / "scenarios" / "solutions"
HEAD = "from django.db import models\n"


def model(*lines: str, name: str = "Book", base: str = "models.Model") -> str:
    """A model with these lines."""
    return f"class {name}({base}):\n" + "".join(f"    {line}\n" for line in lines)


def test_a_sound_model() -> None:
    """Nothing is told."""
    assert find_problems(HEAD + model("title = models.CharField(max_length=3)")) == ()


TO_BOOK = "models.ForeignKey('Book', on_delete=models.CASCADE"


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["x = models.CharField()"], "line 3: Book.x: CharFields must define a 'max_length'"),
        (
            ["x = models.DecimalField(max_digits=2, decimal_places=3)"],
            "line 3: Book.x: 'max_digits' must be greater or equal to 'decimal_places'",
        ),
        (["x = models.ForeignKey('Book')"], "line 3: ForeignKey.__init__() missing 1 required"),
        (["x = models.CharFeild()"], "line 3: module 'django.db.models' has no attribute 'CharF"),
        (["x = models.CharField(max_length=3, lenght=4)"], "unexpected keyword argument 'lenght'"),
        (
            [f"x = {TO_BOOK.replace('Book', 'Bok')})"],
            "line 3: Book.x: Field defines a relation with",
        ),
        ([f"x = {TO_BOOK})", f"y = {TO_BOOK})"], "Reverse accessor 'Book.book_set' for"),
        (["x = models.ForeignKey('self', on_delete=models.SET_NULL)"], "cannot be null"),
        (["class Meta:", "    ordering = ['nmae']"], "line 2: Book: 'ordering' refers to the"),
        (["class Meta:", "    unique_together = [('a', 'b')]"], "nonexistent field 'a'"),
        (["class Meta:", "    orderin = ['id']"], "line 2: 'class Meta' got invalid attribute(s)"),
        (["class Meta:", "    ordering = 5"], "line 2: Book: 'ordering' must be a tuple or list"),
        (["id_ = models.IntegerField()"], "Field names must not end with an underscore"),
        (
            ["x = models.CharField(max_length=1, choices=[('ab', 'A')])"],
            "'max_length' is too small",
        ),
        (["x = models.CharField(max_length=-1)"], "'max_length' must be a positive integer"),
    ],
)
def test_what_django_has_against_models(lines: list[str], what: str) -> None:
    """With the line of the part."""
    told = find_problems(HEAD + model(*lines))
    assert what in told[0]
    both = "clash" in told[0] or "nonexistent field 'a'" in told[0]  # of y, and of b, too
    assert len(told) == (2 if both else 1)


def test_a_wrong_through_model_is_told_where_it_stands() -> None:
    """The pairs of a relation that lack a side."""
    text = HEAD + model("tags = models.ManyToManyField('Tag', through='Tagging')")
    text += model("pass", name="Tag")
    text += model("tag = models.ForeignKey(Tag, on_delete=models.CASCADE)", name="Tagging")
    (only,) = find_problems(text)
    assert only.startswith("line 6: Tagging: The model is used as an intermediate model")


OF_CHOICES = "models.CharField(choices=S.choices, default=S.A, max_length=1)"


@pytest.mark.parametrize(
    "lines",
    [
        ["x = models.CharField(max_length=LIMIT)"],
        ["x = models.CharField(max_length=limit())"],
        ["x = models.CharField(**options())"],
        ["x = models.CharField(choices=[(a, a) for a in 'ab'], max_length=1)"],
        ["x = field()", "class Meta:", "    ordering = ['x']"],
        ["x = models.ForeignKey(settings.USER, on_delete=models.CASCADE)"],
        ["x = models.ForeignKey('auth.User', on_delete=models.CASCADE)"],
        ["x = models.ForeignKey(Other, on_delete=models.CASCADE)"],
        ["x = models.ForeignKey('Other', on_delete=models.CASCADE)"],
        ["line = models.IntegerField()", "left_out = models.IntegerField()"],
        ["class S(models.TextChoices):", "    A = 'a', 'A'", f"x = {OF_CHOICES}"],
        ["x: models.CharField = models.CharField(max_length=3)"],
        ["objects = models.Manager()", "other = Manager.from_queryset(Q)()"],
    ],
)
def test_what_only_shows_when_the_file_runs_is_not_told(lines: list[str]) -> None:
    """Nobody can say whether it is wrong, or it is right."""
    text = f"{HEAD}LIMIT = 3\n" + model("pass", name="Other", base="Elsewhere") + model(*lines)
    assert find_problems(text) == ()


def test_a_base_class_gives_its_parts_and_its_order() -> None:
    """An abstract one, and a Meta that inherits from its Meta."""
    base = model("class Meta:", "    abstract = True", "    ordering = ['nmae']", name="Base")
    inherits = model("pass", base="Base")
    assert find_problems(HEAD + base) == ()
    assert "'ordering' refers to the nonexistent field" in find_problems(HEAD + base + inherits)[0]
    own = model("class Meta:", "    ordering = ['id']", base="Base")
    assert find_problems(HEAD + base + own) == ()
    more = model("class Meta(Base.Meta):", "    verbose_name = 'book'", base="Base")
    assert "nonexistent field" in find_problems(HEAD + base + more)[0]


WAYS_IN = (
    "os.abort()",
    "models.FileField(storage=os.abort)",
    "models.CharField(max_length=3, choices=os.abort)",
    "models.ForeignKey('Book', on_delete=os.abort, limit_choices_to=os.abort)",
    "models.CharField(max_length=os.abort())",
    "models.CharField(max_length=3, default=os.abort)",
    "models.CharField(os.abort, max_length=3)",
    "models.fields.datetime.sys.modules['os'].abort()",
    "models.__builtins__['exit'](9)",
    "uuid.os.abort()",
    "abort()",
    "models.Manager.from_queryset(os.abort)()",
)


IMPORTS = (
    "import os",
    "from uuid import os",
    "import uuid\nfrom uuid import os",
    "from os import *",
)


@pytest.mark.parametrize("way", WAYS_IN)
@pytest.mark.parametrize("line", IMPORTS)
def test_nothing_of_the_file_is_run(line: str, way: str) -> None:
    """Were anything called, this process would end: at the top, in a class, as a base, in Meta."""
    text = f"{HEAD}import uuid\n{line}\nfrom os import abort\nx = {way}\n@{way}\n"
    text += model(f"x = {way}", "class Meta:", f"    ordering = {way}")
    text += model(f"y = {way}", name="Other", base=f"models.Model, {way}")
    find_problems(text)


@pytest.mark.parametrize(
    ("line", "named"),
    [("from uuid import os, sys", {}), ("import os, os.path", {}), ("from os import abort", {}),
     ("from uuid import getnode as n", {"n": any_function}), ("import uuid as u", {"u": uuid}),
     ("from django.db import connection, transaction", {}),
     ("from django.db.models import CASCADE as C", {"C": CASCADE})],
)  # fmt: skip
def test_what_a_file_can_get_hold_of(line: str, named: dict[str, object]) -> None:
    """Modules of declarations and what declares; of another function only that it is one."""
    assert read_import(ast.parse(line).body[0]) == named


@pytest.mark.parametrize(
    "text", ["uuid.os", "uuid.sys.modules", "uuid.__loader__", "uuid.UUID.hex"]
)
def test_nothing_leads_from_there_to_elsewhere(text: str) -> None:
    """A module that a module imports is none of its own."""
    with pytest.raises(Unknown):
        evaluate(ast.parse(text, mode="eval").body, {"uuid": uuid})


CALLED = ("uuid.getnode", "timezone.deactivate", "close_old_connections", "uuid.uuid4")


@pytest.mark.parametrize("function", CALLED)
def test_no_function_of_a_library_is_called_either(
    function: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Django calls some that it is given; a default is only kept."""
    ran: list[int] = []
    module = {"uuid": uuid, "timezone": timezone}.get(function.partition(".")[0], db)
    monkeypatch.setattr(module, function.rpartition(".")[2], lambda: ran.append(1))
    text = "import uuid\nfrom django.db import close_old_connections, models\n"
    text += "from django.utils import timezone\n"
    text += model(
        f"a = models.FileField(storage={function})",
        f"b = models.CharField(max_length=3, choices={function})",
        f"c = models.UUIDField(default={function})",
        f"d = models.ForeignKey('self', on_delete=models.CASCADE, limit_choices_to={function})",
    )
    assert find_problems(text) == ()
    assert ran == []


@pytest.mark.parametrize(
    "line",
    [
        "x = models.DecimalField(max_digits=Decimal('1e999999999'), decimal_places=2)",
        "x = models.ForeignKey(uuid.os.environ, on_delete=models.CASCADE)",
        "class Meta:\n        swappable = 'SECRET_KEY'",
        "class Meta:\n        swappable = 'AUTH_USER_MODEL'",
        "x = " + "-" * 400 + "1",
        "x = a" + ".b" * 900,
    ],
)
def test_what_would_hang_or_tell_of_the_program_is_left_out(line: str) -> None:
    """A huge number, the environment, settings, a deep expression."""
    text = f"{HEAD}import uuid\nfrom uuid import os\nfrom decimal import Decimal\n{model(line)}"
    assert find_problems(text) == ()


def test_a_function_in_a_finding_is_told_without_its_address() -> None:
    """It would be another one in each process, and so would the prompt that tells it."""
    (only,) = find_problems(
        f"{HEAD}import uuid\n" + model("x = models.ForeignKey(uuid.uuid4, models.CASCADE)")
    )
    assert "0x" not in only
    (lone,) = find_problems(HEAD + model("class Meta:", "    ordering = ['\\ud800']"))
    lone.encode()


VALID = """\
from django.contrib.auth import get_user_model
from django.contrib.contenttypes.fields import GenericForeignKey
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from datetime import date
NULLABLE = {"null": True, "blank": True}
P = "p"
"""


@pytest.mark.parametrize(
    "lines",
    [
        ["x = models.CharField(max_length=3, **NULLABLE)"],
        ["user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)",
         "class Meta:", "    indexes = [models.Index(fields=['user'])]"],
        ["x = models.CharField(_('x'), max_length=3)",
         "class Meta:", "    indexes = [models.Index(fields=['x'])]"],
        ["user = models.ForeignKey('auth.User', on_delete=models.CASCADE)",
         "class Meta:", "    ordering = ['user__username']"],
        ["author = models.ForeignKey('Author', on_delete=models.CASCADE)",
         "class Meta:", "    ordering = ['author__name']"],
        ["a = b = models.CharField(max_length=3)", "class Meta:", "    ordering = ['b']"],
        ["a, b = models.IntegerField(), models.IntegerField()",
         "class Meta:", "    unique_together = [('a', 'b')]"],
        ["if True:", "    a = models.IntegerField()", "class Meta:", "    ordering = ['a']"],
        ["editor = models.ForeignKey('self', models.CASCADE, related_name=f'{P}_edited')",
         "author = models.ForeignKey('self', models.CASCADE)"],
        ["@classmethod", "def check(cls, **kwargs):", "    return super().check(**kwargs)",
         "x = models.IntegerField()"],
        ["class S(str, models.Choices):", "    A = 'a'", "x = models.CharField(max_length=1)"],
        ["class Moon(date, models.Choices):", "    A = 1969, 7, 20, 'Apollo'",
         "x = models.DateField(choices=Moon.choices)"],
        ["class S(models.TextChoices):", "    A = 'a'", "    @classmethod", "    def first(cls):",
         "        return cls.A", "x = models.CharField(max_length=1, default=S.first)"],
        ["born = models.DateField(default=date.today)"],
        ["tags = models.ManyToManyField('Tag', through='Tagging')"],
        ["picture = models.ImageField(null=True)"],
        ["file = models.FileField(upload_to='x', storage=lambda: 1)"],
    ],
)  # fmt: skip
def test_nothing_is_told_of_ordinary_models(lines: list[str]) -> None:
    """What Django itself accepts, or what another file decides."""
    text = HEAD + VALID + "class Author(Stamped):\n    pass\n"
    text += "class Tag(models.Model):\n    pass\nclass Tagging(Stamped):\n    pass\n"
    assert find_problems(text + model(*lines)) == ()


@pytest.mark.parametrize(
    "before",
    ["from django.contrib.gis.db import models", "from .own import models", "models = own()",
     "def models(): pass", "class models: pass", "from own import *", "import own as models",
     "for models in own: pass"],
)  # fmt: skip
def test_a_name_that_is_bound_anew_is_no_longer_djangos(before: str) -> None:
    """Whatever binds it."""
    text = model("x = models.PointField()")
    assert len(find_problems(HEAD + text)) == 1
    assert find_problems(f"{HEAD}{before}\n{text}") == ()


@pytest.mark.parametrize("adds", ["@with_name\nclass Book(models.Model):\n",
                                   "class Book(models.Model, metaclass=WithName):\n"])  # fmt: skip
def test_what_a_decorator_or_a_metaclass_adds_does_not_show(adds: str) -> None:
    """It may be the field by which the rows are in order."""
    assert find_problems(f"{HEAD}{adds}    class Meta:\n        ordering = ['name']\n") == ()


@pytest.mark.parametrize("base", ["models.CharField(foo=1)", "{[1]: 2}", "3", "models.Nothing"])
def test_an_odd_base_class_is_no_model(base: str) -> None:
    """Nor does it end the review."""
    assert find_problems(HEAD + model("x = 1", base=base)) == ()


def test_a_number_that_changes_is_not_known() -> None:
    """The first value would be too small."""
    size = "N = 1\nN += 10\n"
    field = "x = models.CharField(max_length=N, choices=[('ab', 'A')])"
    assert find_problems(HEAD + size + model(field)) == ()


def test_an_inherited_field_can_be_dropped_and_a_meta_begun_anew() -> None:
    """With None, and with a Meta that does not inherit."""
    base = model("tag = models.ForeignKey('self', models.CASCADE)", "class Meta:",
                 "    abstract = True", "    ordering = ['tag']", name="Base")  # fmt: skip
    text = HEAD + base + model("tag = None", "class Meta:", "    ordering = ['id']", base="Base")
    assert find_problems(text) == ()


@pytest.mark.parametrize(
    "path", sorted(SOLUTIONS.glob("django-*/api/models.py")), ids=lambda p: p.parts[-3]
)
def test_nothing_is_told_of_reference_models(path: Path) -> None:
    """They are accepted by the harness."""
    assert find_problems(path.read_text(encoding="utf-8")) == ()


def test_nothing_is_told_of_the_example_of_the_standard() -> None:
    """What a model is shown as right."""
    standard = texts_of(DJANGO).full_standards["models"]
    example = max(standard.split("```python\n")[1:], key=len).partition("```")[0]
    assert "models.Model" in example
    assert find_problems(example) == ()
