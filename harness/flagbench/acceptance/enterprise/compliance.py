"""The controls of compliance sets, as they work over the API."""

from typing import Any
from urllib.parse import quote

from flagbench.acceptance.enterprise.api import (
    ADMIN,
    AUDITOR,
    CLERK,
    MISSING_ID,
    NOBODY,
    ROOT,
    Api,
    Row,
    same,
    untimed,
)
from flagbench.acceptance.enterprise.deployment import referring
from flagbench.acceptance.enterprise.interfaces import near
from flagbench.acceptance.enterprise.moments import is_between
from flagbench.acceptance.enterprise.traces import tables_of, where_left
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.tables import Entity

_KIND = "compliance"
# A condition that every row fulfils, as a part of a path.
_INJECTION = "x%27%20OR%20%271%27%3D%271"
_AUDIT = f"{ROOT}/audit"


def _person(api: Api) -> tuple[Entity, str]:
    """The entity of persons, and its column with the e-mail address."""
    person = api.brief.person
    assert person is not None  # noqa: S101  export and erasure need one, the brief says
    return person, next(each.name for each in person.columns if each.kind == "email")


def _with_rows(api: Api, person: Entity) -> tuple[Row, dict[str, list[Row]]]:
    """Create a person and two rows of each entity that refers to it."""
    row = api.create("create", "controllers", person)
    rows: dict[str, list[Row]] = {}
    for entity, column in referring(api, person):
        for _ in range(2):
            made = api.create_with("create", "controllers", entity, {person.table: row["id"]})
            assert made[column] == row["id"]  # noqa: S101  `create_with` has held it against that
            rows.setdefault(entity.table, []).append(made)
    return row, rows


def check_export(api: Api) -> None:
    """Check that an export has all rows of a person, and no others."""
    person, email = _person(api)
    _with_rows(api, person)
    row, rows = _with_rows(api, person)
    path = f"{ROOT}/privacy/{row[email]}/export"
    body = api.expect("export", _KIND, 200, "GET", path).body
    wanted = {person.table: [row], **rows}
    got = {name: value for name, value in body.items() if value} if isinstance(body, dict) else body
    if not same(got, wanted):
        what = f"GET {path} answers {body!r:.300}; expected: {wanted}"
        raise api.refutation("export", _KIND, what)
    api.expect("export", _KIND, 404, "GET", f"{ROOT}/privacy/{api.word()}@b.org/export")
    api.expect("export", _KIND, 404, "GET", f"{ROOT}/privacy/{_INJECTION}/export")
    for other in near(row[email]):
        api.expect("export", _KIND, 404, "GET", f"{ROOT}/privacy/{quote(other)}/export")
    api.expect_refusal("export", "controllers", "GET", path)
    for who in (CLERK, AUDITOR):
        api.expect("restricted", "authorization", 403, "GET", path, who=who)
        if "erasure" in api.brief.controls:
            address = path.removesuffix("/export")
            api.expect("restricted", "authorization", 403, "DELETE", address, who=who)


def check_erasure(api: Api) -> None:
    """Check that nothing of an erased person is left, and everything of others."""
    person, email = _person(api)
    other, others = _with_rows(api, person)
    row, rows = _with_rows(api, person)
    path = f"{ROOT}/privacy/{row[email]}"
    for who in () if "export" in api.brief.controls else (CLERK, AUDITOR):
        api.expect("restricted", "authorization", 403, "DELETE", path, who=who)
    for near_by in near(row[email]):
        api.expect("erasure", _KIND, 404, "DELETE", f"{ROOT}/privacy/{quote(near_by)}")
    api.expect("erasure", _KIND, 204, "DELETE", path)
    api.expect("erasure", _KIND, 404, "GET", f"{ROOT}/{person.table}/{row['id']}")
    if "export" in api.brief.controls:
        api.expect("erasure", _KIND, 404, "GET", f"{path}/export")
    api.expect("erasure", _KIND, 404, "DELETE", path)
    for entity, column in referring(api, person):
        for left in rows[entity.table]:
            answer = api.ask("GET", f"{ROOT}/{entity.table}/{left['id']}")
            is_left = answer.status != 404 and (answer.body or {}).get(column) == row["id"]
            if is_left:
                what = f"{entity.table} {left['id']} still refers to the erased person"
                raise api.refutation("erasure", _KIND, what)
    found = where_left(api.service.probe, {person.table: [row], **rows})
    if found:
        raise api.refutation("erasure", _KIND, f"{found} of the erased person")
    for table, kept in ((person.table, [other]), *others.items()):
        for each in kept:
            body = api.expect("erasure", _KIND, 200, "GET", f"{ROOT}/{table}/{each['id']}").body
            if not same(body, each):
                what = f"the erasure of a person changed {table} {each['id']} of another one"
                raise api.refutation("erasure", _KIND, what)
    metrics = api.expect("privacy-of-metrics", "main", 200, "GET", "/metrics", who=NOBODY).body
    if row[email] in str(metrics) or row[email].replace("@", "%40") in str(metrics):
        what = "/metrics has the e-mail address of a person"
        raise api.refutation("privacy-of-metrics", "middleware", what)


def check_audit(api: Api) -> None:
    """Check that what the sets demand is recorded: who, what, which row, when."""
    reads, all_changes = (f"audit_{name}" in api.brief.controls for name in ("reads", "changes"))
    for entity in api.brief.entities:
        changes = all_changes or entity == api.brief.person
        done = [each for maker in (CLERK, ADMIN) for each in _use(api, entity, maker)]
        entries = _entries(api)
        for wanted, begun, ended in done:
            if not (reads if wanted["action"] == "read" else changes):
                continue
            own = [each for each in entries if _is_entry(each, wanted)]
            if len(own) != 1:
                last = untimed(str(entries[-3:]))
                what = f"GET {_AUDIT} does not have {wanted} once; its last entries: {last}"
                raise api.refutation("audit", _KIND, what)
            if not is_between(own[0]["at"], begun, ended):
                what = f"GET {_AUDIT}: at of {wanted} is not the time of the request"
                raise api.refutation("audit", _KIND, what)
    api.expect("restricted", "authorization", 403, "GET", _AUDIT, who=CLERK)
    api.expect_refusal("audit", "controllers", "GET", _AUDIT)


def _use(api: Api, entity: Entity, maker: str) -> list[tuple[Row, float, float]]:
    """Create a row, and use it as each role may: the entries of it, begun and ended when."""
    times = [api.clock()]
    row = api.create("create", "controllers", entity, who=maker)
    times.append(api.clock())
    path = f"{ROOT}/{entity.table}/{row['id']}"
    sent = {key: value for key, value in row.items() if key != "id"}
    done = [(maker, "create")]
    for who, action, method, check, status in (
        (maker, "update", "PUT", "update", 200),
        *((each, "read", "GET", "retrieve", 200) for each in (CLERK, AUDITOR, ADMIN)),
        (ADMIN, "delete", "DELETE", "delete", 204),
    ):
        body = sent if method == "PUT" else None
        api.expect(check, "controllers", status, method, path, body, who=who)
        times.append(api.clock())
        done.append((who, action))
    return [
        ({"user": api.users[who][0], "action": action, "entity": entity.table, "row_id": row["id"]},
         times[number], times[number + 1])
        for number, (who, action) in enumerate(done)
    ]  # fmt: skip


def _entries(api: Api) -> list[Any]:
    body = api.expect("audit", _KIND, 200, "GET", _AUDIT, who=AUDITOR).body
    if not isinstance(body, list):
        raise api.refutation(
            "audit", _KIND, f"GET {_AUDIT} answers {body!r:.200}; expected: a list"
        )
    return body


def _is_entry(entry: Any, wanted: Row) -> bool:
    return isinstance(entry, dict) and wanted.items() <= entry.items() and bool(entry.get("at"))


def check_append_only(api: Api) -> None:
    """Check that the table of the audit log refuses changes, whoever makes them."""
    probe = api.service.probe
    if "audit_log" not in tables_of(probe):
        raise api.refutation("append-only", _KIND, "the table audit_log is missing")
    before = probe.query("SELECT * FROM audit_log")
    if not before:
        raise api.refutation("append-only", _KIND, "the audit log is empty")
    names = before[0]
    for sql in (
        "UPDATE audit_log SET action = 'read'",
        "DELETE FROM audit_log",
        *(f"UPDATE audit_log SET {_changed(name)}" for name in names),  # noqa: S608  its columns
    ):
        try:
            probe.query(sql)
        except Raised:
            continue
        raise api.refutation("append-only", _KIND, f"the database executes {sql}")
    if probe.query("SELECT * FROM audit_log") != before:
        raise api.refutation("append-only", _KIND, "changes are made to the audit log")


def _changed(name: str) -> str:
    """The assignment of another value of the same type to a column, in SQL."""
    text = f"WHEN 'text' THEN \"{name}\" || 'x'"
    return f'"{name}" = CASE typeof("{name}") {text} ELSE "{name}" + 10000 END'


def check_four_eyes(api: Api) -> None:
    """Check that a payment is approved by another user than its creator, and only so."""
    payments = api.brief.entity_of("payments")
    path = f"{ROOT}/payments"
    for creator, other in ((CLERK, ADMIN), (ADMIN, CLERK)):
        row = api.create_with("four-eyes", "services", payments, {}, who=creator, status="approved")
        address = f"{path}/{row['id']}"
        sent = {**row, "status": "approved"}
        del sent["id"]
        answer = api.ask("PUT", address, sent, who=creator)
        _expect_status(
            api, address, "pending", f"PUT with status approved ({answer.status})", "services"
        )
        api.expect("four-eyes", _KIND, 403, "POST", f"{address}/approve", who=creator)
        api.expect("four-eyes", _KIND, 403, "POST", f"{address}/approve", who=AUDITOR)
        api.expect_refusal("four-eyes", "controllers", "POST", f"{address}/approve")
        _expect_status(api, address, "pending", "the attempt of its creator")
        api.expect("four-eyes", _KIND, 200, "POST", f"{address}/approve", who=other)
        _expect_status(api, address, "approved", "its approval")
        wanted = {"user": api.users[other][0], "entity": "payments", "row_id": row["id"]}
        # By approve_payment or by the route, and not by both.
        count = sum(_is_entry(each, {**wanted, "action": "approve"}) for each in _entries(api))
        if count != 1:
            times = (
                f"{count} times in the audit log; expected: once"
                if count
                else "not in the audit log"
            )
            raise api.refutation("audit", _KIND, f"an approval is {times}")
    api.expect("four-eyes", _KIND, 404, "POST", f"{path}/{MISSING_ID}/approve")


def _expect_status(api: Api, path: str, wanted: str, after: str, kind: str = _KIND) -> None:
    body = api.expect("four-eyes", kind, 200, "GET", path).body
    status = body.get("status") if isinstance(body, dict) else None
    if status != wanted:
        what = f"after {after}, GET {path} has the status {status!r}; expected: {wanted}"
        raise api.refutation("four-eyes", kind, what)
