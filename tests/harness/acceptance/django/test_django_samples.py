"""Values for the fields of an ERD."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from flagbench.acceptance.django import samples
from flagbench.scenario.erd import ROWS, Value

PLAIN = ("string", "text", "integer", "float", "date", "datetime", "time", "email", "url", "uuid")


def field(type_: str, **more: Any) -> Value:
    """A field."""
    return Value.model_validate({"name": "birth_name", "type": type_, **more})


UNIQUE = [
    *(field(one) for one in PLAIN),
    field("string", max_length=1),
    field("string", max_length=2),
    field("string", max_length=9),
    field("email", max_length=12),
    field("url", max_length=20),
    field("decimal", max_digits=2, decimal_places=0),
    field("decimal", max_digits=2, decimal_places=2),
    field("decimal", max_digits=3, decimal_places=1),
    field("decimal", max_digits=30, decimal_places=10),
]


@pytest.mark.parametrize("one", UNIQUE, ids=lambda one: f"{one.type} {one.length or ''}")
def test_no_two_rows_of_a_check_have_the_same_value(one: Value) -> None:
    """And each is as long as it may be at most; the same row gets the same."""
    made = [samples.value(one, row) for row in range(1, ROWS + 1)]
    assert len(set(made)) == ROWS
    assert samples.value(one, 1) == made[0]
    if one.length:
        assert max(map(len, made)) <= one.length
    for each in made:
        assert samples.same(one, each, each)
        if one.type == "decimal":
            digits = Decimal(each).as_tuple()
            assert len(digits.digits) <= (one.max_digits or 0)
            assert -int(digits.exponent) == one.places


@pytest.mark.parametrize("one", UNIQUE, ids=lambda one: f"{one.type} {one.length or ''}")
def test_the_values_of_row_0_are_out_of_order(one: Value) -> None:
    """Rows in the order of a value would otherwise pass for rows in the order of ids."""
    values = [samples.value(one, row) for row in (2, 3, 0)]
    assert values not in (sorted(values), sorted(values, reverse=True))


def test_the_text_of_row_0_is_longer_than_a_string_may_be() -> None:
    """A limit of 255 that a serializer sets on its own shows."""
    assert len(samples.value(field("text"), 0)) > 255


def test_every_choice_has_its_turn() -> None:
    """And nothing else."""
    one = field("integer", choices=[3, 5, 8])
    assert {samples.value(one, row) for row in range(1, 4)} == {3, 5, 8}
    assert {samples.value(field("boolean"), row) for row in (1, 2)} == {True, False}


def test_wrong_values_and_what_is_wrong_with_them() -> None:
    """Of the type, of null, of choices, of length, of digits."""
    told = {why: bad for bad, why in samples.invalid_values(field("string", max_length=3))}
    assert list(told) == ["which is not a valid string", "which may not be null",
                          "which is longer than 3 characters"]  # fmt: skip
    assert told["which is longer than 3 characters"] == "xxxx"
    told = {
        why: bad for bad, why in samples.invalid_values(field("integer", choices=[1, 4], null=True))
    }
    assert told == {"which is not a valid integer": "not a number", "which is none of 1, 4": 5}
    decimals = list(samples.invalid_values(field("decimal", max_digits=3, decimal_places=1)))[2:]
    assert decimals == [
        ("999.0", "with more than 2 digits before the decimal point"),
        ("0.11", "with more than 1 decimal places"),
    ]
    whole = list(samples.invalid_values(field("decimal", max_digits=3, decimal_places=0)))[2:]
    assert whole[0][0] == "9999"
    choices = ["?", "!"]
    assert samples.invalid_values(field("string", choices=choices)).__next__()[0] == {
        "not": "a text"
    }
    assert ("none of these", "which is none of ?, !") in samples.invalid_values(
        field("string", choices=choices)
    )


@pytest.mark.parametrize("type_", ["email", "url"])
def test_what_is_too_long_is_right_in_every_other_way(type_: str) -> None:
    """So that the length alone can be the reason to refuse it."""
    bad, _ = list(samples.invalid_values(field(type_, max_length=40)))[-1]
    assert len(bad) > 40
    assert "example.org" in bad


SAME = [
    ("decimal", "9.90", "9.9"), ("decimal", 9.9, "9.90"), ("decimal", 10, "10.0"),
    ("datetime", "2024-01-31T09:30:00Z", "2024-01-31T10:30:00+01:00"),
    ("datetime", "2024-01-31T09:30:00", "2024-01-31T09:30:00Z"),
    ("time", "09:30:00", "09:30"),
    ("uuid", "123E4567E89B12D3A456426614174000", "123e4567-e89b-12d3-a456-426614174000"),
    ("float", 1, 1.0), ("boolean", True, True), ("text", None, None),
]  # fmt: skip
OTHER = [
    ("decimal", "9.91", "9.90"), ("decimal", "much", "9.90"), ("decimal", True, "1"),
    ("decimal", "NaN", "9.90"), ("decimal", [9], "9"), ("datetime", "soon", "2024-01-31T09:30:00Z"),
    ("datetime", 3, "2024-01-31T09:30:00Z"), ("integer", True, 1), ("integer", "1", 1),
    ("boolean", 1, True), ("boolean", "true", True), ("text", "", None), ("text", None, ""),
    ("uuid", {}, "123e4567-e89b-12d3-a456-426614174000"), ("uuid", 7, "x"), ("string", ["a"], "a"),
]  # fmt: skip


@pytest.mark.parametrize(("type_", "found", "sent"), SAME)
def test_one_value_has_several_forms(type_: str, found: Any, sent: Any) -> None:
    """As its type allows."""
    more = {"max_digits": 9, "decimal_places": 2} if type_ == "decimal" else {}
    assert samples.same(field(type_, **more), found, sent)


@pytest.mark.parametrize(("type_", "found", "sent"), OTHER)
def test_other_values_and_other_types(type_: str, found: Any, sent: Any) -> None:
    """Whatever the API tells in their place raises nothing."""
    more = {"max_digits": 9, "decimal_places": 2} if type_ == "decimal" else {}
    assert not samples.same(field(type_, **more), found, sent)


def test_made_up_days_exist() -> None:
    """Of every row of a long check."""
    for row in (1, 59, 400, 5000):
        dt.date.fromisoformat(samples.value(field("date"), row))
        dt.datetime.fromisoformat(samples.value(field("datetime"), row))
        dt.time.fromisoformat(samples.value(field("time"), row))
