"""The published JSON Schema, held against the code and the examples."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from made_erds import documents

from flagbench_generators.django_rest.erd import schema
from flagbench_generators.django_rest.erd.schema import generate

validators = pytest.importorskip("jsonschema")
ERDS = Path(__file__).resolve().parents[4] / "scenarios" / "erds"
VALIDATOR = validators.Draft202012Validator(json.loads(schema()))


def of_field(**keys: object) -> dict[str, Any]:
    """An ERD with one field."""
    return {"name": "a", "entities": [{"name": "A", "fields": [{"name": "b", **keys}]}]}


def of_relation(**keys: object) -> dict[str, Any]:
    """An ERD with one relation."""
    return {
        "name": "a",
        "entities": [{"name": "A", "relations": [{"name": "b", "to": "A", **keys}]}],
    }


def test_the_published_schema_is_what_the_code_makes() -> None:
    """To update it, write flagbench_generators.django_rest.erd.schema.generate() to the file."""
    assert schema() == generate()


def test_it_is_a_schema_and_describes_everything() -> None:
    """Draft 2020-12, words for every key."""
    document = json.loads(schema())
    assert document["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    validators.Draft202012Validator.check_schema(document)
    for one in (document, *document["$defs"].values()):
        assert one["description"]
        for name, described in one["properties"].items():
            assert described["description"], name


@pytest.mark.parametrize("path", sorted(ERDS.glob("*.json")), ids=lambda path: path.stem)
def test_the_examples_are_valid(path: Path) -> None:
    """By the schema alone, as an editor sees them."""
    VALIDATOR.validate(json.loads(path.read_text()))


@given(documents())
def test_what_is_right_is_valid(document: dict[str, Any]) -> None:
    """The schema refuses nothing that the reader takes."""
    VALIDATOR.validate(document)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": "a", "entities": []},
        {"name": "A", "entities": [{"name": "A"}]},
        {"name": "a", "entities": [{"name": "order"}]},
        of_field(type="strng"),
        of_field(type="string", nul=True),
        of_field(type="decimal", max_digits=4),
        of_field(type="string", decimal_places=4),
        of_field(type="text", max_length=4),
        of_field(type="date", choices=["2024-01-01"]),
        of_field(type="string", choices=[1]),
        of_field(type="integer", choices=["1"]),
        of_field(type="integer", choices=[1, 1]),
        of_field(type="integer", choices=[]),
        of_field(type="integer", default=None),
        of_field(type="integer", default=1, unique=True),
        of_field(type="boolean", unique=True),
        of_field(type="string", max_length=0),
        of_field(type="string", max_length=99999),
        of_relation(kind="fk"),
        of_relation(kind="foreign_key", through="B"),
        of_relation(kind="foreign_key", on_delete="set_null"),
        of_relation(kind="many_to_many", null=True),
        of_relation(kind="many_to_many", on_delete="protect"),
    ],
)
def test_what_a_schema_can_tell_it_tells(wrong: dict[str, Any]) -> None:
    """An editor underlines it before anything is run."""
    assert not VALIDATOR.is_valid(wrong)


def test_an_editor_may_be_told_where_the_schema_is() -> None:
    """The key $schema."""
    VALIDATOR.validate({"$schema": "erd.schema.json", **of_field(type="date")})
