"""Contract of the API of one entity: permissions, and rows from creation to deletion."""

from typing import Any

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.rest_api import (
    ADDER,
    AUTH,
    CHANGER,
    DELETER,
    EDITOR,
    GUEST,
    MISSING_ID,
    MODELS,
    NOBODY,
    ROUTER,
    SERIALIZERS,
    VIEWER,
    VIEWS,
    Api,
    differences,
    refutation,
)
from flagbench.acceptance.django.rows import Rows
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection
from flagbench.scenario.erd import Entity

# A page has 50 rows; no check creates as many pages.
_PAGES = 50


def check_sessions(api: Api) -> None:
    """Check that users of a browser can log in. Raises `Refuted`."""
    api.expect("auth", AUTH, "GET", "/api/auth/session/login/", 200, who=NOBODY)


def check_contract(entity: Entity, api: Api, rows: Rows, selection: Selection) -> None:
    """Send the requests of a client to the address of an entity. Raises `Refuted`."""
    if selection.has("auth"):
        _check_rights(entity, api, rows)
    # Each method by an account that has no other permission than that which it needs.
    adder, changer, deleter = (
        (ADDER, CHANGER, DELETER) if selection.has("auth") else (EDITOR, EDITOR, EDITOR)
    )
    first = _check_create(entity, api, rows, adder)
    second = rows.make(entity, row=0)
    if selection.has("list"):
        _check_list(entity, api, first, second)
    if selection.has("retrieve"):
        _check_retrieve(entity, api, first, second)
    if selection.has("update"):
        _check_update(entity, api, rows, first, second, changer)
    if selection.has("delete"):
        _check_delete(entity, api, first, second, deleter)
    if selection.has("validation"):
        _check_validation(entity, api, rows, first)


def _check_rights(entity: Entity, api: Api, rows: Rows) -> None:
    address = entity.address
    api.expect("auth", ROUTER, "GET", address, 200, logs_in=True)
    body, row = rows.body(entity), f"{address}{MISSING_ID}/"
    requests = (
        ("GET", address, None),
        ("POST", address, body),
        ("GET", row, None),
        ("PUT", row, body),
        ("PATCH", row, body),
        ("DELETE", row, None),
    )
    for method, path, sent in requests:
        api.expect("auth", AUTH, method, path, 401, sent, who=NOBODY)
    for method, path, sent in (*requests, ("HEAD", address, None)):
        logs_in = (method, path) == ("GET", address)
        api.expect("auth", AUTH, method, path, 403, sent, who=GUEST, logs_in=logs_in)
    api.expect("auth", AUTH, "GET", address, 200, who=VIEWER, logs_in=True)
    for method, path, sent in requests:
        if method != "GET":
            api.expect("auth", AUTH, method, path, 403, sent, who=VIEWER)


def _check_create(entity: Entity, api: Api, rows: Rows, adder: str) -> dict[str, Any]:
    """Create a row with all optional values and one with none; the first of them."""
    optional = {
        relation.name: rows.any(relation.to)
        for relation in entity.ones
        if relation.null and relation.kind == "foreign_key" and relation.to != entity.name
    }
    first = rows.make(entity, optional)
    body = rows.smallest(entity)
    absent = {field.name: field.default for field in entity.fields if not field.required}
    absent |= {relation.name: None for relation in entity.ones if relation.null}
    absent |= {relation.name: [] for relation in entity.manys}
    second = api.expect_row(
        "create", SERIALIZERS, "POST", entity.address, 201, body,
        of=entity, holds={**body, **absent}, who=adder, because=" without optional values",
    )  # fmt: skip
    table = api.project.models[entity.name].table
    for row in (first, second):
        stored = api.project.database.query(
            f'SELECT id FROM "{table}" WHERE id = ?',  # noqa: S608  name of Django
            [row["id"]],
        )
        if not stored:
            what = f"POST {entity.address} answers id {row['id']}, which is not in table {table}"
            raise refutation("create", VIEWS, what)
        what = f"str() of {entity.name} {row['id']}"
        try:
            shown = api.project.display(entity.name, row["id"])
        except Raised as raised:
            what = f"{what} raised {raised}; the row is {row}"
            raise refutation("models-keep", MODELS, what) from raised
        if not shown.strip():
            raise refutation("models-keep", MODELS, f"{what} is {shown!r}; the row is {row}")
    return first


def _check_list(entity: Entity, api: Api, first: dict[str, Any], second: dict[str, Any]) -> None:
    listed = _list_all(entity, api)
    numbers = [row.get("id") for row in listed]
    for row in (first, second):
        shown = next((candidate for candidate in listed if candidate.get("id") == row["id"]), None)
        if shown is None or differences(entity, shown, row):
            what = f"GET {entity.address} lists {str(shown)[:200]}; expected: {row}"
            raise refutation("list", VIEWS, what)
    if numbers != sorted(numbers, key=lambda number: (not isinstance(number, int), number)):
        what = f"GET {entity.address} lists the ids {numbers[:20]}; expected: ascending order"
        raise refutation("list", VIEWS, what)


def _check_retrieve(
    entity: Entity, api: Api, first: dict[str, Any], second: dict[str, Any]
) -> None:
    for row, who in ((first, EDITOR), (second, VIEWER)):
        path = f"{entity.address}{row['id']}/"
        api.expect_row("retrieve", VIEWS, "GET", path, 200, of=entity, holds=row, who=who)
    api.expect("retrieve", VIEWS, "GET", f"{entity.address}{MISSING_ID}/", 404)


def _list_all(entity: Entity, api: Api) -> list[dict[str, Any]]:
    """Rows of all pages, or of a list without pages."""
    collected: list[Any] = []
    path = entity.address
    for _ in range(_PAGES):
        page = api.expect("list", VIEWS, "GET", path, 200)
        rows = page.get("results") if isinstance(page, dict) else page
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            what = f"GET {path} answers {str(page)[:200]}; expected: a list or a page of rows"
            raise refutation("list", VIEWS, what)
        collected += rows
        following = page.get("next") if isinstance(page, dict) else None
        if not isinstance(following, str) or not rows:
            break
        path = "/" + following.partition("://")[2].partition("/")[2]
    return collected


def _check_update(
    entity: Entity, api: Api, rows: Rows, first: dict[str, Any], second: dict[str, Any],
    changer: str,
) -> None:  # fmt: skip
    path = f"{entity.address}{second['id']}/"
    body = rows.body(entity)
    again = (
        [" with the values it has already"] if any(field.unique for field in entity.fields) else []
    )
    for because in ("", *again):
        api.expect_row(
            "update", SERIALIZERS, "PUT", path, 200, body,
            of=entity, holds=body, who=changer, because=because,
        )  # fmt: skip
    now = api.expect_row("update", VIEWS, "GET", path, 200, of=entity, holds=body)
    change = _change(entity, rows)
    if change:
        now = {**now, **change}
        api.expect_row(
            "update", SERIALIZERS, "PATCH", path, 200, change,
            of=entity, holds=now, who=changer,
        )  # fmt: skip
        api.expect_row("update", VIEWS, "GET", path, 200, of=entity, holds=now)
    other, because = f"{entity.address}{first['id']}/", " after another row was changed"
    api.expect_row("update", VIEWS, "GET", other, 200, of=entity, holds=first, because=because)
    api.expect("update", VIEWS, "PUT", f"{entity.address}{MISSING_ID}/", 404, body)


def _change(entity: Entity, rows: Rows) -> dict[str, Any]:
    """Build the body of a PATCH: a new value for the first field, and null where it is allowed."""
    fresh = rows.body(entity)
    nulls = {field.name: None for field in entity.fields if field.null}
    return {field.name: fresh[field.name] for field in entity.fields[:1]} | nulls


def _check_delete(
    entity: Entity, api: Api, first: dict[str, Any], second: dict[str, Any], deleter: str
) -> None:
    path = f"{entity.address}{second['id']}/"
    api.expect("delete", VIEWS, "DELETE", path, 204, who=deleter)
    api.expect("delete", VIEWS, "GET", path, 404, because=" after it was deleted")
    api.expect("delete", VIEWS, "DELETE", path, 404, because=" a second time")
    other, because = f"{entity.address}{first['id']}/", " after another row was deleted"
    api.expect_row("delete", VIEWS, "GET", other, 200, of=entity, holds=first, because=because)


def _check_validation(entity: Entity, api: Api, rows: Rows, first: dict[str, Any]) -> None:
    """Check that bodies with one invalid part are refused.

    All parts are invalid in the first requests, one for each way in which a part can be invalid;
    a part that the answer does not name is then sent alone.
    """
    required = [field.name for field in entity.fields if field.required]
    required += [relation.name for relation in entity.ones if relation.required]
    answer = api.ask("POST", entity.address, {})
    for name in _names_not_refused(required, answer):
        body = rows.body(entity)
        del body[name]
        because = f" without {name}"
        api.expect("validation", SERIALIZERS, "POST", entity.address, 400, body, because=because)
    wrong = {field.name: list(samples.invalid_values(field)) for field in entity.fields}
    for field in entity.fields:
        if field.unique:
            wrong[field.name].append((first[field.name], "which another row has already"))
    for relation in entity.ones:
        wrong[relation.name] = [
            (MISSING_ID, f"a {relation.to} that does not exist"), ("x", "which is not an id"),
        ]  # fmt: skip
        wrong[relation.name] += [(None, "which may not be null")] if relation.required else []
    for relation in entity.manys:
        if relation.through is None:
            wrong[relation.name] = [([MISSING_ID], f"a {relation.to} that does not exist")]
    for number in range(max(map(len, wrong.values()), default=0)):
        parts = {name: values[number] for name, values in wrong.items() if number < len(values)}
        body = rows.body(entity, {name: bad for name, (bad, _) in parts.items()})
        answer = api.ask("POST", entity.address, body)
        for name in _names_not_refused(parts, answer):
            bad, reason = parts[name]
            body = rows.body(entity, {name: bad})
            because = f" with {name} {bad!r:.80}, {reason},"
            api.expect(
                "validation", SERIALIZERS, "POST", entity.address, 400, body, because=because
            )


def _names_not_refused(names: Any, answer: Any) -> list[str]:
    """Parts that an answer does not refuse by name."""
    is_refused = answer.status == 400 and isinstance(answer.body, dict)
    return [name for name in names if not is_refused or name not in answer.body]
