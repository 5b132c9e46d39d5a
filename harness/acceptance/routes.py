"""FastAPI routes: the application boots, and keeps the contract of a REST collection."""

from collections.abc import Mapping
from typing import Any

from harness.acceptance import samples, schema
from harness.acceptance.asking import Answer, Asker
from harness.acceptance.expected import Entity
from harness.acceptance.proof import Case, Figures, Refuted
from harness.acceptance.sandbox import Raised

CHECKS = (
    "boots", "create", "list", "read", "update", "delete", "missing", "required", "wrong-type",
    "survives-restart", "relations", "rules",
)  # fmt: skip
MISSING_ID = 987654


def judge(case: Case, asker: Asker, figures: Figures) -> None:  # noqa: ARG001  as every judge
    """Use the routes as a client would."""
    booted(asker)
    targets = _target_rows(case, asker)
    api = Routes(case.entity, asker, _required_links(case.entity, targets))
    first, second = _created(api), _created(api, row=2)
    _check_reading(api, first, second)
    _check_update(api, first, second)
    _check_delete(api)
    _check_refusals(api)
    booted(asker, "survives-restart")
    api.expect("survives-restart", "GET", f"/{first['id']}", 200, first)
    # An entity may point at itself.
    _check_relations(api, case, {**targets, case.entity.entity: second["id"]})
    _check_rules(api)


def booted(asker: Asker, check: str = "boots") -> None:
    """Boot the application, or boot it again."""
    try:
        asker.boot()
    except Raised as raised:
        raise Refuted(check, f"the application does not start: {raised}") from raised


class Routes:
    """The routes of one entity, asked with expectations."""

    def __init__(self, entity: Entity, asker: Asker, links: Mapping[str, Any]) -> None:
        self.entity = entity
        self._asker = asker
        self._links = links

    def body(self, row: int, *, optional: bool = True, **changed: Any) -> dict[str, Any]:
        """A valid body, with some values changed."""
        return {**samples.body(self.entity, row, optional=optional), **self._links, **changed}

    def ask(self, method: str, suffix: str, body: Any = None) -> Answer:
        """One request to the collection or, with a suffix, to a row."""
        return self._asker.request(method, self.entity.address + suffix, body)

    def expect(
        self,
        check: str,
        method: str,
        suffix: str,
        status: int,
        holds: Mapping[str, Any] | None = None,
        *,
        body: Any = None,
        because: str = "",
    ) -> Any:
        """The body of an answer that has the status and holds the values.

        Raises `Refuted` for any other.
        """
        told = self.ask(method, suffix, body)
        asked = f"{method} {self.entity.address}{suffix}{because}"
        if told.status != status:
            raised = f" ({told.raised})" if told.raised else ""
            sent = "" if body is None else f"; sent was {body}"
            answer = f"{told.status}{raised}"
            raise Refuted(check, f"{asked} answers {answer}; right would be {status}{sent}")
        if holds is not None and not isinstance(told.body, dict):
            raise Refuted(check, f"{asked} answers {told.body!r}; right would be an object")
        for name, value in (holds or {}).items():
            got = told.body.get(name, "nothing")
            if not _same(got, value):
                raise Refuted(check, f"{asked}: {name} is {got!r}; right would be {value!r}")
        return told.body


def _created(api: Routes, row: int = 1) -> dict[str, Any]:
    body = api.body(row)
    stored = api.expect("create", "POST", "", 201, body, body=body)
    if not isinstance(stored.get("id"), int):
        raise Refuted("create", f"POST {api.entity.address} answers no id: {stored}")
    return {**body, "id": stored["id"]}


def _check_reading(api: Routes, first: dict[str, Any], second: dict[str, Any]) -> None:
    rows = _objects("list", api.expect("list", "GET", "", 200))
    found = {one.get("id"): one for one in rows}
    for stored in (first, second):
        if not _holds(found.get(stored["id"], {}), stored):
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
    suffix = f"/{_created(api, row=4)['id']}"
    api.expect("delete", "DELETE", suffix, 204)
    api.expect("delete", "GET", suffix, 404)
    rows = _objects("delete", api.expect("delete", "GET", "", 200))
    if suffix in [f"/{one.get('id')}" for one in rows]:
        raise Refuted("delete", f"the row {suffix} was deleted and is still in the list")


def _check_refusals(api: Routes) -> None:
    for method, body in (("GET", None), ("PUT", api.body(4)), ("DELETE", None)):
        api.expect("missing", method, f"/{MISSING_ID}", 404, body=body)
    for one in api.entity.values:
        if one.required:
            body = api.body(4)
            del body[one.name]
            because = f" without {one.name}"
            api.expect("required", "POST", "", 422, body=body, because=because)
    for one in api.entity.values:
        body = api.body(4, **{one.name: samples.WRONG[one.type]})
        api.expect("wrong-type", "POST", "", 422, body=body)
    optional = [one.name for one in api.entity.values if not one.required]
    if optional:
        body = api.body(5, optional=False)
        nothing = dict.fromkeys(optional)
        api.expect("required", "POST", "", 201, {**body, **nothing}, body=body)


def _target_rows(case: Case, asker: Asker) -> dict[str, int]:
    """A row or two in the tables that the entity points at; entity -> the second row's id."""
    ids = {}
    for one in case.related:
        try:
            for row in (1, 2):
                schema.insert(asker, one.table_name, samples.body(one, row))
        except Raised as raised:
            raise Refuted("boots", f"{one.entity}'s table takes no valid row: {raised}") from raised
        ids[one.entity] = 2
    return ids


def _required_links(entity: Entity, targets: Mapping[str, int]) -> dict[str, Any]:
    """What a valid body must hold of relations."""
    return {
        f"{name}_id": targets[one.target]
        for name, one in entity.relations.items()
        if one.required and one.kind == "many_to_one" and one.target is not None
    }


def _check_relations(api: Routes, case: Case, targets: Mapping[str, int]) -> None:
    modules = {one.entity: one.module for one in (*case.related, case.entity)}
    for name, relation in case.entity.relations.items():
        unknown: dict[str, Any] = {}
        if relation.kind == "many_to_one":
            field, target = f"{name}_id", targets[str(relation.target)]
            linked: Any = target
            empty: Any = target - 1 if relation.required else None
            unknown = {field: MISSING_ID}
        elif relation.kind == "many_to_many":
            field, target = f"{modules[str(relation.target)]}_ids", targets[str(relation.target)]
            linked, empty = [target - 1, target], []
            unknown = {field: [MISSING_ID]}
        else:
            field, empty = name, []
            linked = [
                {
                    one.name: samples.value(one, place, row)
                    for place, one in enumerate(relation.children)
                }
                for row in (1, 2)
            ]
        _check_relation(api, field, linked, empty)
        if unknown:
            body = api.body(7, **unknown)
            api.expect("relations", "POST", "", 422, body=body)


def _check_relation(api: Routes, field: str, linked: Any, empty: Any) -> None:
    """Set it, read it, clear it, and delete a row that has it."""
    body = api.body(6, **{field: linked})
    suffix = f"/{api.expect('relations', 'POST', '', 201, body=body).get('id')}"
    _expect_link(api, suffix, field, linked)
    api.expect("relations", "PUT", suffix, 200, body=api.body(6, **{field: empty}))
    _expect_link(api, suffix, field, empty)
    api.expect("relations", "PUT", suffix, 200, body=body)
    _expect_link(api, suffix, field, linked)
    api.expect("relations", "DELETE", suffix, 204, because=" (a row with relations)")


def _expect_link(api: Routes, suffix: str, field: str, linked: Any) -> None:
    stored = api.expect("relations", "GET", suffix, 200)
    got = stored.get(field, "nothing") if isinstance(stored, dict) else stored
    if isinstance(linked, list) and isinstance(got, list):
        same = len(got) == len(linked) and all(
            _holds(one, wanted) if isinstance(wanted, dict) else one == wanted
            for one, wanted in zip(_ordered(got), linked, strict=True)
        )
    else:
        same = got == linked
    if not same:
        told = f"GET {api.entity.address}{suffix}: {field} is {got!r}"
        raise Refuted("relations", f"{told}; right would be {linked!r}")


def _ordered(found: list[Any]) -> list[Any]:
    """Ids of a set may come in any order; children come in theirs."""
    return sorted(found) if all(isinstance(one, int) for one in found) else found


def _check_rules(api: Routes) -> None:
    for rule in api.entity.rules:
        because = f" against the rule that {rule.rule}"
        body = api.body(8, **rule.refused)
        api.expect("rules", "POST", "", 422, body=body, because=because)
        because = f", which keeps the rule that {rule.rule}"
        api.expect("rules", "POST", "", 201, body=api.body(8, **rule.accepted), because=because)
    for name in api.entity.unique:
        taken = api.body(9)
        api.expect("rules", "POST", "", 201, body=taken)
        told = api.ask("POST", "", api.body(10, **{name: taken[name]}))
        if told.status not in (409, 422):
            what = f"POST {api.entity.address} with a {name} that is taken answers"
            raise Refuted("rules", f"{what} {told.status}; right would be 422 or 409")


def _objects(check: str, body: Any) -> list[dict[str, Any]]:
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        raise Refuted(check, f"the list is {str(body)[:200]!r}; right would be a list of objects")
    return body


def _holds(found: Any, wanted: Mapping[str, Any]) -> bool:
    return isinstance(found, dict) and all(
        name in found and _same(found[name], value) for name, value in wanted.items()
    )


def _same(found: Any, wanted: Any) -> bool:
    """Equal, and not as Python has it where True is 1."""
    return found == wanted and isinstance(found, bool) is isinstance(wanted, bool)
