"""A field of an entity, and what its options ask of each other."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, SkipValidation, StrictBool, StrictInt

from flagbench_generators.django_rest.erd.names import FieldName
from flagbench_generators.django_rest.erd.problem import Problem, quoted, refused
from flagbench_generators.django_rest.erd.schema_rules import (
    field_rules,
    may_be_left_out,
    not_empty,
)
from flagbench_generators.django_rest.erd.values import (
    LENGTHS,
    WITH_CHOICES,
    FieldType,
    Scalar,
    example,
    normal,
)

LONGEST_TEXT = 10_000
# The most that PostgreSQL, Oracle, SQL Server and MySQL have in common.
MOST_DIGITS, MOST_PLACES = 38, 30
MOST_CHOICES = 200


class Field(BaseModel):
    """A named value of an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=field_rules)

    name: FieldName = pydantic.Field(description="Its name in snake_case, such as birth_date.")
    type: FieldType = pydantic.Field(description="What its values are.")
    null: StrictBool = pydantic.Field(
        default=False, description="Whether it may be left out or null."
    )
    unique: StrictBool = pydantic.Field(
        default=False, description="Whether no two rows may have the same value."
    )
    default: Annotated[Scalar | None, SkipValidation] = pydantic.Field(
        default=None,
        description="The value of a row that does not name one: of the field's type, and one of "
        "its choices if it has any. Dates, times and UUIDs are texts in ISO form; a datetime has "
        "its offset from UTC.",
        json_schema_extra=may_be_left_out,
    )
    choices: tuple[Annotated[str | int, SkipValidation], ...] = pydantic.Field(
        default=(),
        min_length=1,
        max_length=MOST_CHOICES,
        description="The only values it may have; for string and integer.",
        json_schema_extra=not_empty,
    )
    max_length: StrictInt | None = pydantic.Field(
        default=None,
        ge=1,
        le=LONGEST_TEXT,
        description="The most characters of a string (255 if left out), email (254) or url (200).",
        json_schema_extra=may_be_left_out,
    )
    max_digits: StrictInt | None = pydantic.Field(
        default=None,
        ge=1,
        le=MOST_DIGITS,
        description="How many digits a decimal has, those after the point included.",
        json_schema_extra=may_be_left_out,
    )
    decimal_places: StrictInt | None = pydantic.Field(
        default=None,
        ge=0,
        le=MOST_PLACES,
        description="How many digits of a decimal stand after the point.",
        json_schema_extra=may_be_left_out,
    )

    @property
    def has_default(self) -> bool:
        """Whether a row may leave the field out and get a value."""
        return self.default is not None

    @property
    def length(self) -> int | None:
        """The most characters of a string, email or url; None for every other type."""
        return self.max_length or LENGTHS.get(self.type)

    @property
    def words(self) -> str:
        """The name in words, such as "Birth date"."""
        return self.name.replace("_", " ").capitalize()

    @pydantic.model_validator(mode="before")
    @classmethod
    def _write_default(cls, raw: Any) -> Any:
        """One form for values that are the same: 9.9 and "9.90" with two decimal places."""
        if not isinstance(raw, Mapping) or raw.get("default") is None:
            return raw
        places = raw.get("decimal_places")
        try:
            written = normal(raw["type"], raw["default"], places if type(places) is int else None)
        except (KeyError, TypeError, ValueError):
            return raw  # told below, where the type is known to be one
        return {**raw, "default": written}

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Field":
        wrong_choices = list(_choice_problems(self))
        choices = () if wrong_choices else self.choices
        problems = [*_option_problems(self), *wrong_choices, *_default_problems(self, choices)]
        if problems:
            raise refused(problems)
        return self


def _option_problems(field: Field) -> Iterator[Problem]:
    if field.max_length is not None and field.type not in LENGTHS:
        what = f"a max_length is for string, email and url, not for {field.type}"
        yield Problem(("max_length",), what, "to leave it out")
    digits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
    if field.type == "decimal":
        for key, number in digits.items():
            if number is None:
                right = f"e.g. {quoted(key)}: {10 if key == 'max_digits' else 2}"
                yield Problem((), f"a decimal lacks {quoted(key)}", right)
        if field.max_digits is not None and (field.decimal_places or 0) > field.max_digits:
            what = f"{field.decimal_places} decimal places of {field.max_digits} digits"
            yield Problem(("decimal_places",), what, f"at most {field.max_digits}")
    else:
        for key, number in digits.items():
            if number is not None:
                what = f"{key} is for decimal, not for {field.type}"
                yield Problem((key,), what, "to leave it out")
    if field.unique and field.type == "boolean":
        what = "a unique boolean allows two rows"
        yield Problem(("unique",), what, "to leave it out")


def _choice_problems(field: Field) -> Iterator[Problem]:
    if field.choices and field.type not in WITH_CHOICES:
        what = f"choices are for {' and '.join(WITH_CHOICES)}, not for {field.type}"
        yield Problem(("choices",), what, "to leave them out")
        return
    seen: set[Scalar] = set()
    for number, one in enumerate(field.choices):
        place = ("choices", number)
        if not _is_of(field.type, one):
            yield Problem(place, f"{quoted(one)} is no {field.type}", example(field.type))
        elif isinstance(one, str) and (not one.strip() or "\n" in one or "\r" in one):
            yield Problem(place, f"{quoted(one)} cannot be chosen from a list", "a line of text")
        elif isinstance(one, str) and len(one) > (field.length or 0):
            right = f"at most {field.length}"
            yield Problem(place, f"{quoted(one)} has {len(one)} characters", right)
        elif one in seen:
            yield Problem(place, f"{quoted(one)} stands twice", "to leave it out")
        else:
            seen.add(one)


def _default_problems(field: Field, choices: Sequence[Scalar]) -> Iterator[Problem]:
    value, place = field.default, ("default",)
    if value is None:
        if "default" in field.model_fields_set:
            yield Problem(place, "null is no default", "to leave it out")
        return
    if not _is_of(field.type, value, field.decimal_places):
        right = example(field.type)
        if field.type == "decimal" and field.decimal_places is not None:
            right = f"a number with at most {field.decimal_places} decimal places"
        yield Problem(place, f"{quoted(value)} is no {field.type}", right)
    elif choices and value not in choices:
        right = "one of " + ", ".join(map(quoted, choices))
        yield Problem(place, f"{quoted(value)} is none of the choices", right)
    elif isinstance(value, str) and field.length is not None and len(value) > field.length:
        what = f"{quoted(value)} has {len(value)} characters"
        yield Problem(place, what, f"at most {field.length}")
    elif field.type == "decimal" and _digits(str(value)) > (field.max_digits or MOST_DIGITS):
        what = f"{quoted(value)} has {_digits(str(value))} digits"
        yield Problem(place, what, f"at most {field.max_digits}")
    if field.unique:
        what = "with a default and unique, only one row could leave it out"
        yield Problem(place, what, "one of both")


def _is_of(type_: FieldType, value: object, decimal_places: int | None = None) -> bool:
    try:
        normal(type_, value, decimal_places)
    except (TypeError, ValueError):
        return False
    return True


def _digits(number: str) -> int:
    """Digits as a column counts them: those before the point, without leading zeros, and after."""
    whole, _, places = number.lstrip("-").partition(".")
    return len(whole.lstrip("0")) + len(places)
