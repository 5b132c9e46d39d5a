"""The whole of an ERD, its one form as text, and its digest."""

import hashlib
import json
from collections.abc import Sequence

import pydantic
from pydantic import BaseModel, ConfigDict

from flagbench_generators.django_rest.erd.checks import Part, problems_of
from flagbench_generators.django_rest.erd.entity import Entity, Relation, related_name
from flagbench_generators.django_rest.erd.names import ErdName
from flagbench_generators.django_rest.erd.problem import refused

MOST_ENTITIES = 500


class Erd(BaseModel):
    """Entities with their fields and relations."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="ERD")

    name: ErdName = pydantic.Field(description="Its name in lower case, such as web-shop.")
    entities: tuple[Entity, ...] = pydantic.Field(
        min_length=1,
        max_length=MOST_ENTITIES,
        description="Its entities, in any order.",
    )

    def entity(self, name: str) -> Entity:
        """The entity of that name. Raises `KeyError` where there is none."""
        for one in self.entities:
            if one.name == name:
                return one
        raise KeyError(name)

    def related_name(self, entity: Entity, relation: Relation) -> str:
        """What the other side calls a relation of an entity of this ERD."""
        taken = self.entity(relation.to).own_names
        return related_name(entity.name, relation, entity.relations, taken)

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Erd":
        if problems := list(problems_of(_parts(self.entities))):
            raise refused(problems)
        return self


def canonical(erd: Erd) -> str:
    """The one JSON text of an ERD: entities by name, keys in a fixed order, no defaults.

    The order of fields and of relations is kept, since files are generated in it.
    """
    document = erd.model_dump(mode="json", exclude_defaults=True)
    document["entities"].sort(key=lambda entity: entity["name"])
    return json.dumps(document, indent=2, ensure_ascii=False)


def digest(erd: Erd) -> str:
    """The SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(erd).encode("utf-8")).hexdigest()


def _parts(entities: Sequence[Entity]) -> list[Part]:
    parts = []
    for number, one in enumerate(entities):
        place = ("entities", number)
        fields = [((*place, "fields", at), field) for at, field in enumerate(one.fields)]
        relations = [((*place, "relations", at), rel) for at, rel in enumerate(one.relations)]
        targets = [((*at, "to"), relation.to) for at, relation in relations]
        is_empty = not fields and not relations
        parts.append(Part(place, one.name, fields, relations, targets, is_empty))
    return parts
