"""Parts that both styles of routes share: imports, Pydantic fields, SQL texts."""

# ruff: noqa: S608  this writes code; the SQL in it is built from names, never from values
from flagbench.simulator.crud.business_rules import checks_of
from flagbench.simulator.crud.specification import Column, Shape
from flagbench.simulator.crud.writer.layout import bracket
from flagbench.simulator.names import quoted_column


def needs_datetime(shape: Shape) -> bool:
    """True when a column or a rule mentions a date."""
    columns = [*shape.columns, *(c for child in shape.children for c in child.columns)]
    dated = any(column.type in {"date", "datetime"} for column in columns)
    return dated or any(check.kind in {"past", "future"} for check in checks_of(shape))


def import_lines(shape: Shape, *typing_names: str, fastapi: tuple[str, ...]) -> list[str]:
    """Import block of a routes module."""
    lines = ["import datetime"] if needs_datetime(shape) else []
    lines += ["import logging", "import sqlite3"]
    if typing_names:
        lines.append(f"from typing import {', '.join(sorted(typing_names))}")
    names = sorted(fastapi)
    line = f"from fastapi import {', '.join(names)}"
    lines += ["", *([line] if len(line) <= 79 else bracket(0, "from fastapi import (", names, ")"))]
    with_field = ", Field" if shape.links or shape.children else ""
    lines += [f"from pydantic import BaseModel{with_field}", ""]
    lines.append("from app.connection import get_connection")
    return lines


def field_line(column: Column) -> str:
    """One Pydantic field: required without a default, optional as `T | None = None`."""
    if column.required:
        return f"{column.name}: {column.python}"
    return f"{column.name}: {column.python} | None = None"


def field_lines(shape: Shape) -> list[str]:
    """The fields of the request model, required ones first, not indented."""
    ordered = sorted(shape.columns, key=lambda column: not column.required)
    lines = [field_line(column) for column in ordered]
    lines += [f"{link.field}: list[int] = Field(default_factory=list)" for link in shape.links]
    lines += [
        f"{child.field}: list[{child.model}] = Field(default_factory=list)"
        for child in shape.children
    ]
    return lines


def model_block(name: str, base: str, document: str, fields: list[str]) -> list[str]:
    """A class with a docstring and fields."""
    body = [f"    {line}" for line in fields]
    return [f"class {name}({base}):", f'    """{document}"""', *([""] if body else []), *body]


def child_blocks(shape: Shape) -> list[list[str]]:
    """A model for every kind of nested row."""
    return [
        model_block(
            child.model,
            "BaseModel",
            f"One of the {child.field.replace('_', ' ')} of a {shape.entity}.",
            [field_line(c) for c in sorted(child.columns, key=lambda c: not c.required)],
        )
        for child in shape.children
    ]


def column_list(columns: tuple[Column, ...]) -> str:
    """Names for a SELECT or INSERT."""
    return ", ".join(quoted_column(column.name) for column in columns)


def insert_sql(table: str, columns: tuple[Column, ...]) -> str:
    """INSERT with named parameters."""
    if not columns:
        return f"INSERT INTO {quoted_column(table)} DEFAULT VALUES"
    names = ", ".join(f":{column.name}" for column in columns)
    return f"INSERT INTO {quoted_column(table)} ({column_list(columns)}) VALUES ({names})"


def select_sql(shape: Shape) -> str:
    """SELECT of the id and every column."""
    names = ", ".join(["id", *(quoted_column(column.name) for column in shape.columns)])
    return f"SELECT {names} FROM {quoted_column(shape.table)}"


def update_sql(shape: Shape) -> str:
    """UPDATE with named parameters; touches the row even when there is nothing to set."""
    pairs = [f"{quoted_column(column.name)} = :{column.name}" for column in shape.columns]
    sets = ", ".join(pairs or ["id = id"])
    return f"UPDATE {quoted_column(shape.table)} SET {sets} WHERE id = :id"


def boolean_names(columns: tuple[Column, ...]) -> list[str]:
    """Names of the columns that SQLite gives back as 0 and 1."""
    return [column.name for column in columns if column.type == "boolean"]
