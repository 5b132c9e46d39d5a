"""What a person may expect of an entity, and what is told of a wrong expectation."""

from typing import Any

import pytest
from pydantic import ValidationError

from flagbench.scenario.specification import ROWS, TYPES, Attribute, Entity, closure


def entity(name: str = "Loan", **parts: Any) -> Entity:
    """An entity with a title, unless the parts say otherwise."""
    return Entity.model_validate({"entity": name, "attributes": {"title": "string"}, **parts})


@pytest.mark.parametrize(
    ("name", "module"),
    [("Student", "student"), ("OrderLine", "order_line"), ("APIKey", "api_key"),
     ("UserAPI", "user_api"), ("A", "a"), ("Room2", "room2"), ("Room2Key", "room2_key")],
)  # fmt: skip
def test_names_of_files_and_tables_follow_from_the_entity(name: str, module: str) -> None:
    """Words are parted at capitals; the table is the plural with an s, the address behind a
    slash.
    """
    one = entity(name)
    assert (one.module, one.table_name) == (module, f"{module}s")
    assert one.collection_address == f"/{module}s"
    assert one.words == module.replace("_", " ").capitalize()


def test_a_table_of_its_own_name() -> None:
    """For a plural that is none with an s."""
    one = entity("Person", table="people")
    assert (one.table_name, one.collection_address, one.module) == ("people", "/people", "person")


@pytest.mark.parametrize("kind", TYPES)
def test_every_type_may_be_optional(kind: str) -> None:
    """The word optional is no part of the type."""
    values = entity(attributes={"is_new": kind, "other": f"optional {kind}"}).values
    assert values == (
        Attribute(name="is_new", type=kind, required=True),
        Attribute(name="other", type=kind, required=False),
    )
    assert values[0].words == "Is new"


LINE = {"kind": "one_to_many", "attributes": {"quantity": "integer"}}


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"entity": "loan"}, "pattern"),
        ({"entity": "Loan; DROP"}, "pattern"),
        ({"table": "Loans"}, "pattern"),
        ({"attributes": {}}, "at least 1"),
        ({"attributes": {"Title": "string"}}, "pattern"),
        ({"attributes": {"a b": "string"}}, "pattern"),
        ({"attributes": {"title": "strin"}}, "'strin' is not a type; expected: one of string"),
        ({"attributes": {"title": "optional"}}, "is not a type"),
        ({"attributes": {"title": "optional optional text"}}, "is not a type"),
        ({"attributes": {"title": 1}}, "valid string"),
        ({"attributes": {"id": "integer"}}, "Loan has id more than once"),
        ({"colour": "red"}, "Extra inputs"),
        ({"unique": ["name"]}, "Loan has no attribute name"),
        ({"examples": {"name": [1, 2, 3]}}, "Loan has no attribute name"),
        ({"examples": {"title": ["a", "b"]}}, "at least 3"),
        ({"rules": [{"rule": "x", "refused": {"b": 1}, "accepted": {"a": 1}}]},
         "Loan has no attribute a, b"),
        ({"rules": [{"rule": "x", "refused": {"title": "x"}}]}, "Field required"),
        ({"unique": ["title"], "examples": {"title": ["a", "b", "c"]}},
         f"the checks need {ROWS} different values of title"),
        ({"unique": ["is_on"], "attributes": {"is_on": "optional boolean"}},
         f"the checks need {ROWS} different values of is_on"),
        ({"relations": {"member": {"kind": "many_to_one"}}}, "many_to_one needs a target"),
        ({"relations": {"member": {"kind": "many_to_many", "target": "Tag",
                                   "attributes": {"x": "text"}}}}, "many_to_many needs a target"),
        ({"relations": {"lines": {"kind": "one_to_many"}}}, "needs attributes of the children"),
        ({"relations": {"lines": {**LINE, "target": "Line"}}}, "needs attributes of the children"),
        ({"relations": {"lines": {**LINE, "attributes": {"id": "integer"}}}},
         "id is the key of the children"),
        ({"relations": {"lines": {**LINE, "required": True}}}, "one_to_many cannot be required"),
        ({"relations": {"tags": {"kind": "many_to_many", "target": "Tag", "required": True}}},
         "many_to_many cannot be required"),
        ({"relations": {"one": {"kind": "one_to_one", "target": "Tag"}}}, "many_to_one"),
        ({"relations": {"parent": {"kind": "many_to_one", "target": "Loan", "required": True}}},
         "the first Loan could not point at another one"),
        ({"relations": {"others": {"kind": "many_to_many", "target": "Loan"}}},
         "many_to_many of Loan to itself"),
        ({"attributes": {"member_id": "integer"},
          "relations": {"member": {"kind": "many_to_one", "target": "Member"}}},
         "Loan has member_id more than once"),
        ({"relations": {"title": LINE}}, "Loan has title more than once"),
        ({"relations": {"a": {"kind": "many_to_many", "target": "Tag"},
                        "b": {"kind": "many_to_many", "target": "Tag"}}},
         "Loan has tag_ids more than once"),
        ({"attributes": {"tag_ids": "string"},
          "relations": {"tags": {"kind": "many_to_many", "target": "Tag"}}},
         "Loan has tag_ids more than once"),
    ],
)  # fmt: skip
def test_a_wrong_expectation_is_told(parts: dict[str, Any], words: str) -> None:
    """What could not be checked is no expectation."""
    with pytest.raises(ValidationError) as told:
        entity(**parts)
    assert words in str(told.value)


def test_relations_and_examples_that_can_be_checked() -> None:
    """An entity may point at itself, at two rows of one other, and hold children."""
    one = entity(
        unique=["title"],
        examples={"title": [str(number) for number in range(ROWS)]},
        relations={
            "parent": {"kind": "many_to_one", "target": "Loan"},
            "member": {"kind": "many_to_one", "target": "Member", "required": True},
            "guarantor": {"kind": "many_to_one", "target": "Member"},
            "lines": LINE,
        },
    )
    assert one.targets() == ("Loan", "Member", "Member")
    assert one.relations["lines"].children == (
        Attribute(name="quantity", type="integer", required=True),
    )


def pointing(name: str, *targets: str, required: bool = False) -> Entity:
    """An entity that points at others."""
    return entity(
        name,
        relations={
            target.lower(): {"kind": "many_to_one", "target": target, "required": required}
            for target in targets
        },
    )


def test_the_closure_holds_what_is_pointed_at_and_what_that_points_at() -> None:
    """In the order of names, itself left out, although another one points back."""
    known = {
        one.entity: one
        for one in (
            pointing("C", "B", "C"), pointing("B", "Z", "C"), pointing("Z"), pointing("Other", "C"),
        )
    }  # fmt: skip
    assert [one.entity for one in closure(known["C"], known)] == ["B", "Z"]
    assert closure(known["Z"], known) == ()


def test_a_target_that_nobody_expects_is_told() -> None:
    """Also one that only a target points at."""
    known = {one.entity: one for one in (pointing("A", "B"), pointing("B", "C"))}
    with pytest.raises(ValueError, match="B points at C, which is not among the entities"):
        closure(known["A"], known)


def test_entities_that_need_each_other_are_told() -> None:
    """Neither could have a first row; with one optional side they can."""
    both = {one: pointing(one, other, required=True) for one, other in ("AB", "BA")}
    with pytest.raises(ValueError, match="A and B need each other: none can be first"):
        closure(both["A"], both)
    one_side = {**both, "B": pointing("B", "A")}
    assert [one.entity for one in closure(one_side["A"], one_side)] == ["B"]
