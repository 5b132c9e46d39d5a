"""Defects of a database module: a column without NOT NULL, a migration without ALTER TABLE."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flagbench.simulator.crud.defects.defect import ASSUMPTION, Defect, ReviewRemark, View
from flagbench.simulator.crud.specification import Column, Shape
from flagbench.simulator.rng import Rng


def _misread_as_nullable(shape: Shape, draws: Rng) -> Shape:
    required = [column for column in shape.columns if column.required and not column.target]
    if not required:
        return shape
    gone = draws.pick("column", required)
    columns = [replace(c, required=False) if c == gone else c for c in shape.columns]
    return replace(shape, columns=tuple(columns))


def _lenient_columns(view: View) -> list[tuple[int, Column]]:
    """Required columns declared without NOT NULL in a CREATE TABLE or a dictionary, by line."""
    columns = []
    for column in view.shape.columns:
        if column.required and not column.target:
            name = re.escape(column.name)
            pattern = re.compile(rf"^\s*[\"']?{name}[\"']?:?\s+[\"'(]*{column.sql}\b", re.I)
            columns += [
                (number, column)
                for number, line in enumerate(view.lines, 1)
                if pattern.match(line) and "NOT NULL" not in line.upper()
            ]
    return columns


def _find_nullable(view: View) -> Sequence[ReviewRemark]:
    return [
        ReviewRemark(number, f"Column {column.name} is required and lacks NOT NULL.")
        for number, column in _lenient_columns(view)
    ]


def _fix_nullable(view: View) -> str:
    lines = view.lines
    for number, column in _lenient_columns(view):
        line = lines[number - 1]
        added = re.match(r"^\s*[\"']\w+[\"']:", line)
        strict = f"{column.sql} NOT NULL" + (f" DEFAULT {column.neutral}" if added else "")
        lines[number - 1] = re.sub(rf"\b{column.sql}\b", strict, line, count=1)
    code = "\n".join(lines)
    for column in {column for _, column in _lenient_columns(view)}:
        bare = rf"(ADD COLUMN \\?\"?{re.escape(column.name)}\\?\"? {column.sql})(?=[\"'])"
        code = re.sub(bare, rf"\1 NOT NULL DEFAULT {column.neutral}", code)
    return code


def _drop_alter_table(code: str, _: Shape, __: Rng) -> str:
    head, signature, tail = code.partition("def migrate(")
    start = re.search(r"^    (?:for table|existing =)", tail, re.MULTILINE)
    end = tail.rfind("    connection.commit()")
    if not signature or not start or end < start.start():
        return code
    return head + signature + tail[: start.start()] + tail[end:]


def _find_missing_alter_table(view: View) -> Sequence[ReviewRemark]:
    can_grow = view.shape.columns or view.shape.children
    if view.tree is None or not can_grow or re.search(r"\bADD\s+COLUMN\b", view.code, re.I):
        return ()
    return (
        ReviewRemark(
            view.line_with("def migrate"),
            "migrate does not add columns that an older table lacks (no ALTER TABLE).",
        ),
    )


MISSING_NOT_NULL = Defect(
    name="missing_not_null",
    rates={"database": 0.08},
    source=ASSUMPTION,
    sensitivity=0.7,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"not null|nullable column"),
    misread=_misread_as_nullable,
    find=_find_nullable,
    fix=_fix_nullable,
)
MIGRATION_ADDS_NOTHING = Defect(
    name="migration_adds_nothing",
    rates={"database": 0.04},
    source=ASSUMPTION,
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"add(?:s|ing)? columns|alter table|migrat"),
    inject=_drop_alter_table,
    find=_find_missing_alter_table,
)
