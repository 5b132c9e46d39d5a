"""Values of an ERD as Python expressions, and names for them in a class of choices."""

import datetime
import json
import re
import uuid
from collections.abc import Sequence

from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.django.specification import Field, Scalar
from flagbench.simulator.names import to_ascii

_LONGEST_PIECE = 48
"""Characters of a string on one line; a longer one is split, at any letter if need be."""


def default_expression(field: Field) -> str:
    """The default as an expression of the field's type, or as a literal where it is invalid."""
    value = field.default
    if isinstance(value, str) and field.type in _TYPED:
        return _TYPED[field.type](value)
    if field.type == "decimal" and isinstance(value, int | float):
        return f"Decimal({quoted(str(value))})"
    return literal(value if value is not None else "")


def literal(value: Scalar) -> str:
    """A Python literal; a long string is split into pieces, one a line, in parentheses."""
    if not isinstance(value, str):
        return repr(value)
    if len(value) <= _LONGEST_PIECE:
        return quoted(value)
    pieces = re.findall(rf".{{1,{_LONGEST_PIECE}}}", value, re.DOTALL)
    return "\n".join(["(", *(f"    {quoted(piece)}" for piece in pieces), ")"])


def _date(text: str) -> str:
    try:
        day = datetime.date.fromisoformat(text)
    except ValueError:
        return quoted(text)
    return f"datetime.date({day.year}, {day.month}, {day.day})"


def _time(text: str) -> str:
    try:
        time = datetime.time.fromisoformat(text)
    except ValueError:
        return quoted(text)
    numbers = [time.hour, time.minute, time.second, time.microsecond]
    while len(numbers) > 2 and not numbers[-1]:
        numbers.pop()
    return f"datetime.time({', '.join(map(str, numbers))})"


def _datetime(text: str) -> str:
    try:
        moment = datetime.datetime.fromisoformat(text)
    except ValueError:
        return quoted(text)
    if moment.tzinfo is not None:
        moment = moment.astimezone(datetime.UTC)
    numbers = [moment.year, moment.month, moment.day, moment.hour, moment.minute, moment.second,
               moment.microsecond]  # fmt: skip
    while len(numbers) > 5 and not numbers[-1]:
        numbers.pop()
    inside = [*map(str, numbers), "tzinfo=datetime.timezone.utc"]
    line = f"datetime.datetime({', '.join(inside)})"
    if len(line) <= _LONGEST_PIECE:
        return line
    lines = [f"    {', '.join(inside[:-1])},", f"    {inside[-1]},"]
    return "\n".join(["datetime.datetime(", *lines, ")"])


def _uuid(text: str) -> str:
    try:
        return f"uuid.UUID({quoted(str(uuid.UUID(text)))})"
    except ValueError:
        return quoted(text)


def _decimal(text: str) -> str:
    return f"Decimal({quoted(text)})"


_TYPED = {"date": _date, "time": _time, "datetime": _datetime, "uuid": _uuid, "decimal": _decimal}


def label(value: Scalar) -> str:
    """Label of a value: `in_transit` -> `In transit`."""
    text = value if isinstance(value, str) else json.dumps(value)
    words = re.sub(r"[_\s]+", " ", text).strip()
    return words[:1].upper() + words[1:] if words else text


def constant_names(values: Sequence[Scalar]) -> list[str]:
    """Unique names in capitals: `A+` -> `A_PLUS`, 1 -> `VALUE_1`."""
    names: list[str] = []
    for value in values:
        text = re.sub(r"-(?!\w)|(?<!\w)-", " minus ", str(value).replace("+", " plus "))
        text = re.sub(r"[^A-Z0-9]+", "_", to_ascii(text).upper()).strip("_") or "EMPTY"
        text = text if text[0].isalpha() else f"VALUE_{text}"
        again = sum(name == text or name.startswith(f"{text}_AGAIN") for name in names)
        names.append(f"{text}_AGAIN_{again}" if again else text)
    return names
