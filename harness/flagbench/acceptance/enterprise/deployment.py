"""What lasts when a service is started again, and what its environment decides."""

import base64

from flagbench.acceptance.enterprise.api import ADMIN, CLERK, NOBODY, ROOT, Api, refutation, refused
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.brief import Entity


def check_tables(api: Api) -> None:
    """Check the tables in the file of DATABASE_PATH: columns and foreign keys."""
    probe = api.service.probe
    for entity in api.brief.entities:
        columns = probe.columns(entity.table)
        if not columns:
            what = f"the file of DATABASE_PATH has no table {entity.table}"
            raise refutation("tables", "models", what)
        missing = {"id", *(column.name for column in entity.columns)} - columns.keys()
        if missing:
            what = f"{entity.table} has no column {', '.join(sorted(missing))}"
            raise refutation("tables", "models", what)
        wanted = {(each.name, each.kind) for each in entity.columns if each.is_reference}
        unkept = wanted - {(key.column, key.table) for key in probe.keys(entity.table)}
        for name, table in sorted(unkept):
            what = f"{entity.table}.{name} is no foreign key to {table}"
            raise refutation("tables", "models", what)


def check_restart(api: Api) -> None:
    """Check that rows outlive the process, and that it uses its environment: users, then the key.

    After it, the service runs with another key.
    """
    rows = {
        entity.table: api.expect(
            "persistence", "models", 200, "GET", f"{ROOT}/{entity.table}"
        ).body
        for entity in api.brief.entities
    }
    name, password = api.users[CLERK]
    api.users[CLERK] = api.new_user(CLERK)
    api.boot()
    sent = {"username": name, "password": password}
    api.expect("environment", "config", 401, "POST", "/auth/token", sent, who=NOBODY)
    api.log_in("environment", "config")
    for table, before in rows.items():
        now = api.expect("persistence", "models", 200, "GET", f"{ROOT}/{table}").body
        if now != before:
            what = f"{ROOT}/{table} differs after the service was started again"
            raise refutation("persistence", "models", what)
    # What is encrypted needs the key: nothing is read with another one.
    api.secret = api.word()
    api.boot()
    api.expect("signature", "auth", 401, "GET", f"{ROOT}/{api.brief.entities[0].table}", who=ADMIN)


def check_at_rest(api: Api) -> None:
    """Check that sensitive values are unreadable in the file, and read well over the API."""
    for entity in api.brief.entities:
        for column in entity.columns:
            if not column.sensitive:
                continue
            row = api.create("create", "controllers", entity)
            stored = texts_of_rows(api.service.probe, entity.table)
            if any(_reveals(text, row[column.name]) for text in stored):
                what = f"{entity.table}.{column.name} can be read in the database's file"
                raise refutation("at-rest", "services", what)


def _reveals(stored: str, secret: str) -> bool:
    word = secret.split()[0]
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


def check_cipher(api: Api) -> None:
    """Check that a text comes back in another process, and not with another key."""
    text, service, environment = f"{api.word()} é {api.word()}", api.service, api.environment
    try:
        first, second = (service.cipher("encrypt", text, environment) for _ in range(2))
        back = service.cipher("decrypt", first, environment)
    except Raised as raised:
        what = "a text cannot be encrypted and decrypted"
        raise refused("cipher", "encryption", what, raised) from raised
    if back != text:
        what = f"decrypt(encrypt({text!r})) is {back!r:.200}"
        raise refutation("cipher", "encryption", what)
    if _reveals(first, text) or first == second:
        what = "the ciphertext shows the text" if first != second else "equal texts look equal"
        raise refutation("cipher", "encryption", f"encrypt: {what}")
    for other, coded in ((api.word(), first), (api.secret, _flip(first))):
        try:
            back = service.cipher("decrypt", coded, {**environment, "SECRET_KEY": other})
        except Raised:
            continue
        what = "decrypt accepts another key, or a text that was changed"
        raise refutation("cipher", "encryption", f"{what}: {back!r:.200}")


def _flip(text: str) -> str:
    middle = len(text) // 2
    return text[:middle] + ("A" if text[middle] != "A" else "B") + text[middle + 1 :]


def check_span(api: Api) -> None:
    """Check that a span can be entered, within another one too, and lets exceptions pass."""
    try:
        passes = api.service.span(api.word(), api.environment)
    except Raised as raised:
        raise refused("span", "tracing", "start_span fails", raised) from raised
    if not passes:
        raise refutation("span", "tracing", "start_span swallows the exception of its block")


def referring(api: Api, person: Entity) -> list[tuple[Entity, str]]:
    """The entities that refer to a person, each with its column."""
    return [
        (entity, column.name)
        for entity in api.brief.entities
        for column in entity.columns
        if column.kind == person.table
    ]
