"""Judge of FastAPI routes: the application boots and keeps the contract of a REST collection."""

from typing import Any

from flagbench.acceptance.crud import relations, samples
from flagbench.acceptance.crud.rest_client import MISSING_ID, Routes, has_values
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised

CHECKS = (
    "boots", "create", "list", "read", "update", "delete", "missing", "required", "wrong-type",
    "survives-restart", "relations", "rules",
)  # fmt: skip


def judge(case: Case, probe: ProbeClient, figures: Figures) -> None:  # noqa: ARG001  as every judge
    """Send the requests of a client to the routes. Raises `Refuted`."""
    boot(probe)
    targets = relations.target_rows(case, probe)
    api = Routes(case.entity, probe, relations.required_relations(case.entity, targets))
    first, second = _create(api), _create(api, row=2)
    _check_reading(api, first, second)
    _check_update(api, first, second)
    _check_delete(api)
    _check_refusals(api, first)
    boot(probe, "survives-restart")
    api.expect("survives-restart", "GET", f"/{first['id']}", 200, first)
    # An entity may have a relation to itself.
    relations.check_relations(api, case, {**targets, case.entity.entity: second["id"]})
    _check_rules(api, first)


def boot(probe: ProbeClient, check: str = "boots") -> None:
    """Start the application, or restart it. Raises `Refuted`."""
    try:
        probe.boot()
    except Raised as raised:
        raise Refuted(check, f"the application does not start: {raised}") from raised


def _create(api: Routes, row: int = 1) -> dict[str, Any]:
    body = api.body(row)
    stored = api.expect("create", "POST", "", 201, body, body=body)
    if not isinstance(stored.get("id"), int):
        raise Refuted("create", f"POST {api.entity.address} answers without an id: {stored}")
    return {**body, "id": stored["id"]}


def _check_reading(api: Routes, first: dict[str, Any], second: dict[str, Any]) -> None:
    rows = _objects("list", api.expect("list", "GET", "", 200))
    by_id = {row["id"]: row for row in rows if isinstance(row.get("id"), int)}
    for stored in (first, second):
        if not has_values(by_id.get(stored["id"], {}), stored):
            raise Refuted("list", f"GET {api.entity.address} does not list {stored}: {rows}")
    for stored in (first, second):
        api.expect("read", "GET", f"/{stored['id']}", 200, stored)


def _check_update(api: Routes, first: dict[str, Any], second: dict[str, Any]) -> None:
    changed = api.body(3)
    suffix = f"/{second['id']}"
    api.expect("update", "PUT", suffix, 200, changed, body=changed)
    api.expect("update", "GET", suffix, 200, changed)
    api.expect("update", "GET", f"/{first['id']}", 200, first, because=" (another row)")


def _check_delete(api: Routes) -> None:
    suffix = f"/{_create(api, row=4)['id']}"
    api.expect("delete", "DELETE", suffix, 204)
    api.expect("delete", "GET", suffix, 404)
    rows = _objects("delete", api.expect("delete", "GET", "", 200))
    if suffix in [f"/{row.get('id')}" for row in rows]:
        raise Refuted("delete", f"the row {suffix} was deleted and is still in the list")


def _check_refusals(api: Routes, first: dict[str, Any]) -> None:
    for method, body in (("GET", None), ("PUT", api.body(4)), ("DELETE", None)):
        api.expect("missing", method, f"/{MISSING_ID}", 404, body=body)
    for attribute in api.entity.values:
        if attribute.required:
            body = api.body(4)
            del body[attribute.name]
            _expect_refusal(api, "required", body, first, f" without {attribute.name}")
            _expect_refusal(
                api,
                "required",
                body | {attribute.name: None},
                first,
                f" with {attribute.name} null",
            )
    for name in api.required_relations:
        body = api.body(4)
        del body[name]
        _expect_refusal(api, "required", body, first, f" without {name}")
    for attribute in api.entity.values:
        body = api.body(4, **{attribute.name: samples.INVALID[attribute.type]})
        _expect_refusal(api, "wrong-type", body, first)
    api.expect("update", "GET", f"/{first['id']}", 200, first, because=" (every change refused)")
    optional = [attribute.name for attribute in api.entity.values if not attribute.required]
    if optional:
        body = api.body(5, optional=False)
        nothing = dict.fromkeys(optional)
        api.expect("required", "POST", "", 201, {**body, **nothing}, body=body)


def _expect_refusal(
    api: Routes, check: str, body: dict[str, Any], row: dict[str, Any], because: str = ""
) -> None:
    """Expect 422 for a new row and for a change of `row`."""
    api.expect(check, "POST", "", 422, body=body, because=because)
    api.expect(check, "PUT", f"/{row['id']}", 422, body=body, because=because)


def _check_rules(api: Routes, first: dict[str, Any]) -> None:
    for rule in api.entity.rules:
        because = f" against the rule that {rule.rule}"
        _expect_refusal(api, "rules", api.body(6, **rule.refused), first, because)
        because = f", which keeps the rule that {rule.rule}"
        # Deleted again, so that the next row may have its unique values.
        stored = api.expect(
            "rules", "POST", "", 201, {}, body=api.body(6, **rule.accepted), because=because
        )
        api.expect("rules", "DELETE", f"/{stored.get('id')}", 204)
    taken = api.body(6)
    if api.entity.unique:
        api.expect("rules", "POST", "", 201, body=taken)
    for name in api.entity.unique:
        answer = api.ask("POST", "", api.body(7, **{name: taken[name]}))
        if answer.status not in (409, 422):
            what = f"POST {api.entity.address} with a {name} that is taken answers"
            raise Refuted("rules", f"{what} {answer.status}; expected: 422 or 409")


def _objects(check: str, body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(row, dict) for row in body):
        raise Refuted(check, f"the list is {str(body)[:200]!r}; expected: a list of objects")
    return body
