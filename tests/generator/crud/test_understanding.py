"""What was understood of a request, and what is doubted: a table of sentences."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from flagbench_generators.crud.spec import Entity, Recognition
from flagbench_generators.crud.understanding import understood, unmade

NAME = {"name": "name", "type": "string"}
EMAIL = {"name": "email", "type": "email"}


def recognition(entity: str = "Member", **parts: Any) -> Recognition:
    """A recognition that creates an entity."""
    return Recognition.model_validate_json(
        json.dumps({"intent": "create", "entity": entity, **parts})
    )


def doubts(request: str, made: tuple[str, ...] = (), **parts: Any) -> dict[str, str]:
    """The doubts about a recognition, by their kinds."""
    found = understood(request, recognition(**parts), made, is_last=True)
    assert len({doubt.kind for doubt in found.doubts}) == len(found.doubts)
    return {doubt.kind: doubt.text for doubt in found.doubts}


DOUBTED = [
    ("A member has a name and an email (no duplicates please!)", {"attributes": [NAME, EMAIL]},
     "constraint", '"no duplicates" is in no rule'),
    ("Cadastre um membro com nome e e-mail único", {"entity": "Membro", "attributes": [
        {"name": "nome", "type": "string"}, EMAIL]},
     "constraint", '"unico" is in no rule'),
    ("A member with a name and optionally an email", {"attributes": [NAME, EMAIL]},
     "constraint", '"optionally" made nothing optional'),
    ("Membro com nome (obrigatório)", {"entity": "Membro", "attributes": [
        {"name": "nome", "type": "string", "required": False}]},
     "constraint", '"obrigatorio" made nothing required'),
    ("A member has a name and at least two emails", {"attributes": [NAME, EMAIL]},
     "constraint", '"at least" is in no rule'),
    ("A member with a name and an age between 18 and 99", {"attributes": [
        NAME, {"name": "age", "type": "integer"}]},
     "words", "nothing was made of: 18, 99"),
    ("A member with a name; the email can never change", {"attributes": [NAME, EMAIL]},
     "constraint", '"never" is in no rule'),
    ("A member has a name and whether the email works or not", {"attributes": [NAME, EMAIL]},
     "type", '"or not" made no attribute a boolean'),
    ("Membro com nome e data de nascimento", {"entity": "Membro", "attributes": [
        {"name": "nome", "type": "string"}, {"name": "data_de_nascimento", "type": "string"}]},
     "type", '"data de" made no attribute a date or datetime'),
    ("A member has a name and a shoe size", {"attributes": [NAME]},
     "words", "nothing was made of: shoe, size"),
    ("Make me a member", {"attributes": [NAME]},
     "invented", "the request does not speak of: name"),
    ("flurble the gronk", {"entity": "Item", "attributes": [NAME]},
     "invented", "the request does not speak of: Item, name"),
    ("A member, and if they are still active", {"attributes": [
        {"name": "if_they_are_still_active", "type": "boolean"}]},
     "clause", "if_they_are_still_active is half a sentence, not a name"),
    ("A member belongs to a club and has a name", {"attributes": [NAME], "relations": [
        {"name": "club", "kind": "many_to_one", "target": "Club"}]},
     "target", "no request makes Club, which Member points at"),
]  # fmt: skip


@pytest.mark.parametrize(("request_words", "parts", "kind", "text"), DOUBTED)
def test_what_is_doubted(
    request_words: str, parts: Mapping[str, Any], kind: str, text: str
) -> None:
    """Each kind of doubt, in English and Portuguese, with and without accents."""
    assert doubts(request_words, **parts)[kind] == text


UNDOUBTED = [
    ("A member has a name and an email (no duplicates please!)",
     {"attributes": [NAME, EMAIL], "rules": ["email must be unique"]}),
    ("Cadastre um membro com nome e e-mail único", {"entity": "Membro", "attributes": [
        {"name": "nome", "type": "string"}, EMAIL], "rules": ["e-mail deve ser único"]}),
    ("No two members have the same email; they have a name too.",
     {"attributes": [NAME, EMAIL], "rules": ["no two members have the same email"]}),
    ("Hi! We would like members with names and emails for our gym, thanks",
     {"attributes": [NAME, EMAIL]}),
    ("Build a booking system for a hair salon. A booking has a name.",
     {"entity": "Booking", "attributes": [NAME]}),
    ("Cadastre categorias com nomes e animais com cores", {"entity": "Categoria", "attributes": [
        {"name": "nome", "type": "string"}, {"name": "animal", "type": "string"},
        {"name": "cor", "type": "string"}]}),
    ("Order with lines, each with a price of at most 10", {"entity": "Order", "relations": [
        {"name": "lines", "kind": "one_to_many", "target": "Line",
         "attributes": [{"name": "price", "type": "number"}]}], "rules": ["price is at most 10"]}),
    ("A member belongs to a club", {"made": ("club",), "relations": [
        {"name": "club", "kind": "many_to_one", "target": "Club"}]}),
]  # fmt: skip


@pytest.mark.parametrize(("request_words", "parts"), UNDOUBTED)
def test_what_is_not(request_words: str, parts: dict[str, Any]) -> None:
    """Constraints in rules, plurals, politeness, and what an application is for."""
    assert doubts(request_words, **parts) == {}


def test_what_was_understood_is_told_part_by_part() -> None:
    """Types, what is optional, relations with what they point at, and rules."""
    found = understood(
        "whatever",
        recognition(
            attributes=[NAME, {**EMAIL, "required": False}],
            relations=[
                {"name": "club", "kind": "many_to_one", "target": "Club"},
                {"name": "visits", "kind": "one_to_many", "target": "Visit",
                 "attributes": [{"name": "at", "type": "datetime"}]},
            ],
            rules=["email must be unique"],
        ),
        (),
        is_last=False,
    )  # fmt: skip
    assert (found.intent, found.entity) == ("create", "Member")
    assert found.attributes == ("name: string", "email: optional email")
    assert found.relations == (
        "club: one Club (not made so far)",
        "visits: rows of its own (at: datetime)",
    )
    assert found.rules == ("email must be unique",)
    assert "target" not in {doubt.kind for doubt in found.doubts}, "another request may make it"


def test_targets_that_nobody_makes() -> None:
    """By module; rows of an entity's own need no other entity."""
    parts = recognition(relations=[
        {"name": "club", "kind": "many_to_one", "target": "GolfClub"},
        {"name": "tags", "kind": "many_to_many", "target": "Tag"},
        {"name": "lines", "kind": "one_to_many", "target": "Line"},
    ])  # fmt: skip
    entity = Entity(name="Member").apply(parts)
    assert unmade(entity, {"member", "tag"}) == ("GolfClub",)
