"""Checks of the relations of one entity: set, read, replaced, cleared, and after deletion."""

from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.django.rest_api import MODELS, SERIALIZERS, VIEWS, Api
from flagbench.acceptance.django.rows import Rows
from flagbench.scenario.erd import Entity, Erd, Relation, ends_of

_CHECK = "relations"
# Both are accepted for deleting a protected row: conflict, or bad request.
_REFUSED = (409, 400)


def check_relations(entity: Entity, erd: Erd, api: Api, rows: Rows) -> None:
    """Check every relation of an entity. Raises `Refuted`."""
    for relation in entity.ones:
        _check_one(entity, relation, erd, api, rows)
    for relation in entity.manys:
        if relation.through is None:
            _check_many(entity, relation, erd, api, rows)
        else:
            _check_through(entity, relation, erd.entity(relation.through), api, rows)


def _check_one(entity: Entity, relation: Relation, erd: Erd, api: Api, rows: Rows) -> None:
    name, target = relation.name, erd.entity(relation.to)
    first, second = rows.target(relation), rows.fresh(relation.to)
    row = rows.make(entity, {name: first}, check=_CHECK, because=f" with {name}")
    path = f"{entity.address}{row['id']}/"
    if relation.null:
        _expect(entity, api, "PATCH", path, {name: None}, because=" to clear it")
        _expect(entity, api, "GET", path, {name: None})
    _expect(entity, api, "PATCH", path, {name: second})
    _expect(entity, api, "GET", path, {name: second})
    if relation.kind == "one_to_one":
        because = f" with a {name} that another row has already"
        body = rows.body(entity, {name: second})
        api.expect(_CHECK, SERIALIZERS, "POST", entity.address, 400, body, because=because)
    gone = f"{target.address}{second}/"
    if relation.on_delete == "protect":
        because = f", which {entity.name}.{name} protects,"
        api.expect(_CHECK, VIEWS, "DELETE", gone, _REFUSED, because=because)
        api.expect(_CHECK, MODELS, "GET", gone, 200, because=because)
        _expect(entity, api, "GET", path, {name: second})
        return
    because = f", the target of {entity.name}.{name},"
    api.expect(_CHECK, MODELS, "DELETE", gone, 204, because=because)
    because = f" after the target of {name} was deleted ({relation.on_delete})"
    if relation.on_delete == "cascade":
        api.expect(_CHECK, MODELS, "GET", path, 404, because=because)
    else:
        _expect(entity, api, "GET", path, {name: None}, file=MODELS, because=because)


def _check_many(entity: Entity, relation: Relation, erd: Erd, api: Api, rows: Rows) -> None:
    name = relation.name
    first, second = rows.any(relation.to), rows.fresh(relation.to)
    row = rows.make(entity, {name: [first, second]}, check=_CHECK, because=f" with {name}")
    path = f"{entity.address}{row['id']}/"
    if relation.to == entity.name:
        because = f", which is in the {name} of another row"
        there = f"{entity.address}{second}/"
        _expect(entity, api, "GET", there, {name: []}, file=MODELS, because=because)
    _expect(entity, api, "PATCH", path, {name: [second]}, because=" to replace them")
    _expect(entity, api, "GET", path, {name: [second]})
    gone = f"{erd.entity(relation.to).address}{second}/"
    api.expect(_CHECK, MODELS, "DELETE", gone, 204)
    because = " after the only one was deleted"
    _expect(entity, api, "GET", path, {name: []}, file=MODELS, because=because)


def _check_through(
    entity: Entity, relation: Relation, through: Entity, api: Api, rows: Rows
) -> None:
    own, other = ends_of(entity, relation, through)
    row, target = rows.make(entity, check=_CHECK), rows.any(relation.to)
    through_row = rows.make(through, {own: row["id"], other: target}, check=_CHECK)
    path = f"{entity.address}{row['id']}/"
    because = f" after a {through.name} was created"
    _expect(entity, api, "GET", path, {relation.name: [target]}, because=because)
    body = rows.body(entity, {relation.name: []})
    api.expect(_CHECK, SERIALIZERS, "PUT", path, (200, 400), body)
    because = f" after a PUT, which cannot change the rows of {through.name}"
    _expect(entity, api, "GET", path, {relation.name: [target]}, because=because)
    api.expect(_CHECK, VIEWS, "DELETE", f"{through.address}{through_row['id']}/", 204)
    because = f" after the {through.name} was deleted"
    _expect(entity, api, "GET", path, {relation.name: []}, because=because)


def _expect(
    entity: Entity, api: Api, method: str, path: str, holds: Mapping[str, Any], *,
    file: str = SERIALIZERS, because: str = "",
) -> None:  # fmt: skip
    """Read a row, or change it to `holds`, and expect these values."""
    body = None if method == "GET" else dict(holds)
    api.expect_row(_CHECK, file, method, path, 200, body, of=entity, holds=holds, because=because)
