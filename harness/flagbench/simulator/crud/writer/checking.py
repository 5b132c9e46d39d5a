"""Python lines that enforce references and business rules inside a routes module.

The lines are meant for a function body and refer to `payload` (the request model), `connection`
and `current_id` (the id of the row that is being replaced, None for a new one).
"""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
from collections.abc import Callable

from flagbench.simulator.crud.business_rules import Check, checks_of
from flagbench.simulator.crud.specification import Column, Shape, table_of
from flagbench.simulator.crud.writer.layout import literal, quoted, wrapped_comment
from flagbench.simulator.names import quoted_column


def reject(indent: int, detail: str) -> list[str]:
    """Lines that raise a 422 with this detail."""
    line = f"{' ' * indent}raise HTTPException(status_code=422, detail={quoted(detail)})"
    if len(line) <= 79:
        return [line]
    space = " " * indent
    inner = [f"{space}    status_code=422,", *literal(indent + 4, "detail=(", detail, "),")]
    line = f"{space}    detail={quoted(detail)},"
    if len(line) <= 79:
        inner[1:] = [line]
    return [f"{space}raise HTTPException(", *inner, f"{space})"]


def reference_lines(shape: Shape) -> list[str]:
    """Lines that answer 422 where a referenced id does not exist; none without relations."""
    lines = []
    for column in shape.references:
        table, space = quoted_column(table_of(column.target)), ""
        if not column.required:
            lines.append(f"if payload.{column.name} is not None:")
            space = "    "
        lines += [
            f"{space}found = connection.execute(",
            f'{space}    "SELECT 1 FROM {_escaped(table)} WHERE id = ?",',
            f"{space}    (payload.{column.name},),",
            f"{space}).fetchone()",
            f"{space}if found is None:",
            *reject(len(space) + 4, f"{column.name} does not exist"),
        ]
    for link in (link for link in shape.links if link.target):
        name = link.other
        lines += [
            f"for {name} in payload.{link.field}:",
            "    found = connection.execute(",
            f'        "SELECT 1 FROM {_escaped(quoted_column(table_of(link.target)))} '
            'WHERE id = ?",',
            f"        ({name},),",
            "    ).fetchone()",
            "    if found is None:",
            *reject(8, f"{link.field} contains an id that does not exist"),
        ]
    return lines


def rule_lines(shape: Shape) -> list[str]:
    """Lines that enforce the rules; a rule that is not understood becomes a comment."""
    lines: list[str] = []
    for check in checks_of(shape):
        lines += _lines_of(check, shape)
    return lines


def _lines_of(check: Check, shape: Shape) -> list[str]:
    column = check.column
    if check.kind == "words" or column is None:
        return wrapped_comment(0, f"Business rule, left to the caller: {check.rule}")
    if check.kind == "unique":
        return _unique_lines(check, column, shape)
    value = f"row.{column.name}" if check.child else f"payload.{column.name}"
    guards = [] if column.required else [f"{value} is not None"]
    if check.other:
        other = next(c for c in shape.columns if c.name == check.other)
        guards += [] if other.required else [f"payload.{other.name} is not None"]
    violation = _CONDITIONS[check.kind](check, value, column)
    conditions = [*guards, violation]
    condition = f"if {' and '.join(conditions)}:"
    if len(condition) <= 71:
        test = [condition]
    else:
        parts = [f"    and {part}" for part in conditions]
        parts[0] = "    " + conditions[0]
        test = ["if (", *parts, "):"]
    lines = [*test, *reject(4, check.rule)]
    if check.child:
        lines = [f"for row in payload.{check.child}:", *(f"    {line}" for line in lines)]
    return lines


def _unique_lines(check: Check, column: Column, shape: Shape) -> list[str]:
    table = _escaped(quoted_column(shape.table))
    return [
        "taken = connection.execute(",
        f'    "SELECT 1 FROM {table} "',
        f'    "WHERE {_escaped(quoted_column(column.name))} = ? AND id IS NOT ?",',
        f"    ({stored_value(f'payload.{column.name}', column)}, current_id),",
        ").fetchone()",
        "if taken is not None:",
        *reject(4, check.rule),
    ]


def stored_value(value: str, column: Column) -> str:
    """The expression as SQLite stores it: dates become ISO text."""
    if column.type not in {"date", "datetime"}:
        return value
    iso = f"{value}.isoformat()"
    return iso if column.required else f"{value} and {iso}"


def _escaped(name: str) -> str:
    return name.replace('"', '\\"')


def _range(check: Check, value: str, _: Column) -> str:
    if check.low and check.high and not check.open_low and not check.open_high:
        return f"not {check.low} <= {value} <= {check.high}"
    low = f"{value} {'<=' if check.open_low else '<'} {check.low}" if check.low else ""
    high = f"{value} {'>=' if check.open_high else '>'} {check.high}" if check.high else ""
    return f"({low} or {high})" if low and high else low or high


def _length(check: Check, value: str, _: Column) -> str:
    return _range(Check("range", "", low=check.low, high=check.high), f"len({value})", _)


def _one_of(check: Check, value: str, _: Column) -> str:
    listed = ", ".join(quoted(option) for option in check.options)
    return f"{value} not in ({listed},)"


def _now(value: str, column: Column) -> str:
    if column.type == "date":
        return "datetime.date.today()"
    return f"datetime.datetime.now({value}.tzinfo)"


_CONDITIONS: dict[str, Callable[[Check, str, Column], str]] = {
    "range": _range,
    "length": _length,
    "one_of": _one_of,
    "past": lambda _, value, column: f"{value} > {_now(value, column)}",
    "future": lambda _, value, column: f"{value} < {_now(value, column)}",
    "not_empty": lambda _, value, __: f"not {value}.strip()",
    "after": lambda check, value, _: f"{value} < payload.{check.other}",
    "days": lambda check, value, _: f"({value} - payload.{check.other}).days > {check.high}",
}
