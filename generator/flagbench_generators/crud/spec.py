"""Specifications of requests: entities with attributes, relations and business rules."""

import json
import keyword
import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, WithJsonSchema

from flagbench_generators.kernel.naming import plural, snake_case

_PYTHON_TYPES = {
    "string": "str",
    "text": "str",
    "integer": "int",
    "number": "float",
    "boolean": "bool",
    "date": "datetime.date",
    "datetime": "datetime.datetime",
    "email": "str",
}
# Bounds of a schema, see `answer_schema`: without them a small model goes on for ever.
MOST_ATTRIBUTES, MOST_RELATIONS, MOST_RULES = 30, 10, 20
_ENTITY, _ATTRIBUTE = r"[A-Z][A-Za-z0-9]*", r"[a-z][a-z0-9_]*"
_SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


def _ascii(name: str) -> str:
    """Convert a name to ASCII, for files, addresses and columns: `Endereço` -> `Endereco`."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")


def _check_entity_name(name: str) -> str:
    name = _ascii(name)
    if not re.fullmatch(_ENTITY, name) or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is not an entity name; expected: e.g. 'OrderLine'")
    return name


def _check_attribute_name(name: str) -> str:
    name = _ascii(name)
    if not re.fullmatch(_ATTRIBUTE, name) or keyword.iskeyword(name) or name == "id":
        raise ValueError(f"{name!r} is not an attribute name; expected: e.g. 'birth_date'")
    return name


def _pattern(expression: str) -> WithJsonSchema:
    """A name in a schema of answers, which is already in ASCII."""
    return WithJsonSchema({"type": "string", "pattern": f"^{expression}$"})


EntityName = Annotated[str, AfterValidator(_check_entity_name), _pattern(_ENTITY)]
AttributeName = Annotated[str, AfterValidator(_check_attribute_name), _pattern(_ATTRIBUTE)]


class _Value(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Attribute(_Value):
    """A named value of an entity."""

    name: AttributeName
    type: Literal["string", "text", "integer", "number", "boolean", "date", "datetime", "email"]
    required: bool = True

    @property
    def python_type(self) -> str:
        """The annotation, without None."""
        return _PYTHON_TYPES[self.type]

    @property
    def sql_type(self) -> str:
        """The SQLite column type."""
        return _SQL_TYPES.get(self.type, "TEXT")

    @property
    def words(self) -> str:
        """The name in words, such as "Birth date"."""
        return self.name.replace("_", " ").capitalize()


class Relation(_Value):
    """A relation to another entity; the `attributes` of one_to_many are those of its children."""

    name: AttributeName
    kind: Literal["many_to_one", "many_to_many", "one_to_many"]
    target: EntityName
    required: bool = False
    attributes: Annotated[
        tuple[Attribute, ...], Field(json_schema_extra={"maxItems": MOST_ATTRIBUTES})
    ] = ()

    @property
    def field(self) -> str:
        """The field in JSON."""
        if self.kind == "many_to_one":
            return f"{self.name}_id"
        return f"{snake_case(self.target)}_ids" if self.kind == "many_to_many" else self.name

    @property
    def target_table(self) -> str:
        """The table of the other entity."""
        return plural(snake_case(self.target))

    @property
    def words(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ").capitalize()


Named = TypeVar("Named", bound=Attribute | Relation)


class Recognition(_Value):
    """The content of a request in words: a delta to an entity."""

    intent: Literal["create", "evolve", "relate"]
    entity: EntityName
    attributes: Annotated[
        tuple[Attribute, ...], Field(json_schema_extra={"maxItems": MOST_ATTRIBUTES})
    ] = ()
    relations: Annotated[
        tuple[Relation, ...], Field(json_schema_extra={"maxItems": MOST_RELATIONS})
    ] = ()
    rules: Annotated[tuple[str, ...], Field(json_schema_extra={"maxItems": MOST_RULES})] = ()


class Entity(_Value):
    """An entity with everything requested so far. Modules and tables are named after it."""

    name: EntityName
    attributes: tuple[Attribute, ...] = ()
    relations: tuple[Relation, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def module(self) -> str:
        """The name in snake_case."""
        return snake_case(self.name)

    @property
    def table(self) -> str:
        """The plural of the module."""
        return plural(self.module)

    @property
    def path(self) -> str:
        """The collection in the API."""
        return f"/{self.table}"

    @property
    def title_words(self) -> str:
        """The name in words, such as "Order line"."""
        return self.module.replace("_", " ").capitalize()

    @property
    def specification(self) -> str:
        """The specification that prompts carry, as JSON."""
        return json.dumps(
            {
                "entity": self.name,
                "module": self.module,
                "table": self.table,
                "path": self.path,
                "attributes": [attribute.model_dump() for attribute in self.attributes],
                "relations": [relation.model_dump() for relation in self.relations],
                "rules": self.rules,
            },
            indent=2,
            ensure_ascii=False,
        )

    @property
    def beyond_templates(self) -> str | None:
        """The reason why no template can write this entity's code; None if one can."""
        if self.rules:
            return "business rules"
        kinds = sorted({relation.kind for relation in self.relations} - {"many_to_one"})
        return f"{' and '.join(kinds)} relations" if kinds else None

    def parts(self, per: str, when: str | None) -> Iterator[dict[str, str]]:
        """Yield the placeholder values of a rule: for the entity or each attribute or relation."""
        own = {
            "entity": self.name,
            "module": self.module,
            "table": self.table,
            "path": self.path,
        }
        if per == "attribute":
            for attribute in self.attributes:
                if when in (
                    None,
                    "required_attribute" if attribute.required else "optional_attribute",
                ):
                    yield {**own, "attribute": attribute.name, "type": attribute.python_type}
        elif per == "relation":
            for relation in self.relations:
                if when in (None, relation.kind):
                    names = {"relation": relation.name, "field": relation.field}
                    yield {**own, **names, "target": relation.target}
        elif self._meets(when):
            yield own

    def _meets(self, when: str | None) -> bool:
        if when is None:
            return True
        if when == "has_rules":
            return bool(self.rules)
        if when in ("required_attribute", "optional_attribute"):
            return any(
                attribute.required == (when == "required_attribute")
                for attribute in self.attributes
            )
        return any(relation.kind == when for relation in self.relations)

    def apply(self, delta: Recognition) -> "Entity":
        """Return this entity with a delta merged in, which replaces parts of the same name.

        No two parts share a field: a later relation replaces an earlier one of the same field, and
        any relation an attribute of that name (`teacher` replaces an attribute `teacher_id`).
        """
        by_field = {
            relation.field: relation for relation in _merge(self.relations, delta.relations)
        }
        return Entity(
            name=self.name,
            attributes=tuple(
                attribute
                for attribute in _merge(self.attributes, delta.attributes)
                if attribute.name not in by_field
            ),
            relations=tuple(by_field.values()),
            rules=tuple(dict.fromkeys((*self.rules, *delta.rules))),
        )


def _merge(old: tuple[Named, ...], new: tuple[Named, ...]) -> tuple[Named, ...]:
    return tuple({part.name: part for part in (*old, *new)}.values())
