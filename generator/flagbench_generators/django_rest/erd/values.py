"""Values of fields: type checks and normal forms."""

import datetime
import math
import re
import uuid
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Literal, get_args

Scalar = bool | int | float | str
FieldType = Literal[
    "string", "text", "integer", "decimal", "float", "boolean",
    "date", "datetime", "time", "email", "url", "uuid",
]  # fmt: skip
TYPES: tuple[FieldType, ...] = get_args(FieldType)
MAX_LENGTHS: Mapping[FieldType, int] = {
    "string": 255,
    "email": 254,
    "url": 200,
}  # Django's defaults
WITH_CHOICES: tuple[FieldType, ...] = ("string", "integer")

# The range of Django's IntegerField in every database.
LOWEST_INTEGER, HIGHEST_INTEGER = -(2**31), 2**31 - 1


class NotOfTypeError(ValueError):
    """A value that is not of the field's type."""


_EXAMPLES: Mapping[FieldType, str] = {
    "string": "a string",
    "text": "a string",
    "integer": f"a whole number from {LOWEST_INTEGER} to {HIGHEST_INTEGER}",
    "decimal": 'a number, e.g. "9.90"',
    "float": "a number, e.g. 0.5",
    "boolean": "true or false",
    "date": 'a date, e.g. "2024-01-31"',
    "datetime": 'a time with its offset, e.g. "2024-01-31T09:30:00Z"',
    "time": 'a time of day, e.g. "09:30:00"',
    "email": 'an address, e.g. "office@example.org"',
    "url": 'an address, e.g. "https://example.org"',
    "uuid": 'a UUID, e.g. "123e4567-e89b-12d3-a456-426614174000"',
}


def example(type_: FieldType) -> str:
    """Describe a value of a type, for messages."""
    return _EXAMPLES[type_]


def normalise(type_: FieldType, value: object, decimal_places: int | None = None) -> Scalar:
    """Return the normal form of a value. Raises `ValueError` for a value of another type."""
    if type_ == "decimal":
        return _decimal(value, decimal_places)
    return _NORMALISERS[type_](value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise NotOfTypeError("not a string")
    value.encode()  # a lone surrogate raises UnicodeEncodeError, a ValueError
    if re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", value):
        raise NotOfTypeError("control characters")
    return value


def _integer(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise NotOfTypeError("not a whole number")
    if not LOWEST_INTEGER <= value <= HIGHEST_INTEGER:
        raise NotOfTypeError("too large")
    return value


def _decimal(value: object, decimal_places: int | None) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise NotOfTypeError("not a number")
    if isinstance(value, str) and not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", value, re.ASCII):
        raise NotOfTypeError("not a number")
    number = Decimal(str(value))
    if not number.is_finite() or len(str(value)) > 100:
        raise NotOfTypeError("too large")
    if decimal_places is None or not 0 <= decimal_places <= 100:
        return str(value)
    try:
        written = number.quantize(Decimal(1).scaleb(-decimal_places))
    except InvalidOperation as error:
        raise NotOfTypeError("too large") from error
    if written != number:
        raise NotOfTypeError("more decimal places")
    return f"{written + 0:f}"  # + 0: minus zero is zero


def _float(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotOfTypeError("not a number")
    try:
        number = float(value)
    except OverflowError as error:
        raise NotOfTypeError("too large") from error
    if not math.isfinite(number):
        raise NotOfTypeError("too large")
    return number + 0.0


def _boolean(value: object) -> bool:
    if not isinstance(value, bool):
        raise NotOfTypeError("neither true nor false")
    return value


def _date(value: object) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", _text(value), re.ASCII):
        raise NotOfTypeError("not a date")
    return datetime.date.fromisoformat(_text(value)).isoformat()


def _datetime(value: object) -> str:
    text = _text(value)
    form = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)"
    if not re.fullmatch(form, text, re.ASCII):
        raise NotOfTypeError("not a time with an offset")
    return datetime.datetime.fromisoformat(text).isoformat().replace("+00:00", "Z")


def _time(value: object) -> str:
    if not re.fullmatch(r"\d\d:\d\d(:\d\d)?", _text(value), re.ASCII):
        raise NotOfTypeError("not a time of day")
    return datetime.time.fromisoformat(_text(value)).isoformat()


def _email(value: object) -> str:
    if not re.fullmatch(r"[\w.+-]+@([\w-]+\.)+[A-Za-z]{2,}", _text(value), re.ASCII):
        raise NotOfTypeError("not an address")
    return _text(value)


def _url(value: object) -> str:
    if not re.fullmatch(r"(https?|ftps?)://[\w.-]+(:\d+)?(/\S*)?", _text(value), re.ASCII):
        raise NotOfTypeError("not an address")
    return _text(value)


def _uuid(value: object) -> str:
    if not re.fullmatch(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}", _text(value)):
        raise NotOfTypeError("not a UUID")
    return str(uuid.UUID(_text(value)))


_NORMALISERS: Mapping[FieldType, Callable[[object], Scalar]] = {
    "string": _text,
    "text": _text,
    "integer": _integer,
    "float": _float,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "email": _email,
    "url": _url,
    "uuid": _uuid,
}
