"""The specification of a Django project: an ERD, as prompts, templates and rules use it."""

from collections.abc import Iterator, Sequence
from functools import cached_property

from flagbench_generators.django_rest.erd import (
    Entity,
    Erd,
    ErdErrors,
    Field,
    canonical,
    digest,
    read,
)
from flagbench_generators.django_rest.erd.entity import Relation
from flagbench_generators.kernel.events import Trace
from flagbench_generators.kernel.request_spec import NotUnderstood

DJANGO_FIELDS = {
    "string": "CharField",
    "text": "TextField",
    "integer": "IntegerField",
    "decimal": "DecimalField",
    "float": "FloatField",
    "boolean": "BooleanField",
    "date": "DateField",
    "datetime": "DateTimeField",
    "time": "TimeField",
    "email": "EmailField",
    "url": "URLField",
    "uuid": "UUIDField",
}


class Project:
    """An ERD as the specification of one project; equal if the ERDs are."""

    beyond_templates = None

    def __init__(self, erd: Erd) -> None:
        self.erd = erd

    def __hash__(self) -> int:
        return hash(self.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Project) and self.digest == other.digest

    @property
    def name(self) -> str:
        """The name of the ERD."""
        return self.erd.name

    @property
    def module(self) -> str:
        """The name of the ERD; no file is named after it."""
        return self.erd.name

    @property
    def entities(self) -> Sequence[Entity]:
        """The entities in the order of the ERD."""
        return self.erd.entities

    @cached_property
    def specification(self) -> str:
        """The canonical text, so that prompts do not depend on how the ERD was written."""
        return canonical(self.erd)

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the canonical text."""
        return digest(self.erd)

    def related_name(self, entity: Entity, relation: Relation) -> str:
        """Return the name of a relation on the other side."""
        return self.erd.related_name(entity, relation)

    def parts(self, per: str, when: str | None) -> Iterator[dict[str, str]]:
        """Yield the placeholder values of a rule: for the project or each part of it."""
        if per == "project":
            if when is None or any(_meets(place, when) for place in self._relations()):
                yield {"project": self.name}
            return
        for entity in self.entities:
            own = {"entity": entity.name, "module": entity.module, "route": entity.route}
            if per == "field":
                for field in entity.fields:
                    if _fits(field, when):
                        names = {"field": field.name, "type": DJANGO_FIELDS[field.type]}
                        yield {**own, **names, "max_length": str(field.length or "")}
            elif per == "relation":
                for relation in entity.relations:
                    if when is None or _meets((entity, relation), when):
                        yield {
                            **own,
                            "relation": relation.name,
                            "kind": relation.kind,
                            "target": relation.to,
                            "related_name": self.related_name(entity, relation),
                            "through": relation.through or "",
                            "on_delete": relation.on_delete.upper(),
                        }
            elif when is None or any(
                _meets((entity, relation), when) for relation in entity.relations
            ):
                yield own

    def _relations(self) -> Iterator[tuple[Entity, Relation]]:
        return ((entity, relation) for entity in self.entities for relation in entity.relations)


def _fits(field: Field, when: str | None) -> bool:
    conditions = {
        None: True,
        "null_field": field.null,
        "required_field": not field.null and not field.has_default,
        "unique_field": field.unique,
        "choices_field": bool(field.choices),
        "bounded_field": field.max_length is not None,
        "default_field": field.has_default,
    }
    return conditions[when]


def _meets(place: tuple[Entity, Relation], when: str) -> bool:
    entity, relation = place
    if when == "through":
        return relation.through is not None
    if when == "self_reference":
        return relation.to == entity.name
    if when == "null_relation":
        return relation.null
    if when == "deleting":  # a many_to_many only deletes its pairs
        return not relation.is_many
    return relation.kind == when


async def understand(request: str, trace: Trace) -> tuple[Project, str]:  # noqa: ARG001  a protocol
    """Read the project of an ERD in JSON. Raises `NotUnderstood` with every problem of the ERD."""
    try:
        project = Project(read(request))
    except ErdErrors as error:
        raise NotUnderstood(str(error)) from error
    return project, f"Django REST backend of the ERD {project.name}"
