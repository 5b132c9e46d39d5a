"""What the API offers of one entity: who may ask, and rows from their creation to their end."""

from typing import Any

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.rest_api import (
    AUTH,
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
    differing,
    refuted,
)
from flagbench.acceptance.django.rows import Rows
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.erd import Entity

# A project has a page of 50; a check makes fewer pages than this.
_PAGES = 50


def check_sessions(api: Api) -> None:
    """People with a browser can log in."""
    api.expect("auth", AUTH, "GET", "/api/auth/session/login/", 200, who=NOBODY)


def check_contract(entity: Entity, api: Api, rows: Rows) -> None:
    """Use the address of an entity as clients would. Raises `Refuted`."""
    _check_rights(entity, api, rows)
    first = _check_create(entity, api, rows)
    second = rows.make(entity)
    _check_reading(entity, api, first, second)
    _check_update(entity, api, rows, first, second)
    _check_delete(entity, api, second)
    _check_validation(entity, api, rows, first)


def _check_rights(entity: Entity, api: Api, rows: Rows) -> None:
    address = entity.address
    api.expect("auth", ROUTER, "GET", address, 200, logs_in=True)
    body, row = rows.body(entity), f"{address}{MISSING_ID}/"
    for method, path, sent in (
        ("GET", address, None),
        ("POST", address, body),
        ("GET", row, None),
        ("PUT", row, body),
        ("PATCH", row, body),
        ("DELETE", row, None),
    ):
        api.expect("auth", AUTH, method, path, 401, sent, who=NOBODY)
    api.expect("auth", AUTH, "GET", address, 403, who=GUEST, logs_in=True)
    api.expect("auth", AUTH, "POST", address, 403, body, who=GUEST)
    api.expect("auth", AUTH, "GET", address, 200, who=VIEWER, logs_in=True)
    api.expect("auth", AUTH, "POST", address, 403, body, who=VIEWER)
    api.expect("auth", AUTH, "DELETE", row, 403, who=VIEWER)


def _check_create(entity: Entity, api: Api, rows: Rows) -> dict[str, Any]:
    """A row with everything and one with nothing that may be left out; the first of them."""
    optional = {
        one.name: rows.any(one.to)
        for one in entity.ones
        if one.null and one.kind == "foreign_key" and one.to != entity.name
    }
    first = rows.make(entity, optional)
    body = rows.smallest(entity)
    absent = {one.name: one.default for one in entity.fields if not one.required}
    absent |= {one.name: None for one in entity.ones if one.null}
    absent |= {one.name: [] for one in entity.manys}
    second = api.expect_row(
        "create", SERIALIZERS, "POST", entity.address, 201, body,
        of=entity, holds={**body, **absent}, because=" with nothing that may be left out",
    )  # fmt: skip
    table = api.project.models[entity.name].table
    for row in (first, second):
        told = api.project.database.query(
            f'SELECT id FROM "{table}" WHERE id = ?',  # noqa: S608  Django's own name
            [row["id"]],
        )
        if not told:
            what = (
                f"POST {entity.address} answers id {row['id']}, which table {table} does not have"
            )
            raise refuted("create", VIEWS, what)
        try:
            api.project.words(entity.name, row["id"])
        except Raised as raised:
            what = f"str() of a {entity.name} raised {raised}; the row is {row}"
            raise refuted("models-keep", MODELS, what) from raised
    return first


def _check_reading(entity: Entity, api: Api, first: dict[str, Any], second: dict[str, Any]) -> None:
    listed = _listed(entity, api)
    numbers = [one.get("id") for one in listed]
    for row in (first, second):
        found = next((one for one in listed if one.get("id") == row["id"]), None)
        if found is None or differing(entity, found, row):
            what = f"GET {entity.address} lists {str(found)[:200]}; right would be {row}"
            raise refuted("list", VIEWS, what)
    if numbers != sorted(numbers, key=lambda one: (not isinstance(one, int), one)):
        what = f"GET {entity.address} lists the ids {numbers[:20]}; right would be in their order"
        raise refuted("list", VIEWS, what)
    for row, who in ((first, EDITOR), (second, VIEWER)):
        path = f"{entity.address}{row['id']}/"
        api.expect_row("retrieve", VIEWS, "GET", path, 200, of=entity, holds=row, who=who)
    api.expect("retrieve", VIEWS, "GET", f"{entity.address}{MISSING_ID}/", 404)


def _listed(entity: Entity, api: Api) -> list[dict[str, Any]]:
    """The rows of all pages, or of the one list."""
    found: list[Any] = []
    path = entity.address
    for _ in range(_PAGES):
        told = api.expect("list", VIEWS, "GET", path, 200)
        rows = told.get("results") if isinstance(told, dict) else told
        if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
            what = f"GET {path} answers {str(told)[:200]}; right would be a list, or a page of one"
            raise refuted("list", VIEWS, what)
        found += rows
        following = told.get("next") if isinstance(told, dict) else None
        if not isinstance(following, str) or not rows:
            break
        path = "/" + following.partition("://")[2].partition("/")[2]
    return found


def _check_update(
    entity: Entity, api: Api, rows: Rows, first: dict[str, Any], second: dict[str, Any]
) -> None:
    path = f"{entity.address}{second['id']}/"
    body = rows.body(entity)
    again = [" with what it has already"] if any(one.unique for one in entity.fields) else []
    for because in ("", *again):
        api.expect_row(
            "update", SERIALIZERS, "PUT", path, 200, body,
            of=entity, holds=body, because=because,
        )  # fmt: skip
    now = api.expect_row("update", VIEWS, "GET", path, 200, of=entity, holds=body)
    change = _change(entity, rows)
    if change:
        now = {**now, **change}
        api.expect_row("update", SERIALIZERS, "PATCH", path, 200, change, of=entity, holds=now)
        api.expect_row("update", VIEWS, "GET", path, 200, of=entity, holds=now)
    other, because = f"{entity.address}{first['id']}/", " after another row was changed"
    api.expect_row("update", VIEWS, "GET", other, 200, of=entity, holds=first, because=because)
    api.expect("update", VIEWS, "PUT", f"{entity.address}{MISSING_ID}/", 404, body)


def _change(entity: Entity, rows: Rows) -> dict[str, Any]:
    """What to change of a row by PATCH: a field, and everything that may be null to nothing."""
    fresh = rows.body(entity)
    nothing = {field.name: None for field in entity.fields if field.null}
    return {field.name: fresh[field.name] for field in entity.fields[:1]} | nothing


def _check_delete(entity: Entity, api: Api, row: dict[str, Any]) -> None:
    path = f"{entity.address}{row['id']}/"
    api.expect("delete", VIEWS, "DELETE", path, 204)
    api.expect("delete", VIEWS, "GET", path, 404, because=" after it was deleted")
    api.expect("delete", VIEWS, "DELETE", path, 404, because=" a second time")


def _check_validation(entity: Entity, api: Api, rows: Rows, first: dict[str, Any]) -> None:
    """Bodies that are wrong in one part each are refused.

    First in as few requests as there are ways in which one part can be wrong; a part that the
    answer does not name is then sent alone.
    """
    required = [one.name for one in entity.fields if one.required]
    required += [one.name for one in entity.ones if one.required]
    told = api.ask("POST", entity.address, {})
    for name in _not_named(required, told):
        body = rows.body(entity)
        del body[name]
        because = f" without {name}"
        api.expect("validation", SERIALIZERS, "POST", entity.address, 400, body, because=because)
    wrong = {one.name: list(samples.wrong(one)) for one in entity.fields}
    for field in entity.fields:
        if field.unique:
            wrong[field.name].append((first[field.name], "which another row has already"))
    for one in entity.ones:
        wrong[one.name] = [(MISSING_ID, f"a {one.to} that is not there"), ("x", "which is no id")]
        wrong[one.name] += [(None, "which may not be null")] if one.required else []
    for one in entity.manys:
        if one.through is None:
            wrong[one.name] = [([MISSING_ID], f"a {one.to} that is not there")]
    for number in range(max(map(len, wrong.values()), default=0)):
        parts = {name: left[number] for name, left in wrong.items() if number < len(left)}
        body = rows.body(entity, {name: bad for name, (bad, _) in parts.items()})
        told = api.ask("POST", entity.address, body)
        for name in _not_named(parts, told):
            bad, why = parts[name]
            body = rows.body(entity, {name: bad})
            because = f" with {name} {bad!r:.80}, {why},"
            api.expect(
                "validation", SERIALIZERS, "POST", entity.address, 400, body, because=because
            )


def _not_named(names: Any, told: Any) -> list[str]:
    """The parts that an answer does not refuse by name."""
    is_refused = told.status == 400 and isinstance(told.body, dict)
    return [name for name in names if not is_refused or name not in told.body]
