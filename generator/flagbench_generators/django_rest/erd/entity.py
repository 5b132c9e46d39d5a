"""Entities: their fields, relations and derived names."""

from collections.abc import Container, Iterable, Iterator
from typing import Literal, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr

from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.names import EntityName, FieldName, is_field_name
from flagbench_generators.django_rest.erd.problem import validation_error
from flagbench_generators.django_rest.erd.schema_rules import add_relation_rules, drop_null_option
from flagbench_generators.kernel.naming import plural, snake_case
from flagbench_generators.kernel.problem import Problem

Kind = Literal["one_to_one", "foreign_key", "many_to_many"]
OnDelete = Literal["cascade", "protect", "set_null"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Relation(BaseModel):
    """A relation to another entity, or to the same one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=add_relation_rules)

    name: FieldName = pydantic.Field(
        description="Its name in this entity, such as customer; a plural for many_to_many."
    )
    kind: Kind = pydantic.Field(
        description="foreign_key: many of these to one of those; one_to_one; many_to_many."
    )
    to: StrictStr = pydantic.Field(
        description="The name of the other entity, or of this one for a self-reference."
    )
    through: StrictStr | None = pydantic.Field(
        default=None,
        description="The name of the entity that holds the pairs of a many_to_many; it has a "
        "foreign_key to each side, and may have more fields.",
        json_schema_extra=drop_null_option,
    )
    null: StrictBool = pydantic.Field(
        default=False, description="True if it may be omitted or null; not for many_to_many."
    )
    on_delete: OnDelete = pydantic.Field(
        default="cascade",
        description="The effect on this row of deleting the other: it is deleted too (cascade), it "
        "prevents that (protect), or it is kept with null (set_null, which needs null).",
    )

    @property
    def is_many(self) -> bool:
        """True for a relation to any number of rows."""
        return self.kind == "many_to_many"

    @property
    def column(self) -> str | None:
        """The column with the id of the other row; None for many_to_many."""
        return None if self.is_many else f"{self.name}_id"

    @property
    def words(self) -> str:
        """The name in words, such as "Ordered by"."""
        return self.name.replace("_", " ").capitalize()

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Relation":
        if problems := list(_relation_problems(self)):
            raise validation_error(problems)
        return self


class Entity(BaseModel):
    """A table of the project; its model, route and words are derived from its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: EntityName = pydantic.Field(
        description="Its name in CamelCase and singular, such as OrderLine."
    )
    fields: tuple[Field, ...] = pydantic.Field(
        default=(), description="Its fields, in order. Every entity also has an id."
    )
    relations: tuple[Relation, ...] = pydantic.Field(
        default=(), description="Its relations; each is declared on one side only."
    )

    @property
    def module(self) -> str:
        """The name in snake_case: order_line. It may be a keyword of Python (`Class`)."""
        return snake_case(self.name)

    @property
    def table(self) -> str:
        """The plural of the module: order_lines."""
        return plural(self.module)

    @property
    def route(self) -> str:
        """The collection in an address: order-lines."""
        return self.table.replace("_", "-")

    @property
    def words(self) -> str:
        """The name in words: Order line."""
        return self.module.replace("_", " ").capitalize()

    @property
    def own_names(self) -> frozenset[str]:
        """Every name in its model: fields, relations, columns, methods of choices."""
        added = (name for name, _ in added_names(self.fields, self.relations))
        fields = (field.name for field in self.fields)
        return frozenset([*fields, *(relation.name for relation in self.relations), *added])


def added_names(
    fields: Iterable[Field], relations: Iterable[Relation]
) -> Iterator[tuple[str, str]]:
    """Yield names added by choices and relations, each with the name of its part."""
    for field in fields:
        if field.choices:
            yield f"get_{field.name}_display", field.name
    for relation in relations:
        if relation.column is not None:
            yield relation.column, relation.name


def related_name(
    entity: str, relation: Relation, relations: Iterable[Relation], taken: Container[str]
) -> str:
    """Return the name of a relation on the other side; `relations` are all those of the entity.

    `order_lines`, or `profile` for one_to_one. The relation is added (`shipments_as_origin`) if
    several relations lead to the same entity, if the relation is a self-reference, or if the short
    name is `taken` by a part of the other entity or reserved by Python or Django.
    """
    module = snake_case(entity)
    name = module if relation.kind == "one_to_one" else plural(module)
    is_only = sum(other.to == relation.to for other in relations) == 1 and relation.to != entity
    if is_only and name not in taken and is_field_name(name):
        return name
    return f"{name}_as_{relation.name}"


def _relation_problems(relation: Relation) -> Iterator[Problem]:
    if relation.is_many:
        if relation.null:
            yield Problem(("null",), "a many_to_many is empty rather than null", "leave it out")
        if relation.on_delete != "cascade":
            what = "a many_to_many deletes only its pairs"
            yield Problem(("on_delete",), what, "leave it out")
        return
    if relation.through is not None:
        what = f"a through entity is for many_to_many, not for {relation.kind}"
        yield Problem(("through",), what, "leave it out")
    if relation.on_delete == "set_null" and not relation.null:
        yield Problem(("on_delete",), "set_null without null", '"null": true, or "protect"')
