"""Values for the fields of an ERD: right ones, other for every row, and wrong ones."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from flagbench.scenario.erd import Value

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
# No check makes a thousand rows of an entity.
_ROW_DIGITS = 3
_FIRST_DAY = dt.date(2001, 1, 1)
# No value of the type; a string takes any text, so it is given an object.
_WRONG: Mapping[str, Any] = {
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
    """A value as JSON has it, other for every row; rows count from 1."""
    if field.choices:
        return field.choices[row % len(field.choices)]
    day = (_FIRST_DAY + dt.timedelta(days=row)).isoformat()
    made: dict[str, Callable[[], Any]] = {
        "string": lambda: _text(field, row),
        "text": lambda: f"{_words(field)} {row}, in a few more words",
        "integer": lambda: row,
        "decimal": lambda: _decimal(field, row),
        "float": lambda: row + 0.5,
        "boolean": lambda: row % 2 == 1,
        "date": lambda: day,
        "datetime": lambda: f"{day}T09:30:00Z",
        "time": lambda: f"{row // 60 % 24:02}:{row % 60:02}:00",
        "email": lambda: _short(field, f"{field.name}{row}@example.org", f"{row}@b.co"),
        "url": lambda: _short(
            field, f"https://example.org/{field.name}/{row}", f"http://b.co/{row}"
        ),
        "uuid": lambda: str(uuid.UUID(int=(4 << 76) | (8 << 60) | row)),
    }
    return made[field.type]()


def wrong(field: Value) -> Iterator[tuple[Any, str]]:
    """Values that the API must refuse, each with what is wrong with it in words."""
    yield _WRONG[field.type], f"which is no {field.type}"
    if not field.null:
        yield None, "which may not be null"
    if field.choices:
        yield _no_choice(field), f"which is none of {', '.join(map(str, field.choices))}"
    elif field.length is not None:
        yield _long(field), f"which is longer than {field.length} characters"
    if field.type == "decimal":
        whole, places = field.whole_digits, field.places
        yield f"{'9' * (whole + 1)}.{'0' * places}".rstrip("."), f"of more than {whole} digits"
        yield f"0.{'1' * (places + 1)}", f"with more than {places} decimal places"


def same(field: Value, found: Any, sent: Any) -> bool:
    """Whether what the API tells is what was sent, in whatever form the type allows."""
    if found is None or sent is None:
        return found is sent
    if isinstance(found, bool) is not (field.type == "boolean"):
        return False
    if isinstance(found, (dict, list)):
        return False
    try:
        return bool(_FORMS.get(field.type, _plain)(found) == _FORMS.get(field.type, _plain)(sent))
    except (ValueError, TypeError, ArithmeticError):
        return False


def _plain(raw: Any) -> Any:
    return raw


def _moment(raw: Any) -> dt.datetime:
    found = dt.datetime.fromisoformat(raw)
    return found if found.tzinfo else found.replace(tzinfo=dt.UTC)


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
    return _short(field, f"{_words(field)} {row}", _counted(row, min(length, 8)))


def _short(field: Value, text: str, shorter: str) -> str:
    return text if len(text) <= (field.length or len(text)) else shorter


def _counted(row: int, length: int) -> str:
    """The row in as many characters."""
    text = ""
    for _ in range(length):
        row, digit = divmod(row, len(_DIGITS))
        text = _DIGITS[digit] + text
    return text


def _decimal(field: Value, row: int) -> str:
    """The row before the point, and behind it as far as that goes; else in its last digits."""
    unit = Decimal(1).scaleb(-field.places)
    if field.whole_digits >= _ROW_DIGITS:
        number = row + row % 10**field.places * unit
    else:
        number = row % 10 ** (field.max_digits or 1) * unit
    return f"{number:.{field.places}f}"


def _no_choice(field: Value) -> str | int:
    if field.type == "integer":
        return max(int(one) for one in field.choices) + 1
    return next(one for one in ("?", "!", "none of these") if one not in field.choices)


def _long(field: Value) -> str:
    more = "x" * ((field.length or 0) + 1)
    forms = {"email": f"{more}@example.org", "url": f"https://example.org/{more}"}
    return forms.get(field.type, more)
