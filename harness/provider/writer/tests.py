"""The test module. Two styles: functions, and a class with a fixture."""

from collections.abc import Callable

from harness.provider.rules import Check, checks_of
from harness.provider.shape import Shape, table_of
from harness.provider.writer.layout import indented, literal, module_text, quoted
from harness.provider.writer.samples import breaking, sample, wrong_type

Case = tuple[str, str, list[str]]
"""Name, docstring, lines; the lines refer to `client`, `PATH` and `build(...)`."""


def _value_lines(shape: Shape, variant: int, checks: tuple[Check, ...]) -> list[str]:
    """Lines of a dictionary with a value for every field."""
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


def _cases(shape: Shape) -> list[Case]:
    one, checks = shape.entity, checks_of(shape)
    own = [
        f'assert body["{c.name}"] == values["{c.name}"]'
        for c in shape.columns
        if c.type != "datetime"
    ]
    post = "response = client.post(PATH, json=values)"
    cases: list[Case] = [
        ("create", f"A {one} is stored with its values.", [
            "values = build()", post, "assert response.status_code == 201", "body = response.json()",
            'assert isinstance(body["id"], int)', *own,
            *(f'assert body["{child.field}"] == values["{child.field}"]' for child in shape.children
              if not any(c.type == "datetime" for c in child.columns)),
        ]),
        ("list", "The list holds what was created.", [
            "assert client.get(PATH).json() == []", "created = client.post(PATH, json=build()).json()",
            "response = client.get(PATH)", "assert response.status_code == 200",
            'assert [row["id"] for row in response.json()] == [created["id"]]',
        ]),
        ("read", f"A {one} can be read by its id.", [
            "created = client.post(PATH, json=build()).json()",
            "response = client.get(f\"{PATH}/{created['id']}\")",
            "assert response.status_code == 200", "assert response.json() == created",
        ]),
        ("update", f"A {one} is replaced.", [
            "created = client.post(PATH, json=build()).json()", "values = build(2)",
            "response = client.put(f\"{PATH}/{created['id']}\", json=values)",
            "assert response.status_code == 200", "body = response.json()",
            'assert body["id"] == created["id"]', *own,
        ]),
        ("delete", "A deleted row is gone.", [
            "created = client.post(PATH, json=build()).json()", "address = f\"{PATH}/{created['id']}\"",
            "assert client.delete(address).status_code == 204",
            "assert client.get(address).status_code == 404",
        ]),
        ("missing", "Unknown ids are answered 404.", [
            'address = f"{PATH}/999999"', "assert client.get(address).status_code == 404",
            "assert client.put(address, json=build()).status_code == 404",
            "assert client.delete(address).status_code == 404",
        ]),
    ]  # fmt: skip
    return cases + _invalid_cases(shape) + _relation_cases(shape) + _rule_cases(checks)


def _invalid_cases(shape: Shape) -> list[Case]:
    found: list[Case] = []
    required = [column.name for column in shape.columns if column.required]
    if required:
        found.append(("missing_field", "A body without a required field is rejected.", [
            "values = build()", f'del values["{required[0]}"]',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    wrong = wrong_type(shape.columns)
    if wrong:
        found.append(("wrong_type", "A value of the wrong type is rejected.", [
            "values = build()", f'values["{wrong[0]}"] = {wrong[1]}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    return found


def _relation_cases(shape: Shape) -> list[Case]:
    found: list[Case] = []
    pairs = [(c.name, table_of(c.target), "{}") for c in shape.references]
    pairs += [(link.field, table_of(link.target), "[{}]") for link in shape.links]
    for field, table, pattern in pairs:
        known = pattern.format(f'insert_row("{table}")')
        found.append((f"{field}_stored", f"The field {field} is stored.", [
            "values = build()",
            f'values["{field}"] = {known}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 201",
            f'assert response.json()["{field}"] == values["{field}"]',
        ]))  # fmt: skip
        found.append((f"{field}_unknown", f"An unknown id in {field} is rejected.", [
            "values = build()", f'values["{field}"] = {pattern.format("999999")}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    return found


def _rule_cases(checks: tuple[Check, ...]) -> list[Case]:
    found: list[Case] = []
    for number, check in enumerate(checks, 1):
        document = " ".join(f"Rule: {check.rule.rstrip('.')}.".split()).replace('"', "'")
        if len(document) > 60:
            document = document[:57].rsplit(" ", 1)[0] + " ..."
        value = breaking(check)
        if check.kind == "unique":
            found.append((f"rule_{number}", document, [
                "assert client.post(PATH, json=build()).status_code == 201",
                "response = client.post(PATH, json=build())",
                "assert response.status_code == 422",
            ]))  # fmt: skip
        elif value and check.column is not None:
            found.append((f"rule_{number}", document, [
                "values = build()", f'values["{check.column.name}"] = {value}',
                "response = client.post(PATH, json=values)", "assert response.status_code == 422",
            ]))  # fmt: skip
    return found


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
    """A test function for every case."""
    head = _head(shape, f"Integration tests of the {shape.table} API.")
    tests = []
    for name, document, lines in _cases(shape):
        name = f"{name}_{shape.module}" if name in {"create", "read", "update", "delete"} else name
        tests.append([f"def test_{name}(client):", f'    """{document}"""', *indented(lines)])
    rows = _INSERT_ROW if _needs_rows(shape) else []
    return module_text([head, rows, _build(shape), *tests])


def by_class(shape: Shape) -> str:
    """All cases as methods of one class."""
    head = _head(shape, f"CRUD, validation and error cases for {shape.entity}.")
    body = [f"class Test{shape.entity}Api:", f'    """What {shape.path} promises."""']
    for name, document, lines in _cases(shape):
        method = [f"def test_{name}(self, client):", f'    """{document}"""', *indented(lines)]
        body += ["", *indented(method)]
    rows = _INSERT_ROW if _needs_rows(shape) else []
    return module_text([head, rows, _build(shape), body])


STYLES: tuple[Callable[[Shape], str], ...] = (by_function, by_class)
