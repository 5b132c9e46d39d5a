"""Django's own checks on models that nobody runs."""

from pathlib import Path

import pytest

from generator.pipeline import texts_of
from generator.pipelines.django import DJANGO
from generator.rest.quality.django_checks import faults

SOLUTIONS = Path(__file__).parents[3] / "scenarios" / "solutions"
HEAD = "from django.db import models\n"


def model(*lines: str, name: str = "Book", base: str = "models.Model") -> str:
    """A model with these lines."""
    return f"class {name}({base}):\n" + "".join(f"    {line}\n" for line in lines)


def test_a_sound_model() -> None:
    """Nothing is told."""
    assert faults(HEAD + model("title = models.CharField(max_length=3)")) == ()


TO_BOOK = "models.ForeignKey('Book', on_delete=models.CASCADE"


@pytest.mark.parametrize(
    ("lines", "what"),
    [
        (["x = models.CharField()"], "line 3: Book.x: CharFields must define a 'max_length'"),
        (["x = models.DecimalField(max_digits=2)"], "line 3: Book.x: DecimalFields must define a"),
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
    assert any(what in told for told in faults(HEAD + model(*lines))), lines


def test_a_wrong_through_model_is_told_where_it_stands() -> None:
    """The pairs of a relation that lack a side."""
    text = HEAD + model("tags = models.ManyToManyField('Tag', through='Tagging')")
    text += model("pass", name="Tag")
    text += model("tag = models.ForeignKey(Tag, on_delete=models.CASCADE)", name="Tagging")
    (only,) = faults(text)
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
    assert faults(text) == ()


def test_a_base_class_gives_its_parts_and_its_order() -> None:
    """An abstract one, and a Meta that inherits from its Meta."""
    base = model("class Meta:", "    abstract = True", "    ordering = ['nmae']", name="Base")
    inherits = model("pass", base="Base")
    assert faults(HEAD + base) == ()
    assert "'ordering' refers to the nonexistent field" in faults(HEAD + base + inherits)[0]
    own = model("class Meta:", "    ordering = ['id']", base="Base")
    assert faults(HEAD + base + own) == ()
    more = model("class Meta(Base.Meta):", "    verbose_name = 'book'", base="Base")
    assert "nonexistent field" in faults(HEAD + base + more)[0]


def test_nothing_of_the_file_is_run(tmp_path: Path) -> None:
    """Neither at the top, nor in a class, an argument, a decorator or a base class."""
    trace = tmp_path / "it ran"
    run = f"__import__('pathlib').Path({str(trace)!r}).touch()"
    text = f"{HEAD}import os\n{run}\nos.mkdir({str(trace)!r})\n@{run}\n"
    text += model(
        f"x = models.CharField(max_length={run})",
        f"y = models.__builtins__['open']({str(trace)!r}, 'w')",
        f"z = models.fields.datetime.sys.modules['os'].mkdir({str(trace)!r})",
        f"from os import mkdir; a = mkdir({str(trace)!r})",
        base=f"models.Model, {run}",
    )
    faults(text)
    assert not trace.exists()


@pytest.mark.parametrize(
    "path", sorted(SOLUTIONS.glob("django-*/api/models.py")), ids=lambda p: p.parts[-3]
)
def test_nothing_is_told_of_reference_models(path: Path) -> None:
    """They are accepted by the harness."""
    assert faults(path.read_text(encoding="utf-8")) == ()


def test_nothing_is_told_of_the_example_of_the_standard() -> None:
    """What a model is shown as right."""
    standard = texts_of(DJANGO).full_standards["models"]
    example = max(standard.split("```python\n")[1:], key=len).partition("```")[0]
    assert "models.Model" in example
    assert faults(example) == ()
