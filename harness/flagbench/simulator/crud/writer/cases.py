"""Cases of the written tests, the same for every style."""

from flagbench.simulator.crud.business_rules import Check, checks_of
from flagbench.simulator.crud.specification import Shape, table_of
from flagbench.simulator.crud.writer.samples import rule_breaking_value, wrong_type

Case = tuple[str, str, list[str]]
"""Name, docstring and lines; the lines refer to `client`, `PATH` and `build(...)`."""


def cases_of(shape: Shape) -> list[Case]:
    """Cases of create, list, read, update, delete, 404, 422, relations and rules."""
    entity, checks = shape.entity, checks_of(shape)
    assertions = [
        f'assert body["{c.name}"] == values["{c.name}"]'
        for c in shape.columns
        if c.type != "datetime"
    ]
    post = "response = client.post(PATH, json=values)"
    cases: list[Case] = [
        ("create", f"A {entity} is stored with its values.", [
            "values = build()", post,
            "assert response.status_code == 201", "body = response.json()",
            'assert isinstance(body["id"], int)', *assertions,
            *(f'assert body["{child.field}"] == values["{child.field}"]' for child in shape.children
              if not any(c.type == "datetime" for c in child.columns)),
        ]),
        ("list", "The list holds what was created.", [
            "assert client.get(PATH).json() == []",
            "created = client.post(PATH, json=build()).json()",
            "response = client.get(PATH)", "assert response.status_code == 200",
            'assert [row["id"] for row in response.json()] == [created["id"]]',
        ]),
        ("read", f"A {entity} can be read by its id.", [
            "created = client.post(PATH, json=build()).json()",
            "response = client.get(f\"{PATH}/{created['id']}\")",
            "assert response.status_code == 200", "assert response.json() == created",
        ]),
        ("update", f"A {entity} is replaced.", [
            "created = client.post(PATH, json=build()).json()", "values = build(2)",
            "response = client.put(f\"{PATH}/{created['id']}\", json=values)",
            "assert response.status_code == 200", "body = response.json()",
            'assert body["id"] == created["id"]', *assertions,
        ]),
        ("delete", "A deleted row is gone.", [
            "created = client.post(PATH, json=build()).json()",
            "address = f\"{PATH}/{created['id']}\"",
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
    cases: list[Case] = []
    required = [column.name for column in shape.columns if column.required]
    if required:
        cases.append(("missing_field", "A body without a required field is rejected.", [
            "values = build()", f'del values["{required[0]}"]',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    wrong = wrong_type(shape.columns)
    if wrong:
        cases.append(("wrong_type", "A value of the wrong type is rejected.", [
            "values = build()", f'values["{wrong[0]}"] = {wrong[1]}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    return cases


def _relation_cases(shape: Shape) -> list[Case]:
    cases: list[Case] = []
    pairs = [(c.name, table_of(c.target), "{}") for c in shape.references]
    pairs += [(link.field, table_of(link.target), "[{}]") for link in shape.links]
    for field, table, pattern in pairs:
        known = pattern.format(f'insert_row("{table}")')
        cases.append((f"{field}_stored", f"The field {field} is stored.", [
            "values = build()",
            f'values["{field}"] = {known}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 201",
            f'assert response.json()["{field}"] == values["{field}"]',
        ]))  # fmt: skip
        cases.append((f"{field}_unknown", f"An unknown id in {field} is rejected.", [
            "values = build()", f'values["{field}"] = {pattern.format("999999")}',
            "response = client.post(PATH, json=values)", "assert response.status_code == 422",
        ]))  # fmt: skip
    return cases


def _rule_cases(checks: tuple[Check, ...]) -> list[Case]:
    cases: list[Case] = []
    for number, check in enumerate(checks, 1):
        document = " ".join(f"Rule: {check.rule.rstrip('.')}.".split()).replace('"', "'")
        if len(document) > 60:
            document = document[:57].rsplit(" ", 1)[0] + " ..."
        value = rule_breaking_value(check)
        if check.kind == "unique":
            cases.append((f"rule_{number}", document, [
                "assert client.post(PATH, json=build()).status_code == 201",
                "response = client.post(PATH, json=build())",
                "assert response.status_code == 422",
            ]))  # fmt: skip
        elif value and check.column is not None:
            cases.append((f"rule_{number}", document, [
                "values = build()", f'values["{check.column.name}"] = {value}',
                "response = client.post(PATH, json=values)", "assert response.status_code == 422",
            ]))  # fmt: skip
    return cases
