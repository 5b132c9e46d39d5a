"""Rows made through the API, and before them those without which they cannot be."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from flagbench.acceptance.django import samples
from flagbench.acceptance.django.rest_api import SERIALIZERS, Api
from flagbench.scenario.erd import Entity, Erd, Relation

_AS_IT_IS: Mapping[str, Any] = {}


class Rows:
    """The rows of a project. Each gets values of its own."""

    def __init__(self, erd: Erd, api: Api) -> None:
        self._erd = erd
        self._api = api
        self._made: Counter[str] = Counter()
        self._shared: dict[str, int] = {}

    def body(self, entity: Entity, changed: Mapping[str, Any] = _AS_IT_IS) -> dict[str, Any]:
        """A valid body: every field, and the relations that are required, unless changed."""
        self._made[entity.name] += 1
        row = self._made[entity.name]
        body = {one.name: samples.value(one, row) for one in entity.fields}
        for one in entity.ones:
            if one.required and one.name not in changed:
                body[one.name] = self.target(one)
        return {**body, **changed}

    def smallest(self, entity: Entity) -> dict[str, Any]:
        """A valid body without anything that may be left out."""
        optional = {one.name for one in entity.fields if not one.required}
        return {name: one for name, one in self.body(entity).items() if name not in optional}

    def make(
        self,
        entity: Entity,
        changed: Mapping[str, Any] = _AS_IT_IS,
        *,
        check: str = "create",
        because: str = "",
    ) -> dict[str, Any]:
        """A new row, as the API answers it. Raises `Refuted` if it cannot be made."""
        body = self.body(entity, changed)
        return self._api.expect_row(
            check, SERIALIZERS, "POST", entity.address, 201, body,
            of=entity, holds=body, because=because,
        )  # fmt: skip

    def target(self, relation: Relation) -> int:
        """The id of a row that a relation can lead to: one of its own where it must be."""
        return self.fresh(relation.to) if relation.kind == "one_to_one" else self.any(relation.to)

    def any(self, name: str) -> int:
        """The id of a row of an entity that is there for others to lead to."""
        if name not in self._shared:
            self._shared[name] = self.fresh(name)
        return self._shared[name]

    def fresh(self, name: str) -> int:
        """The id of a new row."""
        number: int = self.make(self._erd.entity(name))["id"]
        return number
