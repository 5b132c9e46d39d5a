"""Relations over REST: set, read back, changed, refused when they point at nothing."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.crud import samples, sqlite_schema
from flagbench.acceptance.crud.rest_client import MISSING_ID, Routes, holds
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.specification import Entity


def target_rows(case: Case, asker: ProbeClient) -> dict[str, int]:
    """Two rows in the tables that the entity points at; entity -> the second row's id."""
    ids: dict[str, int] = {}
    for related in case.related:
        for one in (*sqlite_schema.needed(related, case.related), related):
            if one.entity not in ids:
                ids[one.entity] = _two_rows(one, case, asker)
    return ids


def _two_rows(one: Entity, case: Case, asker: ProbeClient) -> int:
    """The id of the second; the first has the one before it."""
    try:
        for row in (1, 2):
            sqlite_schema.insert(asker, one, case.related, row)
        found = sqlite_schema.last_id(asker, one)
    except Raised as raised:
        raise Refuted("boots", f"{one.entity}'s table takes no valid row: {raised}") from raised
    if not isinstance(found, int):
        raise Refuted("boots", f"{one.entity}'s table gives its rows no id: {found!r}")
    return found


def required_links(entity: Entity, targets: Mapping[str, int]) -> dict[str, Any]:
    """What a valid body must hold of relations."""
    return {
        f"{name}_id": targets[one.target]
        for name, one in entity.relations.items()
        if one.required and one.kind == "many_to_one" and one.target is not None
    }


def check_relations(api: Routes, case: Case, targets: Mapping[str, int]) -> None:
    """Every relation of the entity; `targets` are ids of rows that are there."""
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
    suffix = f"/{api.expect('relations', 'POST', '', 201, {}, body=body).get('id')}"
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
            holds(one, wanted) if isinstance(wanted, dict) else one == wanted
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
