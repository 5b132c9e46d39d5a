"""Checks of the database, of a second start, and of values at rest."""

import base64

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    CLERK,
    NOBODY,
    ROOT,
    Api,
    refutation,
    same,
)
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.sandbox.sandbox import Misbehaved, Raised
from flagbench.scenario.brief import Entity

# A token ends after an hour.
_AHEAD_SECONDS = 70 * 60


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


def check_restart(api: Api) -> None:
    """Check that rows outlive the process, and that it uses its environment: users, then the key.

    After it, the service runs with another key.
    """
    rows = {
        entity.table: api.expect("persistence", "models", 200, "GET", f"{ROOT}/{entity.table}").body
        for entity in api.brief.entities
    }
    name, password = api.users[CLERK]
    api.users[CLERK] = api.new_user(CLERK)
    api.boot()
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
    path = f"{ROOT}/{api.brief.entities[0].table}"
    api.expect_refusal("signature", "auth", "GET", path, who=ADMIN)


def check_expiry(api: Api) -> None:
    """Check that a token is no longer valid when more than an hour has passed.

    After it, the service runs with a clock that is ahead.
    """
    api.log_in()
    api.ahead = _AHEAD_SECONDS
    api.boot()
    path = f"{ROOT}/{api.brief.entities[0].table}"
    answer = api.ask("GET", path)
    if answer.status < 400:
        what = f"GET {path} with a token of {_AHEAD_SECONDS // 60} minutes ago"
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
    """Check that sensitive values are unreadable in the file, and read well over the API."""
    for entity in api.brief.entities:
        for column in entity.columns:
            if not column.sensitive:
                continue
            row = api.create("create", "controllers", entity)
            stored = texts_of_rows(api.service.probe, entity.table)
            if any(reveals(text, row[column.name]) for text in stored):
                what = f"{entity.table}.{column.name} can be read in the database's file"
                raise refutation("at-rest", "services", what)


def reveals(stored: str, secret: str) -> bool:
    """True if a stored text has the first word of a secret, or the secret in a common code."""
    word = secret.split(maxsplit=1)[0]
    coded = base64.b64encode(secret.encode()).decode()
    forms = (word, secret.encode().hex(), coded.rstrip("="), word[::-1])
    return any(form in stored for form in forms)


def texts_of_rows(probe: ProbeClient, table: str) -> list[str]:
    """Every value of a table as text."""
    rows = probe.query(f'SELECT * FROM "{table}"')  # noqa: S608  a table that is there
    return [str(value) for row in rows for value in row.values()]


def tables_of(probe: ProbeClient) -> list[str]:
    """The tables of the database."""
    names = probe.query("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [str(row["name"]) for row in names]


def referring(api: Api, person: Entity) -> list[tuple[Entity, str]]:
    """The entities that refer to a person, each with its column."""
    return [
        (entity, column.name)
        for entity in api.brief.entities
        for column in entity.columns
        if column.kind == person.table
    ]
