"""What is asked for: entities with attributes, relations and business rules."""

import json
import keyword
import re
import unicodedata
from collections.abc import Iterator
from typing import Annotated, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict

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
_SQL_TYPES = {"integer": "INTEGER", "number": "REAL", "boolean": "INTEGER"}


def _ascii(name: str) -> str:
    """Names become files, addresses and columns: `Endereço` is written `Endereco`."""
    return unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode("ascii")


def _entity_name(name: str) -> str:
    name = _ascii(name)
    if not re.fullmatch(r"[A-Z][A-Za-z0-9]*", name) or keyword.iskeyword(name):
        raise ValueError(f"{name!r} is no entity name; right would be e.g. 'OrderLine'")
    return name


def _attribute_name(name: str) -> str:
    name = _ascii(name)
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or keyword.iskeyword(name) or name == "id":
        raise ValueError(f"{name!r} is no attribute name; right would be e.g. 'birth_date'")
    return name


EntityName = Annotated[str, AfterValidator(_entity_name)]
AttributeName = Annotated[str, AfterValidator(_attribute_name)]


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
    attributes: tuple[Attribute, ...] = ()

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
    """What a request in words asks for: a delta to what is known of one entity."""

    intent: Literal["create", "evolve", "relate"]
    entity: EntityName
    attributes: tuple[Attribute, ...] = ()
    relations: tuple[Relation, ...] = ()
    rules: tuple[str, ...] = ()


class Entity(_Value):
    """Everything known of an entity. Rooms and tables are named after it."""

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
                "attributes": [one.model_dump() for one in self.attributes],
                "relations": [one.model_dump() for one in self.relations],
                "rules": self.rules,
            },
            indent=2,
            ensure_ascii=False,
        )

    @property
    def beyond_templates(self) -> str | None:
        """Why no template can write this entity's code, or None if one can."""
        if self.rules:
            return "business rules"
        kinds = sorted({one.kind for one in self.relations} - {"many_to_one"})
        return f"{' and '.join(kinds)} relations" if kinds else None

    def parts(self, per: str, when: str | None) -> Iterator[dict[str, str]]:
        """The names that a rule fills in: of the entity, of each attribute, or of each relation."""
        own = {
            "entity": self.name,
            "module": self.module,
            "table": self.table,
            "path": self.path,
        }
        if per == "attribute":
            for one in self.attributes:
                if when in (None, "required_attribute" if one.required else "optional_attribute"):
                    yield {**own, "attribute": one.name, "type": one.python_type}
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
            return any(one.required == (when == "required_attribute") for one in self.attributes)
        return any(relation.kind == when for relation in self.relations)

    def evolved(self, delta: Recognition) -> "Entity":
        """This entity with a delta merged in: what has the same name is replaced.

        No two parts share a field: a later relation stands for an earlier one to the same field,
        and any relation for an attribute of that name (`teacher` for an attribute `teacher_id`).
        """
        by_field = {one.field: one for one in _merged(self.relations, delta.relations)}
        return Entity(
            name=self.name,
            attributes=tuple(
                one
                for one in _merged(self.attributes, delta.attributes)
                if one.name not in by_field
            ),
            relations=tuple(by_field.values()),
            rules=tuple(dict.fromkeys((*self.rules, *delta.rules))),
        )


def _merged(old: tuple[Named, ...], new: tuple[Named, ...]) -> tuple[Named, ...]:
    return tuple({one.name: one for one in (*old, *new)}.values())
