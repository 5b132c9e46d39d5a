"""Fields of an entity, and the checks of their options."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any

import pydantic
from pydantic import BaseModel, ConfigDict, SkipValidation, StrictBool, StrictInt

from flagbench_generators.django_rest.erd.names import FieldName
from flagbench_generators.django_rest.erd.problem import validation_error
from flagbench_generators.django_rest.erd.schema_rules import (
    add_field_rules,
    drop_null_option,
    require_items,
)
from flagbench_generators.django_rest.erd.values import (
    MAX_LENGTHS,
    WITH_CHOICES,
    FieldType,
    Scalar,
    example,
    normalise,
)
from flagbench_generators.kernel.problem import Problem, quote

MAX_TEXT_LENGTH = 10_000
# The largest values that PostgreSQL, Oracle, SQL Server and MySQL all support.
MAX_DIGITS, MAX_DECIMAL_PLACES = 38, 30
MAX_CHOICES = 200


class Field(BaseModel):
    """A named value of an entity."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=add_field_rules)

    name: FieldName = pydantic.Field(description="Its name in snake_case, such as birth_date.")
    type: FieldType = pydantic.Field(description="The type of its values.")
    null: StrictBool = pydantic.Field(
        default=False, description="True if it may be omitted or null."
    )
    unique: StrictBool = pydantic.Field(
        default=False, description="True if no two rows may have the same value."
    )
    default: Annotated[Scalar | None, SkipValidation] = pydantic.Field(
        default=None,
        description="The value of a row that omits it: of the field's type, and one of "
        "its choices if it has any. Dates, times and UUIDs are strings in ISO form; a datetime has "
        "an offset from UTC.",
        json_schema_extra=drop_null_option,
    )
    choices: tuple[Annotated[str | int, SkipValidation], ...] = pydantic.Field(
        default=(),
        min_length=1,
        max_length=MAX_CHOICES,
        description="The allowed values; for string and integer.",
        json_schema_extra=require_items,
    )
    max_length: StrictInt | None = pydantic.Field(
        default=None,
        ge=1,
        le=MAX_TEXT_LENGTH,
        description="The maximum length of a string (default 255), email (254) or url (200).",
        json_schema_extra=drop_null_option,
    )
    max_digits: StrictInt | None = pydantic.Field(
        default=None,
        ge=1,
        le=MAX_DIGITS,
        description="The number of digits of a decimal, those after the point included.",
        json_schema_extra=drop_null_option,
    )
    decimal_places: StrictInt | None = pydantic.Field(
        default=None,
        ge=0,
        le=MAX_DECIMAL_PLACES,
        description="The number of digits after the point of a decimal.",
        json_schema_extra=drop_null_option,
    )

    @property
    def has_default(self) -> bool:
        """True if a row that omits the field gets a value."""
        return self.default is not None

    @property
    def length(self) -> int | None:
        """The maximum length of a string, email or url; None for other types."""
        return self.max_length or MAX_LENGTHS.get(self.type)

    @property
    def words(self) -> str:
        """The name in words, such as "Birth date"."""
        return self.name.replace("_", " ").capitalize()

    @pydantic.model_validator(mode="before")
    @classmethod
    def _write_default(cls, raw: Any) -> Any:
        """Normalise the default: 9.9 becomes "9.90" with two decimal places."""
        if not isinstance(raw, Mapping) or raw.get("default") is None:
            return raw
        places = raw.get("decimal_places")
        try:
            written = normalise(
                raw["type"], raw["default"], places if type(places) is int else None
            )
        except (KeyError, TypeError, ValueError):
            return raw  # reported below, once the type is valid
        return {**raw, "default": written}

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Field":
        choice_problems = list(_choice_problems(self))
        choices = () if choice_problems else self.choices
        problems = [*_option_problems(self), *choice_problems, *_default_problems(self, choices)]
        if problems:
            raise validation_error(problems)
        return self


def _option_problems(field: Field) -> Iterator[Problem]:
    if field.max_length is not None and field.type not in MAX_LENGTHS:
        what = f"max_length is for string, email and url, not for {field.type}"
        yield Problem(("max_length",), what, "leave it out")
    digits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
    if field.type == "decimal":
        for key, number in digits.items():
            if number is None:
                expected = f"e.g. {quote(key)}: {10 if key == 'max_digits' else 2}"
                yield Problem((), f"a decimal lacks {quote(key)}", expected)
        if field.max_digits is not None and (field.decimal_places or 0) > field.max_digits:
            what = f"{field.decimal_places} decimal places of {field.max_digits} digits"
            yield Problem(("decimal_places",), what, f"at most {field.max_digits}")
    else:
        for key, number in digits.items():
            if number is not None:
                what = f"{key} is for decimal, not for {field.type}"
                yield Problem((key,), what, "leave it out")
    if field.unique and field.type == "boolean":
        what = "a unique boolean allows two rows"
        yield Problem(("unique",), what, "leave it out")


def _choice_problems(field: Field) -> Iterator[Problem]:
    if field.choices and field.type not in WITH_CHOICES:
        what = f"choices are for {' and '.join(WITH_CHOICES)}, not for {field.type}"
        yield Problem(("choices",), what, "leave them out")
        return
    seen: set[Scalar] = set()
    for number, choice in enumerate(field.choices):
        place = ("choices", number)
        if not _is_of(field.type, choice):
            yield Problem(
                place, f"{quote(choice)} is not of type {field.type}", example(field.type)
            )
        elif isinstance(choice, str) and (not choice.strip() or "\n" in choice or "\r" in choice):
            yield Problem(place, f"{quote(choice)} cannot be chosen from a list", "a line of text")
        elif isinstance(choice, str) and len(choice) > (field.length or 0):
            expected = f"at most {field.length}"
            yield Problem(place, f"{quote(choice)} has {len(choice)} characters", expected)
        elif choice in seen:
            yield Problem(place, f"duplicate choice {quote(choice)}", "leave it out")
        else:
            seen.add(choice)


def _default_problems(field: Field, choices: Sequence[Scalar]) -> Iterator[Problem]:
    value, place = field.default, ("default",)
    if value is None:
        if "default" in field.model_fields_set:
            yield Problem(place, "null cannot be a default", "leave it out")
        return
    if not _is_of(field.type, value, field.decimal_places):
        expected = example(field.type)
        if field.type == "decimal" and field.decimal_places is not None:
            expected = f"a number with at most {field.decimal_places} decimal places"
        yield Problem(place, f"{quote(value)} is not of type {field.type}", expected)
    elif choices and value not in choices:
        expected = "one of " + ", ".join(map(quote, choices))
        yield Problem(place, f"{quote(value)} is not one of the choices", expected)
    elif isinstance(value, str) and field.length is not None and len(value) > field.length:
        what = f"{quote(value)} has {len(value)} characters"
        yield Problem(place, what, f"at most {field.length}")
    elif field.type == "decimal" and _digits(str(value)) > (field.max_digits or MAX_DIGITS):
        what = f"{quote(value)} has {_digits(str(value))} digits"
        yield Problem(place, what, f"at most {field.max_digits}")
    if field.unique:
        what = "a default in a unique field: only one row could use it"
        yield Problem(place, what, "only one of both")


def _is_of(type_: FieldType, value: object, decimal_places: int | None = None) -> bool:
    try:
        normalise(type_, value, decimal_places)
    except (TypeError, ValueError):
        return False
    return True


def _digits(number: str) -> int:
    """Count digits as a column does: before the point without leading zeros, and after it."""
    whole, _, places = number.lstrip("-").partition(".")
    return len(whole.lstrip("0")) + len(places)
