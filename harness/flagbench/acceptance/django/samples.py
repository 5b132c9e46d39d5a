"""Sample values for the fields of an ERD: valid ones, different for every row, and invalid ones."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from flagbench.scenario.erd import Value

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# No check creates a thousand rows of an entity.
_ROW_DIGITS = 3
# A text has no limit, not even that of a string (255).
_LONG = ", and more" * 30
_FIRST_DAY = dt.date(2001, 1, 1)
# Values that are invalid for the type. Any text is a valid string, hence an object.
_INVALID: Mapping[str, Any] = {
    "string": {"not": "a text"},
    "text": {"not": "a text"},
    "integer": "not a number",
    "decimal": "not a number",
    "float": "not a number",
    "boolean": "not a boolean",
    "date": "not a date",
    "datetime": "not a date",
    "time": "not a time",
    "email": "not an address",
    "url": "not an address",
    "uuid": "not a UUID",
}


def value(field: Value, row: int) -> Any:
    """Build a JSON value, different for every row; rows count from 1.

    Row 0 has the least values, of numbers negative ones, and a long text: a row that is out of
    order among the others.
    """
    if field.choices:
        return field.choices[row % len(field.choices)]
    day = (_FIRST_DAY + dt.timedelta(days=row)).isoformat()
    values: dict[str, Callable[[], Any]] = {
        "string": lambda: _text(field, row),
        "text": lambda: f"{_words(field)} {row}, in a few more words{'' if row else _LONG}",
        "integer": lambda: row or -1,
        "decimal": lambda: _decimal(field, row),
        "float": lambda: row + 0.5 if row else -0.5,
        "boolean": lambda: row % 2 == 1,
        "date": lambda: day,
        "datetime": lambda: f"{day}T09:30:00Z",
        "time": lambda: f"{row // 60 % 24:02}:{row % 60:02}:00",
        "email": lambda: _fitting(
            field, f"{field.name.capitalize()}{row}@example.org", f"{row}@b.co"
        ),
        "url": lambda: _fitting(
            field, f"https://example.org/{field.name}/{row}", f"http://b.co/{row}"
        ),
        "uuid": lambda: str(uuid.UUID(int=(4 << 76) | (8 << 60) | row)),
    }
    return values[field.type]()


def invalid_values(field: Value) -> Iterator[tuple[Any, str]]:
    """Values that the API must refuse, each with the reason in words."""
    yield _INVALID[field.type], f"which is not a valid {field.type}"
    if not field.null:
        yield None, "which may not be null"
    if field.choices:
        yield _other_choice(field), f"which is none of {', '.join(map(str, field.choices))}"
    elif field.length is not None:
        yield _too_long(field), f"which is longer than {field.length} characters"
    if field.type == "decimal":
        whole, places = field.whole_digits, field.places
        large = f"{'9' * (whole + 1)}.{'0' * places}".rstrip(".")
        yield large, f"with more than {whole} digits before the decimal point"
        yield f"0.{'1' * (places + 1)}", f"with more than {places} decimal places"


def same(field: Value, actual: Any, sent: Any) -> bool:
    """Compare an answered value with the one sent, in any notation that the type allows."""
    if actual is None or sent is None:
        return actual is sent
    if isinstance(actual, bool) is not (field.type == "boolean"):
        return False
    if isinstance(actual, (dict, list)):
        return False
    try:
        return bool(_FORMS.get(field.type, _plain)(actual) == _FORMS.get(field.type, _plain)(sent))
    except (ValueError, TypeError, ArithmeticError):
        return False


def _plain(raw: Any) -> Any:
    return raw


def _moment(raw: Any) -> dt.datetime:
    moment = dt.datetime.fromisoformat(raw)
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


_FORMS: Mapping[str, Callable[[Any], Any]] = {
    "decimal": lambda raw: Decimal(str(raw)),
    "datetime": _moment,
    "time": dt.time.fromisoformat,
    "uuid": lambda raw: uuid.UUID(str(raw)),
}


def _words(field: Value) -> str:
    return field.name.replace("_", " ").capitalize()


def _text(field: Value, row: int) -> str:
    length = field.length or 0
    return _fitting(field, f"{_words(field)} {row}", _in_digits(row, min(length, 8)))


def _fitting(field: Value, text: str, shorter: str) -> str:
    return text if len(text) <= (field.length or len(text)) else shorter


def _in_digits(row: int, length: int) -> str:
    """The number of a row in base 62, padded to `length` digits."""
    text = ""
    for _ in range(length):
        row, digit = divmod(row, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


def _decimal(field: Value, row: int) -> str:
    """A decimal from the number of a row, before and after the point as far as digits allow."""
    unit = Decimal(1).scaleb(-field.places)
    if field.whole_digits >= _ROW_DIGITS:
        number = row + row % 10**field.places * unit
    else:
        number = row % 10 ** (field.max_digits or 1) * unit
    number = number if row else -unit
    return f"{number:.{field.places}f}"


def _other_choice(field: Value) -> str | int:
    if field.type == "integer":
        return max(int(choice) for choice in field.choices) + 1
    candidates = ("?", "!", "none of these")
    return next(candidate for candidate in candidates if candidate not in field.choices)


def _too_long(field: Value) -> str:
    more = "x" * ((field.length or 0) + 1)
    forms = {"email": f"{more}@example.org", "url": f"https://example.org/{more}"}
    return forms.get(field.type, more)
