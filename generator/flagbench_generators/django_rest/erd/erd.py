"""The whole ERD, its canonical text and its digest."""

import hashlib
import json
from collections.abc import Sequence

import pydantic
from pydantic import BaseModel, ConfigDict

from flagbench_generators.django_rest.erd.checks import Part, problems_of
from flagbench_generators.django_rest.erd.entity import Entity, Relation, related_name
from flagbench_generators.django_rest.erd.names import ErdName
from flagbench_generators.django_rest.erd.problem import validation_error

MAX_ENTITIES = 500


class Erd(BaseModel):
    """Entities with their fields and relations."""

    model_config = ConfigDict(frozen=True, extra="forbid", title="ERD")

    name: ErdName = pydantic.Field(description="Its name in lower case, such as web-shop.")
    entities: tuple[Entity, ...] = pydantic.Field(
        min_length=1,
        max_length=MAX_ENTITIES,
        description="Its entities, in any order.",
    )

    def entity(self, name: str) -> Entity:
        """Return the entity of a name. Raises `KeyError` for an unknown one."""
        for entity in self.entities:
            if entity.name == name:
                return entity
        raise KeyError(name)

    def related_name(self, entity: Entity, relation: Relation) -> str:
        """Return the name of a relation on the other side."""
        taken = self.entity(relation.to).own_names
        return related_name(entity.name, relation, entity.relations, taken)

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Erd":
        if problems := list(problems_of(_parts(self.entities))):
            raise validation_error(problems)
        return self


def canonical(erd: Erd) -> str:
    """Write the canonical JSON text of an ERD: entities by name, keys in fixed order, no defaults.

    Fields and relations keep their order, since files are generated in it.
    """
    document = erd.model_dump(mode="json", exclude_defaults=True)
    document["entities"].sort(key=lambda entity: entity["name"])
    return json.dumps(document, indent=2, ensure_ascii=False)


def digest(erd: Erd) -> str:
    """Return the SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(erd).encode("utf-8")).hexdigest()


def _parts(entities: Sequence[Entity]) -> list[Part]:
    parts = []
    for number, entity in enumerate(entities):
        place = ("entities", number)
        fields = [((*place, "fields", at), field) for at, field in enumerate(entity.fields)]
        relations = [((*place, "relations", at), rel) for at, rel in enumerate(entity.relations)]
        targets = [((*at, "to"), relation.to) for at, relation in relations]
        is_empty = not fields and not relations
        parts.append(Part(place, entity.name, fields, relations, targets, is_empty))
    return parts
