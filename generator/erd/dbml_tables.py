"""The tables of a DBML database as entities."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.erd.columns import Typed, typed, with_default
from generator.erd.dbml_lines import Lines
from generator.erd.imported import Draft, DraftEntity
from generator.erd.names import field_case
from generator.erd.pydbml_whole import Column, Database, Enum, Expression, Reference, Table
from generator.spec import plural, snake_case

_ON_DELETE = {
    "cascade": "cascade", "restrict": "protect", "no action": "protect", "set null": "set_null",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ref:
    """A ref seen from the table that holds its column."""

    source: Reference
    child: list[Column]
    parent: list[Column]
    is_one: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """A database and what is made of it; `entities` by the full names of their tables."""

    draft: Draft
    database: Database
    lines: Lines
    entities: dict[str, DraftEntity] = field(default_factory=dict)
    refs: dict[tuple[str, str], Ref] = field(default_factory=dict)  # by table and first column
    pairs: list[Reference] = field(default_factory=list)

    def sort_refs(self) -> None:
        """Tell which table holds the column of each ref."""
        for one in self.database.refs:
            if one.type == "<>":
                self.pairs.append(one)
                continue
            left, right = list(one.col1), list(one.col2)
            backwards = one.type == "<" or (
                one.type == "-" and all(c.pk for c in left) and not all(c.pk for c in right)
            )
            child, parent = (right, left) if backwards else (left, right)
            ref = Ref(one, child, parent, one.type == "-")
            key = (child[0].table.full_name, child[0].name)
            if key in self.refs:
                what = f"{child[0].table.name}.{child[0].name} has two refs; the first is kept"
                self.draft.lose(self.lines.of_column(child[0].table.name, child[0].name), what)
                continue
            self.refs[key] = ref

    def fill(self, table: Table) -> None:
        """Give the entity of a table its fields and relations."""
        entity, draft = self.entities[table.full_name], self.draft
        primary = [one for one in table.columns if one.pk]
        in_keys = {
            column.name
            for (name, _), ref in self.refs.items()
            if name == table.full_name
            for column in ref.child[1:]
        }
        unique = {
            index.subjects[0].name
            for index in table.indexes
            if index.unique and len(index.subjects) == 1 and isinstance(index.subjects[0], Column)
        }
        for column in table.columns:
            line = self.lines.of_column(table.name, column.name)
            is_unique = column.unique or column.name in unique
            ref = self.refs.get((table.full_name, column.name))
            if ref is not None:
                is_one = ref.is_one or is_unique or (primary == [column])
                self._relate(entity, column, ref, is_one, line)
            elif column.name not in in_keys and not self._is_id(column, primary, entity, line):
                is_unique = is_unique or primary == [column]
                keys = self._keys(column, entity, line)
                is_unique = is_unique and keys["type"] != "boolean" and "default" not in keys
                null = not (column.not_null or column.pk)
                entity.fields.append((line, {**keys, "null": null, "unique": is_unique}))
        if len(primary) > 1:
            names = ", ".join(one.name for one in primary)
            draft.lose(entity.line, f"the primary key of {names} is an id of {entity.name}")
        self._tell_indexes(table, entity)

    def _relate(
        self, entity: DraftEntity, column: Column, ref: Ref, is_one: bool, line: int
    ) -> None:
        draft, target = self.draft, self.entities[ref.parent[0].table.full_name].name
        stem = field_case(column.name).removesuffix("_id").removesuffix("_fk")
        if stem in ("", "id", "number", "uuid") or len(ref.child) > 1:
            stem = snake_case(target)
        what = f"{entity.name}.{stem}"
        if len(ref.child) > 1:
            names = ", ".join(one.name for one in ref.child)
            draft.lose(line, f"{what}: the columns {names} are one relation")
        elif not ref.parent[0].pk:
            draft.lose(line, f"{what} refers to the id of {target}, not to {ref.parent[0].name}")
        if column.default is not None:
            draft.lose(line, f"{what}: the default is left out")
        if ref.source.on_update not in (None, "no action"):
            draft.lose(line, f"{what}: update is left out, since an id never changes")
        null = not (column.not_null or column.pk)
        wanted = (ref.source.on_delete or "no action").lower()
        on_delete = _ON_DELETE.get(wanted, "protect")
        if on_delete == "set_null" and not null:
            on_delete = "protect"
        if wanted not in _ON_DELETE or (wanted == "set null" and not null):
            draft.lose(line, f"{what}: delete: {wanted} is protect")
        relation = {
            "name": draft.field_named(stem, line),
            "kind": "one_to_one" if is_one else "foreign_key",
            "to": target,
            "null": null,
            "on_delete": on_delete,
        }
        entity.relations.append((line, relation))

    def _is_id(self, column: Column, primary: list[Column], entity: DraftEntity, line: int) -> bool:
        """Whether the column is what every entity has as its id."""
        if primary != [column]:
            return bool(column.pk) and column.name.lower() == "id"
        is_number = isinstance(column.type, str) and typed(column.type).keys["type"] == "integer"
        if column.name.lower() != "id" and not is_number:
            what = f"{entity.name}.{column.name} is unique, the primary key is id"
            self.draft.lose(line, what)
            return False
        if column.name.lower() != "id" or not is_number:
            self.draft.lose(line, f"{entity.name}.{column.name} is a number called id")
        return True

    def _keys(self, column: Column, entity: DraftEntity, line: int) -> Mapping[str, Any]:
        """The keys of a field, without null and unique."""
        what = f"{entity.name}.{column.name}"
        found = _enumerated(column.type) if isinstance(column.type, Enum) else typed(column.type)
        losses = list(found.losses)
        if isinstance(column.default, Expression):
            losses.append(f"the default `{column.default.text}` is left out")
        elif column.default not in (None, "NULL", "null"):
            with_it = with_default(found.keys, column.default)
            losses += with_it.losses
            found = with_it
        if column.autoinc:
            losses.append("increment is left out")
        for loss in losses:
            self.draft.lose(line, f"{what}: {loss}")
        return {"name": self.draft.field_named(column.name, line), **found.keys}

    def _tell_indexes(self, table: Table, entity: DraftEntity) -> None:
        for index in table.indexes:
            names = [one.name if isinstance(one, Column) else str(one) for one in index.subjects]
            is_column = len(names) == 1 and isinstance(index.subjects[0], Column)
            if is_column and index.unique and not index.pk:
                continue  # the column is unique
            kind = "primary key" if index.pk else "unique index" if index.unique else "index"
            self.draft.lose(entity.line, f"the {kind} on {', '.join(names)} is left out")

    def join(self) -> None:
        """Give the left tables of many-to-many refs their relations."""
        for one in self.pairs:
            left, right = one.col1[0].table, one.col2[0].table
            line = self.lines.of_column(left.name, one.col1[0].name)
            target = self.entities[right.full_name].name
            name = self.draft.field_named(one.name or plural(snake_case(target)), line)
            relation = {"name": name, "kind": "many_to_many", "to": target}
            self.entities[left.full_name].relations.append((line, relation))


def _enumerated(enum: Enum) -> Typed:
    names = [one.name for one in enum.items]
    return Typed({"type": "string", "choices": names, "max_length": max(map(len, names))})
