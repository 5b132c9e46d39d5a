"""Checks of relations over REST: set, read, changed, and refused for a missing target."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flagbench.acceptance.crud import samples, sqlite_schema
from flagbench.acceptance.crud.rest_client import MISSING_ID, Routes, has_values
from flagbench.acceptance.probe_client import ProbeClient
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.scenario.specification import Attribute, Entity


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
        if relation.kind == "many_to_one":
            field, target = f"{name}_id", targets[str(relation.target)]
            linked: Any = target
            empty: Any = target - 1 if relation.required else None
            refused: list[Any] = [MISSING_ID, "not an id"]
        elif relation.kind == "many_to_many":
            field, target = f"{modules[str(relation.target)]}_ids", targets[str(relation.target)]
            linked, empty = [target - 1, target], []
            refused = [[MISSING_ID], ["not an id"]]
        else:
            field, empty = name, []
            linked = [
                {
                    attribute.name: samples.value(attribute, place, row, case.seed)
                    for place, attribute in enumerate(relation.children)
                }
                for row in (2, 1)  # in no order but that in which they are sent
            ]
            refused = list(_wrong_children(relation.children, linked[0]))
        _check_relation(api, field, linked, empty, refused)
        if relation.kind == "many_to_many":
            _check_link_twice(api, field, linked)


def _check_link_twice(api: Routes, field: str, linked: list[int]) -> None:
    """Name an id twice: that is one link, or refused."""
    row = _create(api, field, 4, linked)
    twice: Any = linked[:1] * 2
    body, because = api.body(4, **{field: twice}), f" with an id twice in {field}"
    api.expect("relations", "PUT", row, ("update", "refused"), body=body, because=because)
    got = api.expect("relations", "GET", row, "read", {}, because=because)[field]
    if got not in (linked[:1], linked):
        what = f"GET {row}{because}: {field} is {got!r}; expected: {linked[:1]}"
        raise Refuted("relations", what)
    api.expect("relations", "DELETE", row, "delete", because=" (a row with relations)")


def _wrong_children(attributes: Sequence[Attribute], child: dict[str, Any]) -> Iterator[Any]:
    """Lists of one child with an invalid part."""
    for attribute in attributes:
        yield [{**child, attribute.name: samples.INVALID[attribute.type][0]}]
        if attribute.required:
            yield [{name: child[name] for name in child if name != attribute.name}]


def _check_relation(api: Routes, field: str, linked: Any, empty: Any, refused: list[Any]) -> None:
    """Set, read, clear and set the relation of a row again, and delete it, beside another row."""
    other = _create(api, field, 4, linked)
    for wrong in refused:
        body = api.body(7, **{field: wrong})
        api.expect("relations", "POST", api.address, "refused", body=body)
        api.expect("relations", "PUT", other, "refused", body=body)
    row = _create(api, field, 6, linked)
    for value in (empty, linked):
        body = api.body(6, **{field: value})
        changed = api.expect("relations", "PUT", row, "update", {}, body=body)
        _expect_value(f"PUT {row}", changed, field, value)
        _expect_relation(api, row, field, value)
        _expect_relation(api, other, field, linked, " (another row)")
    api.expect("relations", "DELETE", row, "delete", because=" (a row with relations)")
    _expect_relation(api, other, field, linked, " (another row)")
    api.expect("relations", "DELETE", other, "delete", because=" (a row with relations)")


def _create(api: Routes, field: str, number: int, linked: Any) -> str:
    """The address of a new row, which the list and its own address show with its relation."""
    body = api.body(number, **{field: linked})
    stored = api.expect("relations", "POST", api.address, "create", {}, body=body)
    _expect_value(f"POST {api.address}", stored, field, linked)
    row = api.row(stored.get("id"))
    _expect_relation(api, row, field, linked)
    rows = api.expect("relations", "GET", api.address, "list")
    for listed in rows if isinstance(rows, list) else []:
        if isinstance(listed, dict) and listed.get("id") == stored.get("id"):
            _expect_value(f"GET {api.address}", listed, field, linked)
    return row


def _expect_relation(api: Routes, row: str, field: str, linked: Any, because: str = "") -> None:
    stored = api.expect("relations", "GET", row, "read", because=because)
    _expect_value(f"GET {row}{because}", stored, field, linked)


def _expect_value(request: str, stored: Any, field: str, linked: Any) -> None:
    """Expect the relation in an answer, with ids in any order and children in theirs."""
    got = stored.get(field, "nothing") if isinstance(stored, dict) else stored
    if isinstance(linked, list) and isinstance(got, list):
        same = len(got) == len(linked) and all(
            has_values(item, wanted) if isinstance(wanted, dict) else item == wanted
            for item, wanted in zip(_in_order(got), linked, strict=True)
        )
    else:
        same = got == linked
    if not same:
        raise Refuted("relations", f"{request}: {field} is {got!r}; expected: {linked!r}")


def _in_order(items: list[Any]) -> list[Any]:
    """Sort ids, whose order is not specified; children keep their order."""
    return sorted(items) if all(isinstance(item, int) for item in items) else items
