"""The ERD as the checks read it."""

import json
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from small_project import LIBRARY, entity, relation

from flagbench.scenario import erd
from flagbench.scenario.erd import Erd

ERDS = sorted((Path(__file__).resolve().parents[3] / "scenarios" / "erds").glob("*.json"))


def made(*entities: dict[str, Any]) -> Erd:
    """An ERD of these entities."""
    return Erd.model_validate({"name": "made", "entities": list(entities)})


@pytest.mark.parametrize("path", ERDS, ids=lambda path: path.stem)
def test_every_example_is_read(path: Path) -> None:
    """And each entity stands behind those without which it has no row."""
    read = erd.read(path.read_text())
    done: set[str] = set()
    for one in read.in_order():
        assert {other.to for other in one.ones if other.required} <= done
        done.add(one.name)
    assert done == {one.name for one in read.entities}


@pytest.mark.parametrize(
    ("name", "address"),
    [("Tag", "/api/tags/"), ("OrderLine", "/api/order-lines/"), ("Category", "/api/categories/"),
     ("Day", "/api/days/"), ("Address", "/api/addresses/"), ("Box", "/api/boxes/"),
     ("Branch", "/api/branches/"), ("APIKey", "/api/api-keys/"), ("Brush", "/api/brushes/"),
     ("Quiz", "/api/quizes/"), ("B2Site", "/api/b2-sites/")],
)  # fmt: skip
def test_addresses_follow_from_names(name: str, address: str) -> None:
    """The regular plural, in kebab case, as the contract of a project has it."""
    assert made(entity(name, [("a", "text")])).entities[0].address == address


def test_what_a_client_must_send() -> None:
    """Neither what may be null nor what has a default, even a false one."""
    fields = [
        ("a", "text"),
        {"name": "b", "type": "text", "null": True},
        {"name": "c", "type": "boolean", "default": False},
        {"name": "d", "type": "string", "default": ""},
    ]
    (one,) = made(entity("Thing", fields)).entities
    assert [field.name for field in one.fields if field.required] == ["a"]


def test_lengths_are_those_of_django() -> None:
    """Unless the ERD says another."""
    types = ("string", "email", "url", "text", "integer")
    fields = [(f"a_{one}", one) for one in types]
    (one,) = made(
        entity("Thing", [*fields, {"name": "b", "type": "url", "max_length": 9}])
    ).entities
    assert [field.length for field in one.fields] == [255, 254, 200, None, None, 9]


A_TO_B = relation("b", "B")
B = entity("B", [("x", "text")])
WRONG = {
    "an unknown type": ([entity("A", [("x", "int")])], "x|Input should be"),
    "an unknown key": ([entity("A", [{"name": "x", "type": "text", "nul": True}])], "nul"),
    "a name in capitals": ([entity("A", [("X", "text")])], "pattern"),
    "a decimal without digits": ([entity("A", [("x", "decimal")])], "x: a decimal needs"),
    "too few unique values": (
        [entity("A", [{"name": "x", "type": "string", "choices": ["a"], "unique": True}])],
        "the checks need 60 different values"),
    "too few unique decimals": (
        [entity("A", [{"name": "x", "type": "decimal", "max_digits": 1, "decimal_places": 0,
                       "unique": True}])], "the checks need 60 different values"),
    "a unique boolean": (
        [entity("A", [{"name": "x", "type": "boolean", "unique": True}])], "different values"),
    "an entity twice": ([B, B], "two entities have the same name"),
    "a part twice": ([entity("A", [("b", "text")], A_TO_B), B], "A: two parts have the same name"),
    "an unknown target": ([entity("A", [], relation("c", "C"))], "A.c leads to C"),
    "an unknown through": (
        [entity("A", [], relation("b", "B", "many_to_many", through="C")), B], "A.b leads to C"),
    "a through entity without ends": (
        [entity("A", [], relation("b", "B", "many_to_many", through="B")), B],
        "B has no foreign keys to A and B"),
    "through for one": ([entity("A", [], relation("b", "B", through="B")), B], "only a many"),
    "many that may be null": (
        [entity("A", [], relation("b", "B", "many_to_many", null=True)), B], "neither null nor"),
    "set_null without null": (
        [entity("A", [], relation("b", "B", on_delete="set_null")), B], "set_null needs null"),
    "entities that need each other": (
        [entity("A", [], A_TO_B), entity("B", [], relation("a", "A"))], "A, B: none can be first"),
    "an entity that needs itself": (
        [entity("A", [], relation("a", "A"))], "A: none can be first"),
    "no entity": ([], "at least 1"),
}  # fmt: skip


@pytest.mark.parametrize(("entities", "words"), WRONG.values(), ids=WRONG)
def test_a_wrong_erd_is_told(entities: list[Any], words: str) -> None:
    """Since no check could follow from it."""
    with pytest.raises(ValidationError, match=words):
        made(*entities)


def test_no_json_is_told() -> None:
    """As any wrong ERD: by a `ValueError`."""
    with pytest.raises(ValueError, match="Expecting"):
        erd.read("{")
    assert erd.read(json.dumps(LIBRARY)).name == "library"


def test_the_ends_of_a_through_entity() -> None:
    """The foreign keys to both sides; of a relation to itself the first and the second."""
    read = Erd.model_validate(LIBRARY)
    reader, loan = read.entity("Reader"), read.entity("Loan")
    assert erd.ends_of(reader, reader.manys[0], loan) == ("reader", "book")
    own = relation("friends", "A", "many_to_many", through="Pair")
    pair = entity("Pair", [], relation("left", "A"), relation("right", "A"))
    one, other = made(entity("A", [], own), pair).entities
    assert erd.ends_of(one, one.manys[0], other) == ("left", "right")
