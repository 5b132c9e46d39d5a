"""Briefs of enterprise systems as the harness reads them."""

from pathlib import Path

import pytest

from flagbench.scenario.brief import read
from flagbench.scenario.tables import table_of

BRIEFS = Path(__file__).resolve().parents[3] / "scenarios" / "briefs"
SHOP = (BRIEFS / "shop.yaml").read_text(encoding="utf-8")


def test_a_brief_has_the_entities_of_its_domain_and_its_own() -> None:
    """In an order in which rows can be created; a reference is a column with an id."""
    further = "\n  components: [{name: Story, fields: {rating: integer, shelf: Shelf}},"
    further += " {name: Shelf, fields: {product: Product}}]\n"
    brief = read(SHOP.rstrip() + further)
    assert [entity.table for entity in brief.entities] == [
        "customers", "products", "orders", "shelfs", "stories",
    ]  # fmt: skip
    columns = {column.name: column.kind for column in brief.entities[-1].columns}
    assert columns == {"rating": "integer", "shelf_id": "shelfs"}
    assert brief.person is not None
    assert brief.person.table == "customers"


def test_names_may_be_in_another_case() -> None:
    """As the generator reads them."""
    text = SHOP.replace("FastAPI", "fastapi").replace("GDPR", "gdpr").replace("e-comm", "E-Comm")
    assert read(text) == read(SHOP)


@pytest.mark.parametrize(("compliance", "sensitive"), [("HIPAA", ["diagnosis"]), ("GDPR", [])])
def test_fields_are_sensitive_under_hipaa(compliance: str, sensitive: list[str]) -> None:
    """Under another set they are stored as they are."""
    text = (BRIEFS / "clinic.yaml").read_text(encoding="utf-8")
    brief = read(text.replace("HIPAA", compliance))
    assert [c.name for c in brief.entities[0].columns if c.sensitive] == sensitive
    assert brief.has_audit is (compliance == "HIPAA")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("language: Python", "language: JavaScript", "FastAPI is written in Python"),
        ("e-commerce", "farming", "farming is not one of"),
        ("[GDPR]", "[SOX]", "SOX needs an entity Payment"),
        ("[GDPR]", "[HIPAA]", "HIPAA needs fields that are `sensitive`"),
        ("[GDPR]", "[ISO]", "compliance"),
        ("scale: enterprise", "scale: galactic", "scale"),
        ("name: shop", "name: The Shop", "name"),
        ("[GDPR]", "[]\n  components: [{name: Note, fields: {b: Missing}}]", "unknown type"),
        ("[GDPR]", "[]\n  components: [{name: Order, fields: {b: text}}]", "same table"),
        ("[GDPR]", "[]\n  components: [{name: Note, fields: {a: Note}}]", "none can be first"),
        ("name: shop", "name: [", "not valid YAML"),
    ],
)
def test_what_is_wrong_in_a_brief_is_told(old: str, new: str, words: str) -> None:
    """By the part at fault."""
    with pytest.raises(ValueError, match=words):
        read(SHOP.replace(old, new))


def test_tables_are_plurals_in_snake_case() -> None:
    """As paths of the API are."""
    names = ("Customer", "Category", "Address", "OrderLine", "APIKey")
    assert [table_of(name) for name in names] == [
        "customers", "categories", "addresses", "order_lines", "api_keys",
    ]  # fmt: skip
