"""Entities as tables: columns, names, order, and what no table can have."""

import re
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from flagbench.errors import Place

VALUES = ("text", "integer", "number", "boolean", "email")
# What SQLite takes for a name of a table or a column only in quotes.
_WORDS_OF_SQL = re.compile(
    "add|all|alter|and|as|autoincrement|between|case|check|collate|commit|constraint|create|default"
    "|deferrable|delete|distinct|drop|else|escape|except|exists|foreign|from|group|having|if|in"
    "|index|insert|intersect|into|is|isnull|join|limit|not|nothing|notnull|null|on|or|order|primary"
    "|raise|references|returning|select|set|table|then|to|transaction|union|unique|update|using"
    "|values|when|where"
)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Column(_Part):
    """A field of an entity as it is stored: `kind` is a type of value, or the table of a reference.

    A `sensitive` one is encrypted.
    """

    name: str
    kind: str
    sensitive: bool = False

    @property
    def is_reference(self) -> bool:
        """True for a foreign key."""
        return self.kind not in VALUES


class Entity(_Part):
    """An entity and its columns."""

    name: str
    columns: tuple[Column, ...]

    @property
    def table(self) -> str:
        """The name of its table, and of its collection in the API."""
        return table_of(self.name)


def table_of(name: str) -> str:
    """The table of an entity: its name in the plural, in snake case."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
    if re.search(r"[^aeiou]y\Z", words):
        return f"{words[:-1]}ies"
    return words + ("es" if re.search(r"(s|x|z|ch|sh)\Z", words) else "s")


def entity(name: str, fields: Mapping[str, str], sensitive: Sequence[str] = ()) -> Entity:
    """The entity of fields, each with its type or the name of an entity."""
    columns = [
        Column(name=field, kind=kind, sensitive=field in sensitive)
        if kind in VALUES
        else Column(name=f"{field}_id", kind=table_of(kind))
        for field, kind in fields.items()
    ]
    return Entity(name=name, columns=tuple(columns))


def in_order(entities: Sequence[Entity]) -> Iterator[Entity]:
    """The entities, each after those that its rows refer to; an unknown table is left to others.

    Raises `ValueError` for entities that refer to each other.
    """
    waiting, tables = list(entities), {entity.table for entity in entities}
    while waiting:
        left = {entity.table for entity in waiting}
        for entity in waiting:
            kinds = {column.kind for column in entity.columns}
            if not kinds & tables & left:
                break
        else:
            names = ", ".join(entity.name for entity in waiting)
            raise ValueError(f"{names}: none can be first")
        yield entity
        waiting.remove(entity)


def problems(named: Sequence[tuple[str, Mapping[str, str]]]) -> Iterator[tuple[Place, str, str]]:
    """Find what is wrong with entities, (name, field -> type) each.

    The place by names, what is wrong, and what is expected.
    """
    tables, names = [table_of(name) for name, _ in named], [name for name, _ in named]
    for number, (name, fields) in enumerate(named):
        if tables[number] in tables[:number]:
            what = f"two entities have the same table, {tables[number]}"
            yield (name,), what, "a name of its own"
        if _WORDS_OF_SQL.fullmatch(tables[number]):
            what = f"{tables[number]}, the table of {name}, is a word of SQL"
            yield (name,), what, "another name, such as Article"
        columns = [column.name for column in entity(name, fields).columns]
        for column, (field, kind) in zip(columns, fields.items(), strict=True):
            place = (name, field)
            if kind not in (*VALUES, *names):
                what = f"{name}.{field} has an unknown type, {kind}"
                yield place, what, f"one of {', '.join((*VALUES, *names))}"
            if columns.count(column) > 1:
                yield place, f"{name} has the column {column} twice", "another name"
            if column == "id" or _WORDS_OF_SQL.fullmatch(column):
                what = f"{name}.{column} is the key, or a word of SQL"
                yield place, what, "another name, such as title"
    try:
        list(in_order([entity(*each) for each in named]))
    except ValueError as error:
        yield (), str(error), "a row that can be the first"
