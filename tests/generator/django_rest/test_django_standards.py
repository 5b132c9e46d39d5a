"""The standards of the Django pipeline: their examples are a project, and none loses a duty."""

import json
import re
from pathlib import Path

import pytest
from django_examples import KINDS, boot, write_project
from standard_texts import assert_clean, code_blocks, complete_example, compressed, full

from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import Erd
from flagbench_generators.django_rest.quality import assess
from flagbench_generators.django_rest.request_spec import Project
from flagbench_generators.kernel.pipeline import texts_of

# What may not be lost when a standard is compressed.
DUTIES = {
    "models": "max_length max_digits decimal_places CharField TextField IntegerField DecimalField"
    " FloatField BooleanField DateField DateTimeField TimeField EmailField URLField UUIDField"
    " null=True blank=True unique=True TextChoices IntegerChoices pairs default Decimal"
    " timezone.now() auto_now auto_now_add editable=False primary_key ForeignKey OneToOneField"
    ' ManyToManyField "self" on_delete CASCADE PROTECT SET_NULL DO_NOTHING through="Loan"'
    " symmetrical=False related_name _as_ ordering __str__ db_table save docstring signals import",
    "serializers": "ModelSerializer Meta model fields read_only_fields __all__ exclude through ids"
    " depth StringRelatedField HyperlinkedModelSerializer write_only create to_representation"
    " null docstring default",
    "views": "ModelViewSet queryset serializer_class permission_classes ModelPermissions filter"
    " select_related prefetch_related AllowAny IsAuthenticated IsAuthenticatedOrReadOnly"
    " DjangoModelPermissionsOrAnonReadOnly authentication_classes csrf_exempt 200 201 204 400 401"
    " 403 404 409 ProtectedError perform_destroy Exception @action raw extra cursor docstring",
    "router": "DefaultRouter router.register urlpatterns include auth/ api.auth router.urls"
    " basename plural hyphen order-lines categories classes boxes branches persons underscore slash"
    " as_view csrf_exempt through version docstring",
    "auth": "ModelPermissions DjangoModelPermissions perms_map GET HEAD POST PUT PATCH DELETE view"
    " add change delete 401 403 DjangoModelPermissionsOrAnonReadOnly authenticated_users_only"
    " SAFE_METHODS super().has_permission token/ obtain_auth_token session/ rest_framework.urls"
    " csrf_exempt password secret api.views api.urls settings prefix docstring",
}
EVERYWHERE = "79 black flake8 fence none"
NOVEL = {"title": "Emma"}
LENT = {"due_on": "2024-05-01", "book": 1, "reader": 1}
CALLS = [
    ("stranger", None, "get", "/books/", None),
    ("guest", "guest", "get", "/books/", None),
    ("reader", "reader", "get", "/books/", None),
    ("book", "root", "post", "/books/", NOVEL),
    ("sequel", "root", "post", "/books/", NOVEL | {"sequel_of": 1, "genre": "poetry"}),
    ("choice", "root", "post", "/books/", NOVEL | {"genre": "drama"}),
    ("member", "root", "post", "/readers/", {"email": "ada@example.org"}),
    ("loan", "root", "post", "/loans/", LENT),
    ("books", "root", "patch", "/readers/1/", {"books": []}),
    ("protected", "root", "delete", "/readers/1/", None),
    ("deleted", "root", "delete", "/books/1/", None),
    ("cascaded", "root", "get", "/loans/1/", None),
    ("set null", "root", "get", "/books/2/", None),
]


def example_erd() -> Erd:
    """The ERD that the standard of the models shows."""
    (text,) = re.findall(r"^```json\n(.*?)^```$", full("models"), re.MULTILINE | re.DOTALL)
    return Erd.model_validate(json.loads(text))


@pytest.mark.parametrize("kind", KINDS)
def test_the_sizes_are_the_promised_ones(kind: str) -> None:
    """About a hundred lines in whole ones, a dozen to twenty in compressed ones."""
    assert 80 <= len(full(kind).splitlines()) <= 175
    assert 12 <= len(compressed(kind).splitlines()) <= 20
    assert len(compressed(kind)) < len(full(kind)) / 2.5
    assert max(map(len, full(kind).splitlines())) <= 100


def test_all_together_are_a_real_document() -> None:
    """Half a thousand lines; a fraction of that when compressed."""
    assert 480 <= sum(len(full(kind).splitlines()) for kind in KINDS) <= 620
    assert sum(len(compressed(kind).splitlines()) for kind in KINDS) <= 80


@pytest.mark.parametrize("kind", KINDS)
def test_no_duty_is_lost_in_compression(kind: str) -> None:
    """Every name, number and word that asks for something is in both."""
    for word in f"{DUTIES[kind]} {EVERYWHERE}".split():
        assert word in full(kind), word
        assert word in compressed(kind), word


@pytest.mark.parametrize("kind", KINDS)
def test_the_full_standard_has_its_order(kind: str) -> None:
    """Consecutive sections: where the file lives, and at the end a checklist and what is taste."""
    text = full(kind)
    sections = re.findall(r"^## (\d+)\. (.+)$", text, re.MULTILINE)
    assert [int(number) for number, _ in sections] == list(range(1, len(sections) + 1))
    assert sections[0][1] == "Where the file lives"
    assert sections[-1][1] == "Review checklist"
    assert "\nDo not reject for taste: " in text
    assert KINDS[kind] in text
    assert KINDS[kind] in compressed(kind).splitlines()[0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_complete_example_keeps_every_rule(kind: str) -> None:
    """What a standard shows is what its rules ask for: a whole score, nothing to mend."""
    rules = texts_of(DJANGO).rules[kind]
    quality = assess(complete_example(kind), rules, Project(example_erd()))
    assert (quality.score, quality.issues) == (1, ())


def test_the_bad_examples_break_a_rule() -> None:
    """What a standard shows as bad is found, where a rule for its like exists."""
    bad = [
        (kind, block) for kind in KINDS for block in code_blocks(kind) if block.startswith("# Bad")
    ]
    assert {kind for kind, _ in bad} == {"models", "serializers", "router", "auth"}
    for kind, block in bad:
        if kind == "models":
            continue  # Django's own check finds the clash: fields.E304
        rules = texts_of(DJANGO).rules[kind]
        text = complete_example(kind)
        spoilt = text + "\n\n" + block
        for name in re.findall(r"^class (\w+)", block, re.MULTILINE):
            spoilt = re.sub(rf"^class {name}\b(?:(?!^\S).)*", "", text, flags=re.M | re.S) + block
        assert assess(spoilt, rules, Project(example_erd())).score < 1, block


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the project of the five complete examples."""
    root = tmp_path_factory.mktemp("examples")
    write_project(root / "library", {kind: complete_example(kind) for kind in KINDS}, CALLS)
    return root


def test_the_complete_examples_are_clean(example: Path, capsys: pytest.CaptureFixture) -> None:
    """What the standard shows keeps what it says: black and flake8 at 79 columns."""
    paths = [example / "library" / path for path in KINDS.values()]
    assert_clean(paths, capsys)


@pytest.mark.thorough
def test_the_complete_examples_work_together(example: Path) -> None:
    """They boot without a warning and answer as the standards say."""
    answers = boot(example)["library"]
    assert isinstance(answers, dict), answers
    assert {label: status for label, (status, _) in answers.items()} == {
        "stranger": 401,
        "guest": 403,
        "reader": 200,
        "book": 201,
        "sequel": 201,
        "choice": 400,
        "member": 201,
        "loan": 201,
        "books": 200,
        "protected": 409,
        "deleted": 204,
        "cascaded": 404,
        "set null": 200,
    }
    assert answers["loan"][1] == LENT | {"id": 1}
    assert answers["books"][1]["books"] == [1]
    assert answers["set null"][1]["sequel_of"] is None


def test_the_routes_of_the_standard_are_those_of_the_erd() -> None:
    """The table of plurals is what the ERD derives."""
    table = "Loan OrderLine Category Class Box Branch Person"
    entities = [{"name": name, "fields": [{"name": "x", "type": "text"}]} for name in table.split()]
    erd = Erd.model_validate({"name": "x", "entities": entities})
    for entity in erd.entities:
        assert f"`{entity.name}`" in full("router")
        assert re.search(rf"`{entity.route}`", full("router")) or entity.name == "Category"
        assert f"{entity.name} {entity.route}" in compressed("router")


def test_the_reverse_names_of_the_example_are_those_of_the_templates() -> None:
    """The standard and the ERD call the other side of a relation alike."""
    erd = example_erd()
    for entity in erd.entities:
        for relation in entity.relations:
            name = f'related_name="{erd.related_name(entity, relation)}"'
            assert name in complete_example("models")
