"""Checks of relations over REST: set, read, changed, and refused for a missing target."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.crud import samples, sqlite_schema
from flagbench.acceptance.crud.rest_client import MISSING_ID, Routes, has_values
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.specification import Entity


def target_rows(case: Case, probe: ProbeClient) -> dict[str, int]:
    """Insert two rows for each related entity; entity -> the id of its second row."""
    ids: dict[str, int] = {}
    for related in case.related:
        for entity in (*sqlite_schema.required_targets(related, case.related), related):
            if entity.entity not in ids:
                ids[entity.entity] = _insert_two_rows(entity, case, probe)
    return ids


def _insert_two_rows(entity: Entity, case: Case, probe: ProbeClient) -> int:
    """Insert two rows with consecutive ids; the id of the second."""
    try:
        for row in (1, 2):
            sqlite_schema.insert(probe, entity, case.related, row, case.seed)
        last = sqlite_schema.last_id(probe, entity)
    except Raised as raised:
        what = f"the table of {entity.entity} rejects a valid row: {raised}"
        raise Refuted("boots", what) from raised
    if not isinstance(last, int):
        what = f"the rows of {entity.entity} have id {last!r}; expected: an integer"
        raise Refuted("boots", what)
    return last


def required_relations(entity: Entity, targets: Mapping[str, int]) -> dict[str, Any]:
    """The part of a valid body that its required relations make."""
    return {
        f"{name}_id": targets[relation.target]
        for name, relation in entity.relations.items()
        if relation.required and relation.kind == "many_to_one" and relation.target is not None
    }


def check_relations(api: Routes, case: Case, targets: Mapping[str, int]) -> None:
    """Check every relation of the entity; `targets` are ids of existing rows by entity."""
    modules = {entity.entity: entity.module for entity in (*case.related, case.entity)}
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
                    attribute.name: samples.value(attribute, place, row, case.seed)
                    for place, attribute in enumerate(relation.children)
                }
                for row in (1, 2)
            ]
        _check_relation(api, field, linked, empty)
        if unknown:
            body = api.body(7, **unknown)
            api.expect("relations", "POST", api.address, "refused", body=body)


def _check_relation(api: Routes, field: str, linked: Any, empty: Any) -> None:
    """Set, read, clear and set the relation again, and delete a row that has it."""
    body = api.body(6, **{field: linked})
    stored = api.expect("relations", "POST", api.address, "create", {}, body=body)
    row = api.row(stored.get("id"))
    _expect_relation(api, row, field, linked)
    api.expect("relations", "PUT", row, "update", body=api.body(6, **{field: empty}))
    _expect_relation(api, row, field, empty)
    api.expect("relations", "PUT", row, "update", body=body)
    _expect_relation(api, row, field, linked)
    api.expect("relations", "DELETE", row, "delete", because=" (a row with relations)")


def _expect_relation(api: Routes, row: str, field: str, linked: Any) -> None:
    stored = api.expect("relations", "GET", row, "read")
    got = stored.get(field, "nothing") if isinstance(stored, dict) else stored
    if isinstance(linked, list) and isinstance(got, list):
        same = len(got) == len(linked) and all(
            has_values(item, wanted) if isinstance(wanted, dict) else item == wanted
            for item, wanted in zip(_in_order(got), linked, strict=True)
        )
    else:
        same = got == linked
    if not same:
        what = f"GET {row}: {field} is {got!r}; expected: {linked!r}"
        raise Refuted("relations", what)


def _in_order(items: list[Any]) -> list[Any]:
    """Sort ids, whose order is not specified; children keep their order."""
    return sorted(items) if all(isinstance(item, int) for item in items) else items
