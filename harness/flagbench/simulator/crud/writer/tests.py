"""The test module in two styles: functions, or a class."""

from collections.abc import Callable

from flagbench.simulator.crud.business_rules import Check, checks_of
from flagbench.simulator.crud.specification import Shape, table_of
from flagbench.simulator.crud.writer.cases import cases_of
from flagbench.simulator.crud.writer.layout import indented, literal, module_text, quoted
from flagbench.simulator.crud.writer.samples import sample


def _value_lines(shape: Shape, variant: int, checks: tuple[Check, ...]) -> list[str]:
    """Lines of a dictionary with a value for each field."""
    lines = []
    for column in shape.columns:
        value = sample(column, checks, variant)
        if column.target:
            value = f'insert_row("{table_of(column.target)}")' if column.required else "None"
        lines += literal(0, f'"{column.name}": (', value[1:-1], "),") if len(value) > 60 else [
            f'"{column.name}": {value},'
        ]  # fmt: skip
    lines += [f'"{link.field}": [],' for link in shape.links]
    for child in shape.children:
        pairs = [f'    "{c.name}": {sample(c, checks, variant)},' for c in child.columns]
        lines += [f'"{child.field}": [', "    {", *indented(pairs), "    },", "],"]
    return lines


def _needs_rows(shape: Shape) -> bool:
    return bool(shape.links) or bool(shape.references)


_INSERT_ROW = [
    "def insert_row(table):",
    '    """Insert a minimal row into another table and return its id."""',
    '    connection = sqlite3.connect(os.environ["DATABASE_PATH"])',
    "    columns = connection.execute(f'PRAGMA table_info(\"{table}\")').fetchall()",
    '    needed = [c for c in columns if c[3] and not c[5] and c[1] != "id"]',
    '    names = ", ".join(f\'"{c[1]}"\' for c in needed)',
    '    marks = ", ".join("?" for _ in needed)',
    '    values = [0 if c[2] in ("INTEGER", "REAL") else "1970-01-01" for c in needed]',
    "    sql = f'INSERT INTO \"{table}\" ({names}) VALUES ({marks})'",
    "    if not needed:",
    "        sql = f'INSERT INTO \"{table}\" DEFAULT VALUES'",
    "    row_id = connection.execute(sql, values).lastrowid",
    "    connection.commit()",
    "    connection.close()",
    "    return row_id",
]


def _build(shape: Shape) -> list[str]:
    checks = checks_of(shape)
    first, second = (_value_lines(shape, variant, checks) for variant in (1, 2))
    return [
        "def build(variant=1):",
        f'    """A valid body for a {shape.entity}; variant 2 differs."""',
        "    if variant == 2:",
        "        return {",
        *indented(second, 12),
        "        }",
        "    return {",
        *indented(first, 8),
        "    }",
    ]


def _head(shape: Shape, document: str, *imports: str) -> list[str]:
    standard = ["import os", "import sqlite3"] if _needs_rows(shape) else []
    lines = [*standard, *([""] if standard and imports else []), *imports]
    gap = [""] if lines else []
    return [f'"""{document}"""', "", *lines, *gap, f"PATH = {quoted(shape.path)}"]


def by_function(shape: Shape) -> str:
    """A test function for each case."""
    head = _head(shape, f"Integration tests of the {shape.table} API.")
    tests = []
    for name, document, lines in cases_of(shape):
        of = f"_{shape.module}" if name in {"create", "read", "update", "delete"} else ""
        tests.append([f"def test_{name}{of}(client):", f'    """{document}"""', *indented(lines)])
    rows = _INSERT_ROW if _needs_rows(shape) else []
    return module_text([head, rows, _build(shape), *tests])


def by_class(shape: Shape) -> str:
    """All cases as methods of one class."""
    head = _head(shape, f"CRUD, validation and error cases for {shape.entity}.")
    body = [f"class Test{shape.entity}Api:", f'    """What {shape.path} promises."""']
    for name, document, lines in cases_of(shape):
        method = [f"def test_{name}(self, client):", f'    """{document}"""', *indented(lines)]
        body += ["", *indented(method)]
    rows = _INSERT_ROW if _needs_rows(shape) else []
    return module_text([head, rows, _build(shape), body])


STYLES: tuple[Callable[[Shape], str], ...] = (by_function, by_class)
