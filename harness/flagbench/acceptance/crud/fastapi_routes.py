"""Judge of FastAPI routes: the application boots and keeps the contract of a REST collection."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flagbench.acceptance.crud import relations, samples
from flagbench.acceptance.crud.copied_rows import rows_copied
from flagbench.acceptance.crud.rest_client import MISSING_ID, Routes, has_values
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import Selection

CHECKS = (
    "boots", "create", "list", "read", "update", "delete", "missing", "required", "wrong-type",
    "survives-restart", "relations", "rules",
)  # fmt: skip

# The body of a row, with its id.
Row = dict[str, Any]


def judge(
    case: Case,
    probe: ProbeClient,
    figures: Figures,  # noqa: ARG001  as every judge
    selection: Selection,
) -> None:
    """Send the requests of a client to the routes. Raises `Refuted`."""
    boot(probe)
    targets = relations.target_rows(case, probe)
    required = relations.required_relations(case.entity, targets)
    api = Routes(case.entity, probe, required, selection, case.seed)
    first, second = _create(api), _create(api, row=2)
    # An entity may have a relation to itself.
    targets = {**targets, case.entity.entity: second["id"]}
    steps: Mapping[str, Callable[[], None]] = {
        "list": partial(_check_list, api, first, second),
        "read": partial(_check_read, api, first, second),
        "update": partial(_check_update, api, first, second),
        "delete": partial(_check_delete, api, first, second),
        "missing": partial(_check_missing, api),
        "required": partial(_check_required, api, first),
        "wrong-type": partial(_check_wrong_type, api, first),
        "survives-restart": partial(_check_restart, api, probe, first, second),
        "relations": partial(relations.check_relations, api, case, targets),
        "rules": partial(_check_rules, api, first),
    }
    for check, step in steps.items():
        if selection.has(check):
            step()


def boot(probe: ProbeClient, check: str = "boots") -> None:
    """Start the application, or restart it. Raises `Refuted`."""
    try:
        probe.boot()
    except Raised as raised:
        raise Refuted(check, f"the application does not start: {raised}") from raised


def _create(api: Routes, row: int = 1) -> Row:
    body = api.body(row)
    stored = api.expect("create", "POST", api.address, "create", body, body=body)
    if not isinstance(stored, dict) or not isinstance(stored.get("id"), int):
        raise Refuted("create", f"POST {api.address} answers without an id: {stored}")
    return {**body, "id": stored["id"]}


def _create_by_no_id(api: Routes, row: int) -> int:
    """Create a row with an id in its body, which the database gives: it is ignored, or refused."""
    body, because = api.body(row, id=MISSING_ID), " with an id in its body"
    stored = api.expect(
        "create", "POST", api.address, ("create", "refused"), body=body, because=because
    )
    number = stored.get("id") if isinstance(stored, dict) else None
    if number == MISSING_ID:
        what = f"POST {api.address}{because} takes it for the row's"
        raise Refuted("create", f"{what}; expected: the id that the database gives")
    return number if isinstance(number, int) else int(_create(api, row)["id"])


def _check_list(api: Routes, first: Row, second: Row) -> None:
    rows = _rows_by_id(api, "list")
    for stored in (first, second):
        if not has_values(rows.get(stored["id"], {}), stored):
            listed = list(rows.values())
            raise Refuted("list", f"GET {api.address} does not list {stored}: {listed}")


def _check_whole_list(api: Routes, expected: list[int]) -> None:
    """Check that all rows are listed, in the order of their ids."""
    listed = list(_rows_by_id(api, "list"))
    if listed != expected:
        what = f"GET {api.address} lists {len(listed)} of {len(expected)} rows"
        if len(listed) == len(expected):
            what = f"GET {api.address} lists the ids {listed[:10]}..."
        raise Refuted("list", f"{what}; expected: all rows in the order of their ids")


def _check_read(api: Routes, first: Row, second: Row) -> None:
    for stored in (first, second):
        api.expect("read", "GET", api.row(stored["id"]), "read", stored)


def _check_update(api: Routes, first: Row, second: Row) -> None:
    """Change the second row, in place too."""
    changed = api.body(3)
    second.update(changed)
    address = api.row(second["id"])
    api.expect("update", "PUT", address, "update", second, body=changed)
    api.expect("update", "GET", address, "read", second)
    api.expect("update", "GET", api.row(first["id"]), "read", first, because=" (another row)")


def _check_delete(api: Routes, first: Row, second: Row) -> None:
    """Delete a third row, with the values of the second, which it may have; the others stay."""
    deleted = _create_by_no_id(api, row=4 if api.entity.unique else 3)
    api.expect("delete", "DELETE", api.row(deleted), "delete")
    api.expect("delete", "GET", api.row(deleted), "missing")
    rows = _rows_by_id(api, "delete")
    if deleted in rows:
        raise Refuted("delete", f"row {deleted} was deleted and is still in the list")
    for stored in (first, second):
        if not has_values(rows.get(stored["id"], {}), stored):
            what = f"after row {deleted} was deleted, GET {api.address} does not list {stored}"
            raise Refuted("delete", f"{what}: {list(rows.values())}")


def _check_missing(api: Routes) -> None:
    for method, body in (("GET", None), ("PUT", api.body(4)), ("DELETE", None)):
        api.expect("missing", method, api.row(MISSING_ID), "missing", body=body)


def _check_required(api: Routes, first: Row) -> None:
    for attribute in api.entity.values:
        if attribute.required:
            name, body = attribute.name, api.body(4)
            del body[name]
            _expect_refusal(api, "required", body, first, f" without {name}")
            _expect_refusal(api, "required", body | {name: None}, first, f" with {name} null")
    for name in api.required_relations:
        body = api.body(4)
        del body[name]
        _expect_refusal(api, "required", body, first, f" without {name}")
    _expect_unchanged(api, "required", first)
    if not all(attribute.required for attribute in api.entity.values):
        _check_optional(api)


def _check_optional(api: Routes) -> None:
    """Leave optional values out, set them, and replace them by null."""
    body = api.body(5, optional=False)
    empty = {attribute.name: None for attribute in api.entity.values if not attribute.required}
    stored = api.expect("required", "POST", api.address, "create", {**body, **empty}, body=body)
    row = api.row(stored.get("id"))
    for changed in (api.body(5), {**body, **empty}):
        api.expect("required", "PUT", row, "update", changed, body=changed)
        api.expect("required", "GET", row, "read", changed)


def _check_wrong_type(api: Routes, first: Row) -> None:
    for attribute in api.entity.values:
        for invalid in samples.INVALID[attribute.type]:
            body = api.body(4, **{attribute.name: invalid})
            _expect_refusal(api, "wrong-type", body, first)
    _expect_unchanged(api, "wrong-type", first)


def _check_restart(api: Routes, probe: ProbeClient, first: Row, second: Row) -> None:
    """Start the application again, with many more rows."""
    with rows_copied(api.entity, probe, first["id"]) as expected:
        boot(probe, "survives-restart")
        for stored in (first, second):
            api.expect("survives-restart", "GET", api.row(stored["id"]), "read", stored)
        if expected:
            _check_whole_list(api, expected)


def _expect_refusal(
    api: Routes, check: str, body: dict[str, Any], row: Row, because: str = ""
) -> None:
    """Expect a refusal of a new row and of a change of `row`."""
    api.expect(check, "POST", api.address, "refused", body=body, because=because)
    api.expect(check, "PUT", api.row(row["id"]), "refused", body=body, because=because)


def _expect_unchanged(api: Routes, check: str, row: Row) -> None:
    api.expect(check, "GET", api.row(row["id"]), "read", row, because=" (every change refused)")


def _check_rules(api: Routes, first: Row) -> None:
    for rule in api.entity.rules:
        because = f" against the rule that {rule.rule}"
        _expect_refusal(api, "rules", api.body(6, **rule.refused), first, because)
        because = f", which keeps the rule that {rule.rule}"
        # Deleted again, so that the next row may have its unique values.
        stored = api.expect(
            "rules", "POST", api.address, "create", {},
            body=api.body(6, **rule.accepted), because=because,
        )  # fmt: skip
        api.expect("rules", "DELETE", api.row(stored.get("id")), "delete")
    if api.entity.unique:
        _check_unique(api)


def _check_unique(api: Routes) -> None:
    """Two rows: neither may get a value of the other, and each may keep its own."""
    taken, other = api.body(6), api.body(7)
    api.expect("rules", "POST", api.address, "create", body=taken)
    for name in api.entity.unique:
        body, because = api.body(7, **{name: taken[name]}), f" with a {name} that is taken"
        api.expect("rules", "POST", api.address, "taken", body=body, because=because)
    stored = api.expect("rules", "POST", api.address, "create", {}, body=other)
    row = api.row(stored.get("id"))
    for name in api.entity.unique:
        body, because = api.body(7, **{name: taken[name]}), f" with a {name} that is taken"
        api.expect("rules", "PUT", row, "taken", body=body, because=because)
    because = " with the values that it has already"
    api.expect("rules", "PUT", row, "update", body=other, because=because)


def _rows_by_id(api: Routes, check: str) -> dict[int, Row]:
    """The rows of the list by their ids; a row without an integer id is left out."""
    body = api.expect(check, "GET", api.address, "list")
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise Refuted(check, f"the list is {str(body)[:200]!r}; expected: a list of objects")
    return {row["id"]: row for row in body if isinstance(row.get("id"), int)}
