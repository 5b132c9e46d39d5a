"""The values that checks make up."""

import datetime as dt
import json
from typing import Any

import pytest

from flagbench.acceptance.crud import samples
from flagbench.acceptance.proof import Case
from flagbench.scenario.specification import ROWS, TYPES, Attribute, Entity

KINDS: dict[str, tuple[type, ...]] = {
    "integer": (int,), "number": (float, int), "boolean": (bool,),
}  # fmt: skip


def of_every_type(**parts: Any) -> Entity:
    """An entity with a required and an optional attribute of every type."""
    attributes = {f"{kind}_a": kind for kind in TYPES}
    attributes |= {f"{kind}_b": f"optional {kind}" for kind in TYPES}
    return Entity.model_validate({"entity": "Thing", "attributes": attributes, **parts})


@pytest.mark.parametrize("row", range(1, ROWS + 1))
def test_every_value_is_of_its_type_and_survives_json(row: int) -> None:
    """Dates exist; an e-mail has one sign; a boolean is no number."""
    body = samples.body(of_every_type(), row)
    assert json.loads(json.dumps(body)) == body
    for name, value in body.items():
        kind = name.rpartition("_")[0]
        assert type(value) in KINDS.get(kind, (str,)), name
        if kind == "date":
            assert dt.date.fromisoformat(value).isoformat() == value
        if kind == "datetime":
            assert dt.datetime.fromisoformat(value).isoformat() == value
        if kind == "email":
            assert value.count("@") == 1


@pytest.mark.parametrize("place", range(60))
def test_every_day_exists(place: int) -> None:
    """However many attributes there are."""
    for kind in ("date", "datetime"):
        one = Attribute(name="it", type=kind, required=True)
        for row in range(1, ROWS + 1):
            assert dt.datetime.fromisoformat(samples.value(one, place, row)).year == 2010 + row


@pytest.mark.parametrize("kind", TYPES)
def test_rows_and_neighbours_differ(kind: str) -> None:
    """A row that was mistaken for another, or an attribute for its neighbour, shows."""
    one = Attribute(name="it", type=kind, required=True)
    rows = [samples.value(one, 0, row) for row in range(1, ROWS + 1)]
    if kind == "boolean":
        assert set(rows) == {True, False}
        return
    assert len(set(rows)) == ROWS
    if kind in ("integer", "number", "date", "datetime"):
        assert samples.value(one, 1, 1) != rows[0]


@pytest.mark.parametrize("kind", TYPES)
def test_what_a_type_may_not_take_is_not_of_it(kind: str) -> None:
    """Every type has wrong values, and no client takes them for right."""
    for wrong in samples.INVALID[kind]:
        assert not isinstance(wrong, KINDS.get(kind, ()))
        if kind in ("string", "text", "email"):
            assert not isinstance(wrong, str | int | float | bool)
        if kind in ("date", "datetime"):
            with pytest.raises(ValueError, match=r"isoformat|day is out of range"):
                dt.datetime.fromisoformat(wrong)


@pytest.mark.parametrize("kind", ["string", "text"])
def test_a_text_has_what_careless_sql_stumbles_over(kind: str) -> None:
    """Both quotes, and a letter beyond ASCII."""
    text = samples.value(Attribute(name="it", type=kind, required=True), 0, 1)
    assert "'" in text
    assert '"' in text
    assert not text.isascii()


def test_a_body_without_its_optional_values() -> None:
    """Only the required ones are in it, with the values that they have in the whole body."""
    one = of_every_type()
    short, whole = samples.body(one, 2, optional=False), samples.body(one, 2)
    assert list(short) == [f"{kind}_a" for kind in TYPES]
    assert short.items() <= whole.items()
    assert len(whole) == 2 * len(TYPES)


def test_examples_stand_in_for_made_up_values() -> None:
    """One after the other, and again from the first."""
    one = of_every_type(examples={"string_a": ["x", "y", "z"]})
    found = [samples.body(one, row)["string_a"] for row in range(1, 5)]
    assert found == ["y", "z", "x", "y"]


def test_seven_unique_examples_do_for_all_rows() -> None:
    """As the specification demands of them."""
    one = of_every_type(unique=["string_a"], examples={"string_a": list("abcdefg")})
    assert len({samples.body(one, row)["string_a"] for row in range(1, ROWS + 1)}) == ROWS


def test_texts_differ_by_proof() -> None:
    """Two files that differ are asked with different texts; other values stay as small."""
    entity = of_every_type()
    files = ({"x.py": text} for text in ("a = 1\n", "a = 2\n"))
    one, other = (Case("fastapi-routes", "x.py", entity, (), None, each) for each in files)
    assert one.seed != other.seed
    bodies = [samples.body(entity, 1, case.seed) for case in (one, other)]
    changed = {name for name in bodies[0] if bodies[0][name] != bodies[1][name]}
    assert changed == {f"{kind}_{end}" for kind in ("string", "text", "email") for end in "ab"}


def test_a_number_is_0_where_no_rule_may_forbid_it() -> None:
    """Code that takes 0 for nothing loses it; that of a unique attribute differs in all rows."""
    attributes = {"price": "number", "days": "integer", "pages": "integer"}
    loan = Entity.model_validate({"entity": "Loan", "attributes": attributes})
    assert samples.body(loan, 4) == dict.fromkeys(attributes, 0)
    first = samples.body(loan, 1)
    assert first.pop("days") == 0
    assert 0 not in [*first.values(), *samples.body(loan, 2).values()]
    assert samples.body(loan.model_copy(update={"unique": ["days"]}), 4)["days"] > 0
    rule = {"rule": "days are positive", "refused": {"days": 0}, "accepted": {"days": 1}}
    ruled = Entity.model_validate({"entity": "Loan", "attributes": attributes, "rules": [rule]})
    assert 0 not in samples.body(ruled, 4).values()


def test_a_text_is_longer_than_a_string_may_be_elsewhere() -> None:
    """A limit that nobody asked for shows."""
    assert len(samples.value(Attribute(name="it", type="text", required=True), 0, 1)) > 255
