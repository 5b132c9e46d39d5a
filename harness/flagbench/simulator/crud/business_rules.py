"""Business rules in words -> checks in code, where the words are understood."""

import re
from dataclasses import dataclass

from flagbench.simulator.crud.specification import Column, Shape
from flagbench.simulator.names import to_ascii

NUMBER = r"(-?\d+(?:[.,]\d+)?)"
_LENGTH = re.compile(r"\b(characters?|chars?|letters?|digits?|long|caracteres|letras|digitos)\b")
_DAYS = re.compile(rf"{NUMBER} (?:days?|dias?)\b")
_UNIQUE = re.compile(
    r"\b(unique|unico|unica|unicos|distinct|no two|repeat(?:ed)?|duplicate[sd]?|duplicad[oa]s?"
    r"|repetid[oa]s?|same)\b"
)
_BETWEEN = re.compile(rf"\b(?:between|from|entre|de)\s+{NUMBER}\s+(?:and|to|e|a|ate)\s+{NUMBER}")
_LOW = re.compile(
    rf"(?:at least|no less than|not less than|minimum(?: of)?|or more than|pelo menos|no minimo"
    rf"|>=)\s*{NUMBER}"
)
_HIGH = re.compile(
    rf"(?:at most|no more than|not more than|not exceed|cannot exceed|maximum(?: of)?|up to"
    rf"|no maximo|nao pode passar de|ate|<=)\s*{NUMBER}"
)
_ABOVE = re.compile(rf"(?:more than|greater than|above|over|maior(?:es)? que|mais de|>)\s*{NUMBER}")
_BELOW = re.compile(
    rf"(?:less than|lower than|below|under|smaller than|menor(?:es)? que|menos de|<)\s*{NUMBER}"
)
_EXACTLY = re.compile(rf"\b(?:exactly|exatamente)\s+{NUMBER}")
_NEGATIVE = re.compile(
    r"\b(non[- ]?negative|not be negative|never be negative|cannot be negative"
    r"|not negative|nao negativ[oa]|nao pode ser negativ[oa]|never negative)\b"
)
_POSITIVE = re.compile(r"\b(positive|positiv[oa]s?)\b")
_ONE_OF = re.compile(
    r"(?:one of(?: these)?|either|any of|um de|uma de|um dos|uma das|um destes)\s*:?\s*(.+)$"
)
_CHOICE = re.compile(r"\b(?:must be|is|deve ser)\s+(\w+(?:, \w+)*,? (?:or|ou) \w+)\s*$")
_NOT_FUTURE = re.compile(
    r"\b(?:not|never|cannot|can't) (?:be |lie )?in the future"
    r"|\bnao pode (?:ser |estar )?(?:no futuro|futura)"
)
_NOT_PAST = re.compile(
    r"\b(?:not|never|cannot|can't) (?:be |lie )?in the past|\bnao pode (?:ser |estar )?no passado"
)
_PAST = re.compile(r"\b(?:in the past|no passado)\b")
_FUTURE = re.compile(r"\b(?:in the future|no futuro|futura)\b")
_EMPTY = re.compile(r"(not be (?:empty|blank)|not empty|nao pode (?:ser|estar|ficar) vazi[oa])")
_AFTER = re.compile(r"\b(after|later than|on or after|depois d[aoe]|apos|posterior a)\b")
_BEFORE = re.compile(r"\b(before|earlier than|antes d[aoe]|anterior a)\b")
_ORDERED = frozenset({"date", "datetime"})
_AMOUNTS = frozenset({"integer", "number"})


@dataclass(frozen=True, slots=True)
class Check:
    """One rule in a form that code can check.

    `kind` is unique, range, length, one_of, past, future, not_empty, after, days or words (not
    understood). `low` and `high` are inclusive unless `open_low` or `open_high` is set. `child`
    names the one_to_many field whose rows are checked; `other` is the second column of after and
    days.
    """

    kind: str
    rule: str
    column: Column | None = None
    child: str = ""
    low: str = ""
    high: str = ""
    open_low: bool = False
    open_high: bool = False
    options: tuple[str, ...] = ()
    other: str = ""


def checks_of(shape: Shape) -> tuple[Check, ...]:
    """One check for every rule, in the order of the rules."""
    return tuple(_check(rule, shape) for rule in shape.rules)


def _mentioned_columns(shape: Shape, text: str) -> list[tuple[Column, str]]:
    """Columns that the text names, by first mention, each with its child's field or ""."""
    mentions: list[tuple[int, int, Column, str]] = []
    groups = [(shape.columns, ""), *((child.columns, child.field) for child in shape.children)]
    for columns, child in groups:
        for column in columns:
            name = column.name.removesuffix("_id") if column.target else column.name
            pattern = r"\b" + r"[ _]".join(map(re.escape, name.lower().split("_"))) + r"(?:e?s)?\b"
            match = re.search(pattern, text)
            if match:
                mentions.append((match.start(), -len(name), column, child))
    mentions.sort(key=lambda mention: mention[:2])
    apart: list[tuple[int, int, Column, str]] = []
    for mention in mentions:
        begin = mention[0]
        if not any(start <= begin < start - length for start, length, _, _ in apart):
            apart.append(mention)
    return [(column, child) for _, _, column, child in apart]


def _check(rule: str, shape: Shape) -> Check:
    text = to_ascii(rule).lower().strip().rstrip(".")
    named = _mentioned_columns(shape, text)
    dates = [column for column in shape.columns if column.type in _ORDERED]
    days = _DAYS.search(text)
    if days and _HIGH.search(text):
        pair = [column for column, child in named if column.type in _ORDERED and not child]
        pair += [column for column in dates if column not in pair]
        if len(pair) >= 2:
            first, second = sorted(pair[:2], key=shape.columns.index)
            return Check("days", rule, second, high=days.group(1), other=first.name)
    if not named:
        return Check("words", rule)
    column, child = named[0]
    return _value_check(rule, text, column, child) or _pair_check(rule, text, named)


def _pair_check(rule: str, text: str, named: list[tuple[Column, str]]) -> Check:
    columns = [column for column, child in named if not child and column.type in _ORDERED]
    if len(columns) >= 2:
        first, second = columns[:2]
        if _AFTER.search(text):
            return Check("after", rule, first, other=second.name)
        if _BEFORE.search(text):
            return Check("after", rule, second, other=first.name)
    return Check("words", rule)


def _value_check(rule: str, text: str, column: Column, child: str) -> Check | None:
    if _UNIQUE.search(text) and not child:
        return Check("unique", rule, column)
    if column.type in _ORDERED:
        if _NOT_FUTURE.search(text) or (_PAST.search(text) and not _NOT_PAST.search(text)):
            return Check("past", rule, column, child)
        if _NOT_PAST.search(text) or _FUTURE.search(text):
            return Check("future", rule, column, child)
    if column.type in {"string", "text", "email"}:
        return _text_check(rule, text, column, child)
    return _amount_check(rule, text, column, child) if column.type in _AMOUNTS else None


def _text_check(rule: str, text: str, column: Column, child: str) -> Check | None:
    if _LENGTH.search(text):
        exact = _EXACTLY.search(text) or re.search(rf"\b(?:have|ter|has) {NUMBER}", text)
        if exact:
            number = _decimal_point(exact.group(1))
            return Check("length", rule, column, child, number, number)
        low, high, _, open_high = _bounds(text)
        if low or high:
            high = str(int(high) - 1) if open_high and high else high
            return Check("length", rule, column, child, low, high)
    listed = _ONE_OF.search(text) or _CHOICE.search(text)
    if listed:
        place = to_ascii(rule).lower().find(listed.group(1))
        original = rule.strip().rstrip(".")[place : place + len(listed.group(1))]
        parts = re.split(r",\s*(?:and |or |e |ou )?|\s+(?:and|or|e|ou)\s+", original)
        options = tuple(part.strip(" \"'`.") for part in parts if part.strip(" \"'`."))
        return Check("one_of", rule, column, child, options=options)
    return Check("not_empty", rule, column, child) if _EMPTY.search(text) else None


def _amount_check(rule: str, text: str, column: Column, child: str) -> Check | None:
    low, high, open_low, open_high = _bounds(text)
    if low or high:
        return Check("range", rule, column, child, low, high, open_low, open_high)
    if _NEGATIVE.search(text):
        return Check("range", rule, column, child, low="0")
    if _POSITIVE.search(text):
        return Check("range", rule, column, child, low="0", open_low=True)
    return None


def _decimal_point(text: str) -> str:
    return text.replace(",", ".")


def _bounds(text: str) -> tuple[str, str, bool, bool]:
    """Lower and upper bound ("" where none) and whether each is exclusive."""
    between = _BETWEEN.search(text)
    if between:
        return _decimal_point(between.group(1)), _decimal_point(between.group(2)), False, False
    low, high, above, below = (p.search(text) for p in (_LOW, _HIGH, _ABOVE, _BELOW))
    if above and (high and high.start() <= above.start()):
        above = None
    if below and (low and low.start() <= below.start()):
        below = None
    lower, upper = low or above, high or below
    return (
        _decimal_point(lower.group(1)) if lower else "",
        _decimal_point(upper.group(1)) if upper else "",
        low is None and above is not None,
        high is None and below is not None,
    )
