"""The templates of the Django pipeline: what they render is clean, boots and keeps its contract."""

import ast
import subprocess
import sys
from pathlib import Path
from typing import Any

import jinja2
import pytest
from django_examples import (
    AWKWARD,
    GENERATOR,
    KINDS,
    LONG_TEXT,
    SHOP,
    boot,
    render,
    write_project,
)
from patience import PATIENCE_SECONDS
from standard_texts import assert_clean

from flagbench_generators.django_rest.erd import Erd, read

ERDS = {"own": SHOP, "awkward": AWKWARD} | {
    path.stem: read(path.read_text(encoding="utf-8"))
    for path in sorted((GENERATOR.parents[2] / "scenarios" / "erds").glob("*.json"))
}
ADA = {"email": "ada@example.org", "full_name": "Ada"}
LAMP = {"code": "123e4567-e89b-12d3-a456-426614174001", "title": "Lamp"}
PLACED = {"placed_at": "2024-05-01T10:00:00Z", "customer": 1}
# What is asked of a running shop, in order: a label, who asks, how, where, with what.
CALLS = [
    ("anonymous list", None, "get", "/customers/", None),
    ("anonymous create", None, "post", "/customers/", ADA),
    ("guest list", "guest", "get", "/customers/", None),
    ("guest head", "guest", "head", "/customers/", None),
    ("reader list", "reader", "get", "/customers/", None),
    ("reader create", "reader", "post", "/customers/", ADA),
    ("session", None, "get", "/auth/session/login/", None),
    ("create", "root", "post", "/customers/", ADA),
    ("create second", "root", "post", "/customers/", ADA | {"email": "b@x.org", "referred_by": 1}),
    ("duplicate", "root", "post", "/customers/", ADA),
    ("missing", "root", "post", "/customers/", {"email": "c@x.org"}),
    ("empty", "root", "post", "/customers/", ADA | {"email": "c@x.org", "full_name": ""}),
    ("choice", "root", "patch", "/customers/1/", {"status": "old"}),
    ("not null", "root", "patch", "/customers/1/", {"full_name": None}),
    ("null", "root", "patch", "/customers/1/", {"phone": None, "website": None, "born_on": None}),
    ("product", "root", "post", "/products/", LAMP),
    ("no price", "root", "patch", "/products/1/", {"price": "12345678.00"}),
    ("no stars", "root", "patch", "/products/1/", {"stars": 4}),
    ("stars", "root", "patch", "/products/1/", {"stars": 3}),
    ("many", "root", "patch", "/customers/1/", {"favourites": [1], "friends": [2]}),
    ("not symmetrical", "root", "get", "/customers/2/", None),
    ("none", "root", "patch", "/customers/1/", {"favourites": []}),
    ("order", "root", "post", "/orders/", PLACED),
    ("no customer", "root", "post", "/orders/", PLACED | {"customer": 77}),
    ("line", "root", "post", "/order-lines/", {"order": 1, "product": 1}),
    ("through", "root", "patch", "/orders/1/", {"products": []}),
    ("invoice", "root", "post", "/invoices/", {"number": "1", "order": 1}),
    ("second invoice", "root", "post", "/invoices/", {"number": "2", "order": 1}),
    ("protected", "root", "delete", "/customers/1/", None),
    ("replace", "root", "put", "/customers/2/", {"email": "z@x.org", "full_name": "Zoe"}),
    ("delete order", "root", "delete", "/orders/1/", None),
    ("cascaded", "root", "get", "/invoices/1/", None),
    ("refer", "root", "patch", "/customers/2/", {"referred_by": 1}),
    ("delete", "root", "delete", "/customers/1/", None),
    ("gone", "root", "get", "/customers/1/", None),
    ("set null", "root", "get", "/customers/2/", None),
]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the projects of all ERDs."""
    root = tmp_path_factory.mktemp("projects")
    for name, erd in ERDS.items():
        texts = {kind: render(kind, erd) for kind in KINDS}
        write_project(root / name, texts, CALLS if name == "own" else [])
    return root


@pytest.fixture(scope="module")
def booted(projects: Path) -> dict[str, Any]:
    """What became of each project: a text if it did not boot, else the answers of its API."""
    return boot(projects)


@pytest.fixture(scope="module")
def answers(booted: dict[str, Any]) -> dict[str, Any]:
    """The answers of the shop."""
    assert isinstance(booted["own"], dict), booted["own"]
    return booted["own"]


@pytest.mark.parametrize("name", ERDS)
def test_the_project_boots(booted: dict[str, Any], name: str) -> None:
    """No error or warning of Django's checks; one migration, and nothing left to migrate."""
    assert isinstance(booted[name], dict), booted[name]


def test_black_and_flake8_change_nothing(projects: Path, capsys: pytest.CaptureFixture) -> None:
    """Every file of every project is clean at 79 columns."""
    paths = [projects / name / path for name in ERDS for path in KINDS.values()]
    assert_clean(paths, capsys)


def test_bandit_finds_nothing(projects: Path) -> None:
    """No finding of any severity."""
    command = [sys.executable, "-m", "bandit", "-q", "-r", "--exclude", "*/migrations/*", "."]
    result = subprocess.run(
        command, cwd=projects, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
    )
    assert result.returncode == 0, result.stdout


def test_nobody_reads_or_writes_without_permission(answers: dict[str, Any]) -> None:
    """401 for nobody, 403 for somebody without the permission, reading and HEAD included."""
    assert answers["anonymous list"][0] == 401
    assert answers["anonymous create"][0] == 401
    assert answers["guest list"][0] == 403
    assert answers["guest head"][0] == 403
    assert answers["reader list"][0] == 200
    assert answers["reader create"][0] == 403
    assert answers["session"][0] == 200


def test_a_row_is_made_with_its_defaults(answers: dict[str, Any]) -> None:
    """What was sent comes back with an id, and what was not has its default or null."""
    status, customer = answers["create"]
    assert status == 201
    assert customer == ADA | {
        "id": 1,
        "phone": None,
        "website": None,
        "born_on": None,
        "status": "new",
        "note": LONG_TEXT,
        "newsletter": False,
        "referred_by": None,
        "favourites": [],
        "friends": [],
    }
    status, product = answers["product"]
    assert (status, product["price"], product["stars"]) == (201, "9.90", None)
    assert (product["on_sale_since"], product["pickup_from"]) == ("2024-01-31", "09:30:00")
    status, order = answers["order"]
    assert (status, order["due_at"]) == (201, "2031-01-31T07:30:00Z")
    assert order["batch"] == "123e4567-e89b-12d3-a456-426614174000"


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("duplicate", "email"),
        ("missing", "full_name"),
        ("empty", "full_name"),
        ("choice", "status"),
        ("not null", "full_name"),
        ("no price", "price"),
        ("no stars", "stars"),
        ("no customer", "customer"),
        ("second invoice", "order"),
    ],
)
def test_what_the_erd_forbids_is_refused(answers: dict[str, Any], label: str, field: str) -> None:
    """400, and the one field that is wrong is named."""
    status, told = answers[label]
    assert (status, list(told)) == (400, [field])


def test_what_the_erd_allows_is_accepted(answers: dict[str, Any]) -> None:
    """Null where it may be, one of the choices, a whole row anew."""
    assert answers["null"][0] == 200
    assert answers["stars"][1]["stars"] == 3
    assert answers["replace"][0] == 200
    assert answers["replace"][1]["email"] == "z@x.org"


def test_relations_are_ids(answers: dict[str, Any]) -> None:
    """They are set, replaced and emptied; a self-reference has a direction."""
    assert answers["create second"][1]["referred_by"] == 1
    assert answers["many"][1]["favourites"] == [1]
    assert answers["many"][1]["friends"] == [2]
    assert answers["not symmetrical"][1]["friends"] == []
    assert answers["none"][1]["favourites"] == []


def test_lists_are_a_few_queries() -> None:
    """One row comes with a join, many with one query more."""
    text = render("views", SHOP)
    assert '.select_related("customer", "payer")' in text
    assert '.prefetch_related("favourites", "friends")' in text
    assert 'queryset = models.Product.objects.order_by("id")\n' in text


def test_pairs_of_a_through_entity_are_its_rows(answers: dict[str, Any]) -> None:
    """A line shows among the products of its order, and is not taken away by the order."""
    assert answers["line"] == [201, {"id": 1, "quantity": 1, "order": 1, "product": 1}]
    assert answers["through"][0] == 200
    assert answers["through"][1]["products"] == [1]


def test_a_deletion_does_what_on_delete_says(answers: dict[str, Any]) -> None:
    """protect is 409, cascade takes the row along, set_null leaves it without."""
    assert answers["protected"][0] == 409
    assert answers["delete order"][0] == 204
    assert answers["cascaded"][0] == 404
    assert answers["refer"][1]["referred_by"] == 1
    assert answers["delete"] == [204, None]
    assert answers["gone"][0] == 404
    assert answers["set null"][1]["referred_by"] is None


def test_long_texts_survive(projects: Path) -> None:
    """What is cut for the width of a line is the same text again when it is put together."""
    tree = ast.parse((projects / "awkward" / KINDS["models"]).read_text(encoding="utf-8"))
    texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
    for choice in AWKWARD.entities[2].fields[0].choices:
        assert choice in texts


def test_a_name_too_long_for_a_line_stops_the_rendering() -> None:
    """The generator then asks the model; 41 characters still fit."""
    fields = [{"name": "title", "type": "string"}]
    for length in (41, 42):
        name = "A" + "b" * (length - 1)
        erd = Erd.model_validate({"name": "x", "entities": [{"name": name, "fields": fields}]})
        if length == 41:
            assert max(map(len, render("views", erd).splitlines())) <= 79
        else:
            with pytest.raises(jinja2.UndefinedError, match="without_names_over_41"):
                render("views", erd)


def test_a_misspelt_variable_stops_the_rendering() -> None:
    """An ERD that lacks what a template reads is an error, not an empty place."""
    for kind in KINDS:
        if kind != "auth":  # it is the same for every ERD
            with pytest.raises(jinja2.UndefinedError):
                render(kind, object())


def test_names_of_fields_do_not_hide_modules() -> None:
    """Only where a field is called like a module is the module imported under another name."""
    assert "import datetime as _datetime\n" in render("models", AWKWARD)
    assert "from django.db import models as _models\n" in render("models", AWKWARD)
    assert "\nimport datetime\n" in render("models", SHOP)
    assert "_models" not in render("models", SHOP)
