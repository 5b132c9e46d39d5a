"""Rows created through the API, together with the rows that they require."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.rest_api import SERIALIZERS, Api
from flagbench.scenario.erd import Entity, Erd, Relation

_UNCHANGED: Mapping[str, Any] = {}


class Rows:
    """Creates the rows of a project, each with different values."""

    def __init__(self, erd: Erd, api: Api) -> None:
        self._erd = erd
        self._api = api
        self._made: Counter[str] = Counter()
        self._shared: dict[str, int] = {}

    def body(
        self, entity: Entity, changed: Mapping[str, Any] = _UNCHANGED, row: int | None = None
    ) -> dict[str, Any]:
        """Build a valid body: every field and every required relation, with some values changed.

        The values are those of `row`, of the next one by default.
        """
        self._made[entity.name] += 1
        row = self._made[entity.name] if row is None else row
        body = {field.name: samples.value(field, row) for field in entity.fields}
        for relation in entity.ones:
            if relation.required and relation.name not in changed:
                body[relation.name] = self.target(relation)
        return {**body, **changed}

    def smallest(self, entity: Entity) -> dict[str, Any]:
        """Build a valid body without optional values."""
        optional = {field.name for field in entity.fields if not field.required}
        return {name: sample for name, sample in self.body(entity).items() if name not in optional}

    def make(
        self,
        entity: Entity,
        changed: Mapping[str, Any] = _UNCHANGED,
        *,
        check: str = "create",
        because: str = "",
        row: int | None = None,
    ) -> dict[str, Any]:
        """Create a row; the answer of the API. Raises `Refuted` if that fails."""
        body = self.body(entity, changed, row)
        return self._api.expect_row(
            check, SERIALIZERS, "POST", entity.address, 201, body,
            of=entity, holds=body, because=because,
        )  # fmt: skip

    def target(self, relation: Relation) -> int:
        """Id of a row that a relation can have as its target: a new one for one-to-one."""
        return self.fresh(relation.to) if relation.kind == "one_to_one" else self.any(relation.to)

    def any(self, name: str) -> int:
        """Id of a row of an entity that relations may share as their target."""
        if name not in self._shared:
            self._shared[name] = self.fresh(name)
        return self._shared[name]

    def fresh(self, name: str) -> int:
        """Id of a new row."""
        number: int = self.make(self._erd.entity(name))["id"]
        return number
