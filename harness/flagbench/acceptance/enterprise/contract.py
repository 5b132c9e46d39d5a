"""The contract of the API for every entity: rows, errors, roles, what lasts."""

from collections.abc import Callable
from typing import Any

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    AUDITOR,
    CLERK,
    MISSING_ID,
    NOBODY,
    ROOT,
    Api,
    Row,
    describe,
    same,
    unusual_values,
    wrong_values,
)
from flagbench.acceptance.enterprise.paths import contract_paths
from flagbench.acceptance.enterprise.tokens import wrong_tokens
from flagbench.scenario.tables import Entity

Check = Callable[[Api], None]


def check_health(api: Api) -> None:
    """Check that the service says that it is well."""
    answer = api.expect("health", "main", 200, "GET", "/health", who=NOBODY)
    if answer.body != {"status": "ok"}:
        what = f'GET /health answers {answer.body!r:.200}; expected: {{"status": "ok"}}'
        raise api.refutation("health", "main", what)


def check_token(api: Api) -> None:
    """Check that names and passwords give tokens, and that wrong ones do not."""
    api.log_in()
    name, password = api.users[ADMIN]
    for sent in (
        {"username": name, "password": api.word()},
        {"username": api.word(), "password": password},
        {"username": name, "password": api.users[CLERK][1]},
        {"username": name, "password": ""},
    ):
        api.expect("token", "auth", 401, "POST", "/auth/token", sent, who=NOBODY)


def check_unauthenticated(api: Api) -> None:
    """Check that no path of the API answers without a valid token."""
    for method, paths in contract_paths(api.brief).items():
        for path in sorted(each for each in paths if each.startswith(ROOT)):
            filled = path.format(f"{api.word()}@b.org" if "/privacy/" in path else 1)
            body: Any = {} if method in ("POST", "PUT") else None
            api.expect("unauthenticated", "controllers", 401, method, filled, body, who=NOBODY)
    path = f"{ROOT}/{api.brief.entities[0].table}"
    strange = (api.word(), f"{api.word()}.{api.word()}", f"a.b.{api.word()}")
    for wrong, what in ((each, "no token") for each in strange):
        _expect_stranger(api, path, wrong, what)
    for what, wrong in wrong_tokens(api.tokens[ADMIN]).items():
        _expect_stranger(api, path, wrong, what)


def _expect_stranger(api: Api, path: str, token: str, what: str) -> None:
    """Expect that a token is not taken for one."""
    api.tokens["stranger"] = token
    answer = api.ask("GET", path, who="stranger")
    del api.tokens["stranger"]
    if answer.status != 401:
        message = f"GET {path} with {what} answers {describe(answer)}; expected: 401"
        raise api.refutation("unauthenticated", "auth", message, answer.printed)


def _each(api: Api, check: Callable[[Api, Entity], None]) -> None:
    for entity in api.brief.entities:
        check(api, entity)


def check_create(api: Api) -> None:
    """Check that rows are created as they were sent."""
    _each(api, lambda api, entity: _ignore(api.create("create", "controllers", entity)))


def _ignore(_: object) -> None:
    """Let go of a value."""


def check_list(api: Api) -> None:
    """Check that every row is listed once."""

    def check(api: Api, entity: Entity) -> None:
        made = [api.create("create", "controllers", entity) for _ in range(2)]
        for who in (ADMIN, AUDITOR):
            listed = _listed(api, entity, who)
            for row in made:
                if sum(same(row, each) for each in listed) != 1:
                    what = f"GET {ROOT}/{entity.table} lists {listed!r:.300}"
                    raise api.refutation("list", "controllers", f"{what}; expected: {row} once")

    _each(api, check)


def _listed(api: Api, entity: Entity, who: str = ADMIN, check: str = "list") -> list[Any]:
    path = f"{ROOT}/{entity.table}"
    body: Any = api.expect(check, "controllers", 200, "GET", path, who=who).body
    if not isinstance(body, list):
        raise api.refutation(
            check, "controllers", f"GET {path} answers {body!r:.200}; expected: a list"
        )
    return body


def check_retrieve(api: Api) -> None:
    """Check that a row is read by its id, and that an unknown id is not found."""

    def check(api: Api, entity: Entity) -> None:
        row = api.create("create", "controllers", entity)
        _expect_row(api, "retrieve", "controllers", entity, row)
        missing = f"{ROOT}/{entity.table}/{MISSING_ID}"
        api.expect("retrieve", "controllers", 404, "GET", missing)

    _each(api, check)


def _expect_row(api: Api, check: str, kind: str, entity: Entity, row: Row) -> None:
    path = f"{ROOT}/{entity.table}/{row['id']}"
    body = api.expect(check, kind, 200, "GET", path).body
    if not same(body, row):
        raise api.refutation(check, kind, f"GET {path} answers {body!r:.300}; expected: {row}")


def check_update(api: Api) -> None:
    """Check that a row is changed, and no other."""

    def check(api: Api, entity: Entity) -> None:
        row, other = (api.create("create", "controllers", entity) for _ in range(2))
        sent = api.sample(entity, _references(entity, other))
        changed = {**sent, "id": row["id"]}
        if "four_eyes" in api.brief.controls and entity.table == "payments":
            sent["status"] = changed["status"] = row["status"]
        path = f"{ROOT}/{entity.table}/{row['id']}"
        body = api.expect("update", "controllers", 200, "PUT", path, sent).body
        if not same(body, changed):
            what = f"PUT {path} answers {body!r:.300}; expected: {changed}"
            raise api.refutation("update", "controllers", what)
        _expect_row(api, "update", "controllers", entity, changed)
        _expect_row(api, "update", "controllers", entity, other)
        missing = f"{ROOT}/{entity.table}/{MISSING_ID}"
        api.expect("update", "controllers", 404, "PUT", missing, sent)

    _each(api, check)


def _references(entity: Entity, row: Row) -> dict[str, int]:
    return {column.kind: row[column.name] for column in entity.columns if column.is_reference}


def check_delete(api: Api) -> None:
    """Check that a row is deleted, and no other."""

    def check(api: Api, entity: Entity) -> None:
        row, other = (api.create("create", "controllers", entity) for _ in range(2))
        path = f"{ROOT}/{entity.table}/{row['id']}"
        api.expect("delete", "controllers", 204, "DELETE", path)
        api.expect("delete", "controllers", 404, "GET", path)
        api.expect("delete", "controllers", 404, "DELETE", path)
        _expect_row(api, "delete", "controllers", entity, other)

    _each(api, check)


def check_validation(api: Api) -> None:
    """Check that a value that is missing or has another type is refused, and nothing stored."""

    def check(api: Api, entity: Entity) -> None:
        row = api.create("create", "controllers", entity)
        good = api.sample(entity, _references(entity, row))
        count = len(_listed(api, entity))
        path = f"{ROOT}/{entity.table}"
        wrong: list[Any] = [[good], api.word()]
        changes: list[Row] = [{}]
        for column in entity.columns:
            if column.name == "status" and "four_eyes" in api.brief.controls:
                continue  # the service sets it
            wrong.append({name: value for name, value in good.items() if name != column.name})
            wrong += [{**good, column.name: value} for value in (None, *wrong_values(column))]
            changes.append({**good, column.name: wrong_values(column)[1]})
        for sent in wrong:
            api.expect("validation", "services", 422, "POST", path, sent)
        for sent in changes:
            api.expect("validation", "services", 422, "PUT", f"{path}/{row['id']}", sent)
        if len(_listed(api, entity)) != count:
            what = f"POST {path} stores a row that it answers with 422"
            raise api.refutation("validation", "services", what)
        _expect_row(api, "validation", "services", entity, row)
        for column in entity.columns:
            for value in unusual_values(column):
                sent = {**api.sample(entity, _references(entity, row)), column.name: value}
                _store_or_refuse(api, entity, sent)

    _each(api, check)


def _store_or_refuse(api: Api, entity: Entity, sent: Row) -> None:
    """Create a row that is stored as it was sent, unless it is refused."""
    path = f"{ROOT}/{entity.table}"
    answer = api.ask("POST", path, sent)
    row = answer.body if isinstance(answer.body, dict) else {}
    if answer.status in (413, 422):
        return
    wanted = {**api.stored(entity, sent), "id": row.get("id")}
    if answer.status != 201 or not same(row, wanted):
        what = f"POST {path} of {str(sent)[:300]} answers {describe(answer)}"
        raise api.refutation(
            "validation", "services", f"{what}; expected: 201 and it, or 422", answer.printed
        )


def check_conflict(api: Api) -> None:
    """Check that an e-mail address belongs to one row."""

    def check(api: Api, entity: Entity) -> None:
        columns = [column.name for column in entity.columns if column.kind == "email"]
        for name in columns:
            row, other = (api.create("create", "controllers", entity) for _ in range(2))
            sent = {**api.sample(entity, _references(entity, row)), name: row[name]}
            path = f"{ROOT}/{entity.table}"
            api.expect("conflict", "services", 409, "POST", path, sent)
            api.expect("conflict", "services", 409, "PUT", f"{path}/{other['id']}", sent)
            same = {key: value for key, value in row.items() if key != "id"}
            api.expect("conflict", "services", 200, "PUT", f"{path}/{row['id']}", same)

    _each(api, check)


def check_references(api: Api) -> None:
    """Check that a row refers only to rows that exist."""

    def check(api: Api, entity: Entity) -> None:
        for column in entity.columns:
            if column.is_reference:
                row = api.create("create", "controllers", entity)
                sent = api.sample(entity, _references(entity, row))
                sent[column.name] = MISSING_ID
                path = f"{ROOT}/{entity.table}"
                api.expect("references", "services", 422, "POST", path, sent)
                api.expect("references", "services", 422, "PUT", f"{path}/{row['id']}", sent)

    _each(api, check)


def check_roles(api: Api) -> None:
    """Check that a clerk deletes nothing, and that an auditor only reads."""

    def check(api: Api, entity: Entity) -> None:
        row = api.create("create", "authorization", entity, who=CLERK)
        path = f"{ROOT}/{entity.table}/{row['id']}"
        sent = {key: value for key, value in row.items() if key != "id"}
        api.expect("roles", "authorization", 200, "PUT", path, sent, who=CLERK)
        for who, method in (
            (CLERK, "DELETE"), (AUDITOR, "DELETE"), (AUDITOR, "PUT"), (AUDITOR, "POST"),
        ):  # fmt: skip
            where = f"{ROOT}/{entity.table}" if method == "POST" else path
            body = None if method == "DELETE" else sent
            api.expect("roles", "authorization", 403, method, where, body, who=who)
        api.expect("roles", "authorization", 200, "GET", path, who=AUDITOR)
        _expect_row(api, "roles", "authorization", entity, row)

    _each(api, check)
