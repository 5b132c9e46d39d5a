"""An entity: its fields, its relations, and the names that follow from its name."""

from collections.abc import Container, Iterable, Iterator
from typing import Literal, get_args

import pydantic
from pydantic import BaseModel, ConfigDict, StrictBool, StrictStr

from flagbench_generators.django_rest.erd.field import Field
from flagbench_generators.django_rest.erd.names import EntityName, FieldName, is_field_name
from flagbench_generators.django_rest.erd.problem import Problem, refused
from flagbench_generators.django_rest.erd.schema_rules import may_be_left_out, relation_rules
from flagbench_generators.kernel.naming import plural, snake_case

Kind = Literal["one_to_one", "foreign_key", "many_to_many"]
OnDelete = Literal["cascade", "protect", "set_null"]
KINDS: tuple[Kind, ...] = get_args(Kind)


class Relation(BaseModel):
    """A relation to another entity, or to the same one."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=relation_rules)

    name: FieldName = pydantic.Field(
        description="What it is called in this entity, such as customer; the plural where it is "
        "many_to_many."
    )
    kind: Kind = pydantic.Field(
        description="foreign_key: many of these to one of those; one_to_one; many_to_many."
    )
    to: StrictStr = pydantic.Field(
        description="The name of the entity it leads to; its own for a self-reference."
    )
    through: StrictStr | None = pydantic.Field(
        default=None,
        description="The name of the entity that holds the pairs of a many_to_many; that has a "
        "foreign_key to each side, and fields of its own if you like.",
        json_schema_extra=may_be_left_out,
    )
    null: StrictBool = pydantic.Field(
        default=False, description="Whether it may be left out or null; not for many_to_many."
    )
    on_delete: OnDelete = pydantic.Field(
        default="cascade",
        description="What happens to this row when the other is deleted: it goes too (cascade), "
        "it forbids that (protect), or it stays without (set_null, which needs null).",
    )

    @property
    def is_many(self) -> bool:
        """Whether it leads to any number of rows."""
        return self.kind == "many_to_many"

    @property
    def column(self) -> str | None:
        """The column that holds the other row's id; None for many_to_many."""
        return None if self.is_many else f"{self.name}_id"

    @property
    def words(self) -> str:
        """The name in words, such as "Ordered by"."""
        return self.name.replace("_", " ").capitalize()

    @pydantic.model_validator(mode="after")
    def _check(self) -> "Relation":
        if problems := list(_relation_problems(self)):
            raise refused(problems)
        return self


class Entity(BaseModel):
    """What is stored as a table. Its model, address and words follow from its name."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: EntityName = pydantic.Field(
        description="Its name in CamelCase and singular, such as OrderLine."
    )
    fields: tuple[Field, ...] = pydantic.Field(
        default=(), description="Its values, in order. Every entity has an id besides."
    )
    relations: tuple[Relation, ...] = pydantic.Field(
        default=(), description="Its relations; each is told by one side only."
    )

    @property
    def module(self) -> str:
        """The name in snake_case: order_line. It may be a word of Python's (`Class`)."""
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
        """Every name that its model has by itself: parts, columns, methods of choices."""
        added = (name for name, _ in added_names(self.fields, self.relations))
        fields = (one.name for one in self.fields)
        return frozenset([*fields, *(one.name for one in self.relations), *added])


def added_names(
    fields: Iterable[Field], relations: Iterable[Relation]
) -> Iterator[tuple[str, str]]:
    """The names that come with choices and relations, each with the name of its part."""
    for field in fields:
        if field.choices:
            yield f"get_{field.name}_display", field.name
    for relation in relations:
        if relation.column is not None:
            yield relation.column, relation.name


def related_name(
    entity: str, relation: Relation, relations: Iterable[Relation], taken: Container[str]
) -> str:
    """What the other side calls a relation of an entity that has these relations.

    `order_lines`, or `profile` where it is one_to_one. Where several relations lead there, or it
    leads to the entity itself, it says which one it is: `shipments_as_origin`. So it does where the
    short name is `taken` by a part of the other entity, or by Python or Django.
    """
    module = snake_case(entity)
    name = module if relation.kind == "one_to_one" else plural(module)
    is_only = sum(one.to == relation.to for one in relations) == 1 and relation.to != entity
    if is_only and name not in taken and is_field_name(name):
        return name
    return f"{name}_as_{relation.name}"


def _relation_problems(relation: Relation) -> Iterator[Problem]:
    if relation.is_many:
        if relation.null:
            yield Problem(("null",), "a many_to_many is empty rather than null", "to leave it out")
        if relation.on_delete != "cascade":
            what = "of a many_to_many only the pairs are deleted"
            yield Problem(("on_delete",), what, "to leave it out")
        return
    if relation.through is not None:
        what = f"a through entity is for many_to_many, not for {relation.kind}"
        yield Problem(("through",), what, "to leave it out")
    if relation.on_delete == "set_null" and not relation.null:
        yield Problem(("on_delete",), "set_null without null", '"null": true, or "protect"')
