"""The functions that files offer each other, called in a process of their own.

They tell which of two files is at fault where the API does not answer as it should.
"""

from typing import Any

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    AUDITOR,
    CLERK,
    MISSING_ID,
    ROOT,
    Api,
    Row,
    same,
    unusual_values,
    wrong_values,
)
from flagbench.acceptance.enterprise.components import COMPONENTS
from flagbench.acceptance.enterprise.moments import is_between
from flagbench.acceptance.enterprise.policies import ROLES, restrictions
from flagbench.acceptance.enterprise.telemetry import REQUESTS
from flagbench.acceptance.enterprise.tokens import wrong_tokens
from flagbench.acceptance.enterprise.traces import reveals, where_left
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.tables import Entity

_METHODS = ("GET", "POST", "PUT", "DELETE")


class Functions:
    """Calls of the functions of a component. Raises `Refuted` for an unexpected result."""

    def __init__(self, api: Api, kind: str, check: str = "interface") -> None:
        self._api = api
        self._kind = kind
        self._check = check

    def value(self, function: str, *arguments: Any, kind: str = "") -> Any:
        """The value of a call that must not raise."""
        kind = kind or self._kind
        called = self._api.service.call(COMPONENTS[kind].path, function, *arguments)
        if called.raised:
            what = f"{_words(function, arguments)} raises {called.raised}: {called.message}"
            raise self._api.refutation(self._check, kind, what, called.trace)
        return called.value

    def expect(self, wanted: Any, function: str, *arguments: Any) -> None:
        """Call a function that must return a value."""
        value = self.value(function, *arguments)
        if not same(value, wanted):
            what = f"{_words(function, arguments)} is {value!r:.200}; expected: {wanted!r:.200}"
            raise self.refutation(what)

    def expect_raised(self, error: str, function: str, *arguments: Any) -> None:
        """Call a function that must raise an error of this name."""
        called = self._api.service.call(COMPONENTS[self._kind].path, function, *arguments)
        if called.raised != error:
            got = f"raises {called.raised}" if called.raised else f"is {called.value!r:.200}"
            raise self.refutation(f"{_words(function, arguments)} {got}; expected: {error}")

    def expect_row_or(self, error: str, wanted: Row, function: str, *arguments: Any) -> None:
        """Call a function that must return a row, whatever its id, or raise an error."""
        called = self._api.service.call(COMPONENTS[self._kind].path, function, *arguments)
        row = called.value if isinstance(called.value, dict) else {}
        if called.raised != error and not same(row, {**wanted, "id": row.get("id")}):
            got = f"raises {called.raised}" if called.raised else f"is {called.value!r:.200}"
            raise self.refutation(f"{_words(function, arguments)} {got}; expected: it, or {error}")

    def refutation(self, message: str) -> Exception:
        """Build the finding about the component."""
        return self._api.refutation(self._check, self._kind, message)


def _words(function: str, arguments: Any) -> str:
    return f"{function}({', '.join(map(repr, arguments))})"[:300]


def begin(api: Api) -> None:
    """Begin the process, and create the tables there."""
    api.service.begin_code(api.environment)
    Functions(api, "models").value("create_tables")
    if api.brief.has_audit:
        Functions(api, "compliance").value("create_tables")


def check_config(api: Api) -> None:
    """Check the settings of an environment."""
    try:
        read = api.service.settings()
    except Raised as raised:
        what = f"the settings raise {raised}"
        raise api.refutation("interface", "config", what, raised.traceback_text) from raised
    wanted = {name: role for role, (name, _) in api.users.items()}
    for what, got, expected in (
        ("secret_key", read.secret_key, api.secret),
        ("port", read.port, int(api.environment["PORT"])),
        ("database_path", read.database_path.rpartition("/")[2], api.environment["DATABASE_PATH"]),
        ("users", read.roles, wanted),
    ):
        if got != expected:
            message = f"settings.{what} is {got!r:.200}; expected: {expected!r:.200}"
            raise api.refutation("interface", "config", message)


def check_services(api: Api) -> None:
    """Check rows and errors of every entity."""
    functions = Functions(api, "services")
    has_approval = "four_eyes" in api.brief.controls
    known: dict[str, int] = {}
    for entity in api.brief.entities:
        table, made = entity.table, []
        for _ in range(2):
            sent = api.sample(entity, known)
            if has_approval and table == "payments":
                sent["status"] = "approved"
            row = functions.value("create_row", table, sent)
            row_id = row.get("id") if isinstance(row, dict) else None
            wanted = {**api.stored(entity, sent), "id": row_id}
            if not isinstance(row_id, int) or not same(row, wanted):
                message = f"create_row({table!r}, {sent}) is {row!r:.300}"
                raise functions.refutation(message)
            functions.expect(row, "get_row", table, row_id)
            made.append(row)
        functions.expect(made, "list_rows", table)
        values = api.sample(entity, known)
        # A status that is sent counts for nothing.
        changed = {**api.stored(entity, values), "id": made[0]["id"]}
        functions.expect(changed, "update_row", table, made[0]["id"], values)
        functions.expect([changed, made[1]], "list_rows", table)
        functions.expect(None, "delete_row", table, made[0]["id"])
        functions.expect([made[1]], "list_rows", table)
        for function, further in (("get_row", ()), ("update_row", (values,)), ("delete_row", ())):
            functions.expect_raised("NotFound", function, table, MISSING_ID, *further)
        functions.expect_raised("Invalid", "create_row", table, [values])
        for column in entity.columns:
            if has_approval and column.name == "status":
                continue
            missing = (MISSING_ID,) if column.is_reference else ()
            for bad in (*missing, None, *wrong_values(column)):
                wrong = {**values, column.name: bad}
                functions.expect_raised("Invalid", "create_row", table, wrong)
            for value in unusual_values(column):
                sent = {**api.sample(entity, known), column.name: value}
                functions.expect_row_or(
                    "Invalid", api.stored(entity, sent), "create_row", table, sent
                )
            left = {name: value for name, value in values.items() if name != column.name}
            functions.expect_raised("Invalid", "create_row", table, left)
            if column.kind == "email":
                twice = {**values, column.name: made[1][column.name]}
                functions.expect_raised("Conflict", "create_row", table, twice)
        known[table] = made[1]["id"]


def check_auth(api: Api) -> None:
    """Check that a token is issued for the right password, and that it names its user."""
    functions = Functions(api, "auth")
    for role, (name, password) in api.users.items():
        token = functions.value("issue_token", name, password)
        user = {"username": name, "role": role}
        functions.expect(user, "current_user", f"Bearer {token}")
        functions.expect(None, "current_user", f"Basic {token}")
        functions.expect(None, "issue_token", name, api.word())
    functions.expect(None, "issue_token", api.word(), password)
    for wrong in (None, "", "Bearer", f"Bearer {api.word()}", f"Bearer {api.word()}.a.é"):
        functions.expect(None, "current_user", wrong)
    for what, wrong in wrong_tokens(token).items():
        value = functions.value("current_user", f"Bearer {wrong}")
        if value is not None:
            raise functions.refutation(f"current_user of {what} is {value!r:.200}; expected: None")


def check_authorization(api: Api) -> None:
    """Check what each role may do, on restricted paths too."""
    functions = Functions(api, "authorization")
    paths = {f"{ROOT}/{api.brief.entities[0].table}": set(ROLES)}
    paths |= {f"{path}/{api.word()}": roles for path, roles in restrictions(api.brief).items()}
    for role, methods in ROLES.items():
        user = {"username": api.users[role][0], "role": role}
        for path, roles in paths.items():
            for method in _METHODS:
                is_allowed = method in methods and role in roles
                functions.expect(is_allowed, "allowed", user, method, path)
    stranger = {"username": api.word(), "role": api.word()}
    functions.expect(False, "allowed", stranger, "GET", next(iter(paths)))


def check_middleware(api: Api) -> None:
    """Check that a request that was observed is in the metrics."""
    functions = Functions(api, "middleware")
    path = f"/{api.word()}"
    functions.value("observe", "GET", path, 200, 0.25)
    text = functions.value("render")
    lines = [each for each in str(text).splitlines() if each.startswith(REQUESTS) and path in each]
    if len(lines) != 1 or not lines[0].rstrip().endswith((" 1", " 1.0")):
        raise functions.refutation(f"after observe, render() has for {path} the lines {lines}")


def check_controls(api: Api) -> None:
    """Check the functions of the compliance sets on rows of the services."""
    functions, demanded = Functions(api, "compliance"), api.brief.controls
    if not demanded.isdisjoint(("export", "erasure")) and api.brief.person is not None:
        _check_privacy(api, functions, api.brief.person)
    if api.brief.has_audit:
        user = api.word()
        begun = api.clock()
        functions.value("record_audit", user, "read", api.brief.entities[0].table, 7)
        ended = api.clock()
        entries = functions.value("read_audit")
        last = entries[-1] if isinstance(entries, list) and entries else {}
        wanted = {"user": user, "action": "read", "entity": api.brief.entities[0].table,
                  "row_id": 7}  # fmt: skip
        is_entry = isinstance(last, dict) and wanted.items() <= last.items() and last.get("at")
        if not is_entry:
            raise functions.refutation(f"the last entry is {last!r:.200}; expected: {wanted}")
        if not is_between(last["at"], begun, ended):
            raise functions.refutation("at of an entry is not the time when it was recorded")
    if "four_eyes" in demanded:
        _check_approval(api, functions)


def _check_privacy(api: Api, functions: Functions, person: Entity) -> None:
    row = functions.value("create_row", person.table, api.sample(person, {}), kind="services")
    email = next(row[column.name] for column in person.columns if column.kind == "email")
    has_export, has_erasure = (name in api.brief.controls for name in ("export", "erasure"))
    made = [*(["export_person"] if has_export else []), *(["erase_person"] if has_erasure else [])]
    if has_export:
        exported = functions.value("export_person", email)
        rows = exported.get(person.table) if isinstance(exported, dict) else None
        if not same(rows, [row]):
            raise functions.refutation(f"export_person({email!r}) is {exported!r:.300}")
    for function in made:
        for other in near(email):
            functions.expect_raised("NotFound", function, other)
    if has_erasure:
        functions.value("erase_person", email)
        left = where_left(api.service.probe, {person.table: [row]})
        if left:
            raise functions.refutation(f"after erase_person, {left} of the person")
        for function in made:
            functions.expect_raised("NotFound", function, email)


def near(email: str) -> tuple[str, ...]:
    """Texts that match an address, or a part of it, for one who does not compare them."""
    return ("%", "*", "_" * len(email), f"_{email[1:]}", email[:-1], email[1:], f".{email[1:]}")


def _check_approval(api: Api, functions: Functions) -> None:
    row = _created(api, functions, api.brief.entity_of("payments"))
    creator, other = api.users[CLERK][0], api.users[ADMIN][0]
    functions.value("record_audit", creator, "create", "payments", row["id"])
    functions.expect_raised("PermissionError", "approve_payment", row["id"], creator)
    functions.expect({**row, "status": "approved"}, "approve_payment", row["id"], other)
    functions.expect_raised("NotFound", "approve_payment", MISSING_ID, api.users[AUDITOR][0])


def _created(api: Api, functions: Functions, entity: Entity) -> Row:
    """A row that the services create, after those that it refers to."""
    known = {
        column.kind: _created(api, functions, api.brief.entity_of(column.kind))["id"]
        for column in entity.columns
        if column.is_reference
    }
    values = api.sample(entity, known)
    row: Row = functions.value("create_row", entity.table, values, kind="services")
    return row


def check_cipher(api: Api) -> None:
    """Check that a text comes back in another process, and not with another key."""
    functions = Functions(api, "encryption", "cipher")
    text, environment = f"{api.word()} é {api.word()}", api.environment
    api.service.begin_code(environment)
    first, second = (str(functions.value("encrypt", text)) for _ in range(2))
    if reveals(first, text) or first == second:
        what = "equal texts look equal" if first == second else "the ciphertext shows the text"
        raise functions.refutation(f"encrypt: {what}")
    middle = len(first) // 2
    changed = first[:middle] + ("A" if first[middle] != "A" else "B") + first[middle + 1 :]
    _expect_no_text(api, changed, "a text that was changed")
    api.service.begin_code({**environment, "SECRET_KEY": api.word()})
    _expect_no_text(api, first, "another key")
    api.service.begin_code(environment)
    functions.expect(text, "decrypt", first)


def _expect_no_text(api: Api, coded: str, what: str) -> None:
    called = api.service.call(COMPONENTS["encryption"].path, "decrypt", coded)
    if not called.raised:
        message = f"decrypt accepts {what}: {called.value!r:.200}"
        raise api.refutation("cipher", "encryption", message)


def check_span(api: Api) -> None:
    """Check that a span can be entered, within another one too, and lets exceptions pass."""
    try:
        passes = api.service.span(api.word())
    except Raised as raised:
        message = f"start_span fails: {raised}"
        raise api.refutation("span", "tracing", message, raised.traceback_text) from raised
    if not passes:
        raise api.refutation("span", "tracing", "start_span swallows the exception of its block")
