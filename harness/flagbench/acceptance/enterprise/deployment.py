"""Checks of the database, of a second start, and of values at rest."""

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    CLERK,
    NOBODY,
    ROOT,
    Api,
    refutation,
    same,
)
from flagbench.acceptance.enterprise.traces import where_revealed
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised
from flagbench.scenario.tables import Entity

# A token is valid for an hour: it is still after the first time, and no longer after the second.
_WITHIN_SECONDS, _AFTER_SECONDS = 50 * 60, 70 * 60


def check_tables(api: Api) -> None:
    """Check the tables in the file of DATABASE_PATH: columns and foreign keys."""
    probe = api.service.probe
    for entity in api.brief.entities:
        columns = probe.columns(entity.table)
        if not columns:
            what = f"the file of DATABASE_PATH has no table {entity.table}"
            raise api.refutation("tables", "models", what)
        missing = {"id", *(column.name for column in entity.columns)} - columns.keys()
        if missing:
            what = f"{entity.table} has no column {', '.join(sorted(missing))}"
            raise api.refutation("tables", "models", what)
        wanted = {(each.name, each.kind) for each in entity.columns if each.is_reference}
        unkept = wanted - {(key.column, key.table) for key in probe.keys(entity.table)}
        for name, table in sorted(unkept):
            what = f"{entity.table}.{name} is not a foreign key to {table}"
            raise api.refutation("tables", "models", what)


def check_constraints(api: Api) -> None:
    """Check what the database itself keeps: values that are there, addresses once, no old ids."""
    probe = api.service.probe
    for entity in api.brief.entities:
        table, columns = entity.table, probe.columns(entity.table)
        if not _keeps_ids(api, table):
            what = f"{table}.id is not AUTOINCREMENT: the id of a deleted row is used again"
            raise api.refutation("tables", "models", what)
        cascading = {key.column for key in probe.keys(table) if key.on_delete == "CASCADE"}
        unique = _unique_columns(api, table)
        for column in entity.columns:
            what = ""
            if column.is_reference and column.name not in cascading:
                what = "is a foreign key without ON DELETE CASCADE"
            elif not columns[column.name].notnull:
                what = "may be NULL in the database"
            elif column.kind == "email" and column.name not in unique:
                what = "is not UNIQUE in the database"
            if what:
                raise api.refutation("tables", "models", f"{table}.{column.name} {what}")


def _keeps_ids(api: Api, table: str) -> bool:
    """True if the database gives no id twice."""
    sql = "SELECT sql FROM sqlite_master WHERE type = 'table' AND name = ?"
    made = api.service.probe.query(sql, [table])
    return any("AUTOINCREMENT" in str(row["sql"]).upper() for row in made)


def _unique_columns(api: Api, table: str) -> set[str]:
    """The columns of which the database keeps each value once."""
    # Of an expression the name is NULL.
    sql = (
        "SELECT min(i.name) AS name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS i"
        ' WHERE l."unique" AND NOT l.partial GROUP BY l.name HAVING count(*) = 1'
    )
    return {str(row["name"]) for row in api.service.probe.query(sql, [table])}


def check_restart(api: Api) -> None:
    """Check that rows outlive the process, and that it uses its environment: users, then the key.

    Its clock is ahead then, to see whether tokens are still valid: `check_expiry` says so. After
    it, the service runs with another key.
    """
    rows = {
        entity.table: api.expect("persistence", "models", 200, "GET", f"{ROOT}/{entity.table}").body
        for entity in api.brief.entities
    }
    name, password = api.users[CLERK]
    api.users[CLERK] = api.new_user(CLERK)
    api.ahead = _WITHIN_SECONDS
    api.boot()
    path = f"{ROOT}/{api.brief.entities[0].table}"
    api.is_valid_within = api.ask("GET", path).status != 401
    sent = {"username": name, "password": password}
    api.expect_refusal("environment", "config", "POST", "/auth/token", sent)
    api.log_in("environment", "config")
    for table, before in rows.items():
        now = api.expect("persistence", "models", 200, "GET", f"{ROOT}/{table}").body
        if not same(now, before):
            what = f"{ROOT}/{table} differs after the service was started again"
            raise api.refutation("persistence", "models", what)
    # What is encrypted needs the key: nothing is read with another one.
    api.secret = api.word()
    api.boot()
    api.expect_refusal("signature", "auth", "GET", path, who=ADMIN)


def check_expiry(api: Api) -> None:
    """Check that a token is valid for its hour, as seen at the restart, and not after it.

    After it, the service runs with a clock that is ahead.
    """
    if not api.is_valid_within:
        what = f"a token of {_WITHIN_SECONDS // 60} minutes ago is refused; expected: an hour"
        raise api.refutation("expiry", "auth", what)
    api.log_in()
    api.ahead += _AFTER_SECONDS
    api.boot()
    path = f"{ROOT}/{api.brief.entities[0].table}"
    answer = api.ask("GET", path)
    if answer.status < 400:
        what = f"GET {path} with a token of {_AFTER_SECONDS // 60} minutes ago"
        raise api.refutation("expiry", "auth", f"{what} answers {answer.status}; expected: 401")


def check_secret(api: Api) -> None:
    """Check that nobody gets a token without SECRET_KEY. After it, no service may run."""
    environment = {key: value for key, value in api.environment.items() if key != "SECRET_KEY"}
    name, password = api.users[ADMIN]
    sent = {"username": name, "password": password}
    try:
        api.service.boot(environment)
        answer = api.ask("POST", "/auth/token", sent, who=NOBODY)
    except (Misbehaved, Raised):
        return  # it does not start
    if answer.status < 400:
        what = f"without SECRET_KEY, POST /auth/token answers {answer.status}"
        raise api.refutation("secret", "config", f"{what}; expected: the key has no default")


def check_at_rest(api: Api) -> None:
    """Check that sensitive values are nowhere readable, when a row is created and when changed."""
    for entity in api.brief.entities:
        for column in entity.columns:
            if not column.sensitive:
                continue
            row = api.create("create", "controllers", entity)
            _expect_unreadable(api, f"{entity.table}.{column.name}", row[column.name])
            path, sent = f"{ROOT}/{entity.table}/{row['id']}", {**row, column.name: api.word()}
            del sent["id"]
            api.expect("update", "controllers", 200, "PUT", path, sent)
            _expect_unreadable(api, f"{entity.table}.{column.name}", sent[column.name])


def _expect_unreadable(api: Api, name: str, secret: str) -> None:
    where = where_revealed(api.service.probe, secret)
    if where:
        raise refutation("at-rest", "services", f"{name} can be read in {where}")


def referring(api: Api, person: Entity) -> list[tuple[Entity, str]]:
    """The entities that refer to a person, each with its column."""
    return [
        (entity, column.name)
        for entity in api.brief.entities
        for column in entity.columns
        if column.kind == person.table
    ]
