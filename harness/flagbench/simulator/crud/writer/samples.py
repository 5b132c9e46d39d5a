"""Values for written tests: valid under every rule that is understood, or breaking one."""

from collections.abc import Sequence

from flagbench.simulator.crud.business_rules import Check
from flagbench.simulator.crud.specification import Column
from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.names import words


def sample(column: Column, checks: Sequence[Check], variant: int) -> str:
    """A Python literal for a column, valid under its rules; variants 1..9 differ."""
    own = [check for check in checks if check.column == column]
    if column.type in {"integer", "number"}:
        return _amount(column, own, variant)
    if column.type == "boolean":
        return "True" if variant % 2 else "False"
    if column.type in {"date", "datetime"}:
        return _moment(column, checks, variant)
    for check in own:
        if check.kind == "one_of":
            return quoted(check.options[variant % len(check.options)])
    text = f"{column.name}{variant}@example.com" if column.type == "email" else ""
    return quoted(_fit_length(text or f"{words(column.name)} {variant}", own, variant))


def _fit_length(text: str, checks: Sequence[Check], variant: int) -> str:
    for check in checks:
        if check.kind == "length":
            low = int(float(check.low or 0))
            high = int(float(check.high or max(low, len(text))))
            digits = "digit" in check.rule.lower()
            text = f"{variant}" * max(low, 1) if digits or low == high else text
            text = (str(variant) + text)[:high] if len(text) > high else text.ljust(low, "x")
    return text


def _amount(column: Column, checks: Sequence[Check], variant: int) -> str:
    low, high, open_low, open_high = None, None, False, False
    for check in checks:
        if check.kind == "range":
            low = float(check.low) if check.low else low
            high = float(check.high) if check.high else high
            open_low, open_high = open_low or check.open_low, open_high or check.open_high
    value = float(10 + variant) if low is None and high is None else float(variant)
    if low is not None:
        value = low + variant - (0 if open_low else 1)
    elif high is not None:
        value = high - variant
    if high is not None and (value > high or (open_high and value >= high)):
        value = high - (1 if open_high else 0)
    return str(int(value)) if column.type == "integer" else str(value)


def _moment(column: Column, checks: Sequence[Check], variant: int) -> str:
    kinds = {check.kind for check in checks if check.column == column}
    others = {check.other for check in checks if check.other}
    future = any(c.kind == "future" for c in checks) and (
        "future" in kinds or "after" in kinds or "days" in kinds or column.name in others
    )
    day = variant + (9 if kinds & {"after", "days"} else 0)
    days = [int(float(c.high)) for c in checks if c.kind == "days" and c.column == column]
    if days:
        day = variant + min(days[0], 9)
    text = f"{2099 if future else 2024}-03-{day:02d}"
    return quoted(text if column.type == "date" else f"{text}T10:00:00")


def rule_breaking_value(check: Check) -> str:
    """A Python literal that breaks the rule, "" where there is none."""
    column = check.column
    if column is None or check.child:
        return ""
    if check.kind == "range":
        if check.low:
            value = float(check.low) - (0 if check.open_low else 1)
        else:
            value = float(check.high) + (0 if check.open_high else 1)
        return str(int(value)) if column.type == "integer" else str(value)
    if check.kind == "length":
        if float(check.low or 0) > 0:
            return quoted("x" * (int(float(check.low)) - 1))
        return quoted("x" * (int(float(check.high)) + 1))
    if check.kind in {"past", "future"}:
        day = "2999-01-01" if check.kind == "past" else "1999-01-01"
        return quoted(day if column.type == "date" else f"{day}T10:00:00")
    return {"one_of": quoted("something else"), "not_empty": quoted(" ")}.get(check.kind, "")


def wrong_type(columns: Sequence[Column]) -> tuple[str, str] | None:
    """A column and a literal of a wrong type for it, None where every column takes any text."""
    for column in columns:
        if column.type not in {"string", "text", "email"}:
            return column.name, quoted("not valid")
        if column.required:
            return column.name, "{}"
    return None
