"""Mermaid's `erDiagram` as an ERD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from generator.erd.columns import typed
from generator.erd.imported import Draft, DraftEntity, Imported, erd_name
from generator.erd.mermaid_text import Attribute, Diagram, Relationship, parse
from generator.erd.names import field_case
from generator.spec import plural, snake_case


def from_mermaid(text: str, *, name: str = "imported") -> Imported:
    """The ERD of a diagram; `name` is its name where the diagram has no title.

    A foreign_key stands where there are many, and where both sides are one, where an attribute
    marked FK says so, else at the side that may be missing, else at the right. It may be null where
    there may be none of the other side. An identifying relationship (`--`) deletes with the other
    row; any other one (`..`) sets null where it may, and forbids the deletion where not. It is
    named after the attribute marked FK that belongs to it (`author_id`: author), else after the
    other entity.

    Raises `ErdErrors` with the line of everything that is wrong.
    """
    diagram = parse(text)
    draft = Draft()
    drawn = _Drawn(draft, diagram)
    for box in diagram.boxes.values():
        entity = DraftEntity(draft.entity_named(box.title, box.line), box.line)
        draft.entities.append(entity)
        drawn.entities[box.name] = entity
    ends = {box: list(_ends(diagram, box)) for box in diagram.boxes}
    for name_of_box, held in ends.items():
        keys = drawn.keys_of(name_of_box, held)
        drawn.relate(name_of_box, held, keys)
        drawn.fill(name_of_box, used=set(keys.values()))
    drawn.tell_the_rest()
    return draft.finished(erd_name(diagram.title or name))


@dataclass(frozen=True, slots=True)
class _End:
    """A relationship seen from the side that holds it."""

    line: int
    to: str
    kind: str
    null: bool
    is_identifying: bool
    label: str


@dataclass(frozen=True, slots=True)
class _Drawn:
    """A diagram and what is made of it; `entities` by the names of their boxes."""

    draft: Draft
    diagram: Diagram
    entities: dict[str, DraftEntity] = field(default_factory=dict)

    def keys_of(self, box: str, ends: list[_End]) -> dict[int, Attribute]:
        """The attributes marked FK that belong to relationships, by the number of those."""
        free = [one for one in self.diagram.boxes[box].attributes if "FK" in one.keys]
        waiting = {n: end for n, end in enumerate(ends) if end.kind != "many_to_many"}
        keys: dict[int, Attribute] = {}
        for fits in (_is_named_after, _ends_with):
            for number, end in waiting.items():
                module = snake_case(self.entities[end.to].name)
                found = [one for one in free if fits(_stem(one.name), module)]
                if number not in keys and found:
                    keys[number] = found[0]
                    free.remove(found[0])
        left = [number for number in waiting if number not in keys]
        if len(left) == len(free) == 1:
            keys[left[0]] = free[0]
        return keys

    def relate(self, box: str, ends: list[_End], keys: Mapping[int, Attribute]) -> None:
        """Give the entity of a box its relations."""
        entity = self.entities[box]
        for number, end in enumerate(ends):
            target = self.entities[end.to].name
            own = snake_case(target)
            if end.kind == "many_to_many":
                own = plural(own)
            taken = {keys["name"] for _, keys in entity.relations}
            key = keys.get(number)
            source = _stem(key.name) if key else own
            if source in taken or (end.to == box and not key):
                source = field_case(end.label) or source
            name = self.draft.field_named(source, end.line)
            relation: dict[str, Any] = {"name": name, "kind": end.kind, "to": target}
            null = end.null or (key is not None and key.is_optional)
            if end.kind != "many_to_many":
                relation |= {"null": null, "on_delete": _on_delete(end.is_identifying, null)}
            entity.relations.append((end.line, relation))

    def fill(self, box: str, used: set[Attribute]) -> None:
        """Give the entity of a box its fields."""
        attributes = self.diagram.boxes[box].attributes
        entity, draft = self.entities[box], self.draft
        primary = [one for one in attributes if "PK" in one.keys]
        if len(primary) > 1:
            names = ", ".join(one.name for one in primary)
            draft.lose(primary[0].line, f"the primary key of {names} is an id of {entity.name}")
        for one in attributes:
            if one in used:
                continue
            found = typed(one.type)
            is_id = len(primary) == 1 and one in primary
            if is_id and (one.name.lower() == "id" or found.keys["type"] == "integer"):
                if one.name.lower() != "id" or found.keys["type"] != "integer":
                    draft.lose(one.line, f"{entity.name}.{one.name} is a number called id")
                continue
            if is_id:
                draft.lose(one.line, f"{entity.name}.{one.name} is unique, the primary key is id")
            if "FK" in one.keys:
                draft.lose(one.line, f"{entity.name}.{one.name} belongs to no relationship")
            for loss in found.losses:
                draft.lose(one.line, f"{entity.name}.{one.name}: {loss}")
            keys = {"name": draft.field_named(one.name, one.line), **found.keys}
            unique = (is_id or "UK" in one.keys) and keys["type"] != "boolean"
            entity.fields.append((one.line, {**keys, "null": one.is_optional, "unique": unique}))

    def tell_the_rest(self) -> None:
        """Say what no ERD has a place for."""
        diagram, lose = self.diagram, self.draft.lose
        for box in diagram.boxes.values():
            if comments := [one for one in box.attributes if one.comment]:
                what = f"the comments on {box.name} are left out ({len(comments)})"
                lose(comments[0].line, what)
        if labels := list(dict.fromkeys(one.label for one in diagram.relationships if one.label)):
            what = f"the labels are left out: {', '.join(labels)}"
            lose(diagram.relationships[0].line, what)
        for one in diagram.relationships:
            for of, who, other in (
                (one.of_left, one.left, one.right),
                (one.of_right, one.right, one.left),
            ):
                if of == "one or more":
                    lose(one.line, f"that each {other} has at least one {who} is not enforced")
            if one.of_left == one.of_right == "one":
                what = f"that each {one.left} has exactly one {one.right} is enforced on one side"
                lose(one.line, what)
        if diagram.group_lines:
            lose(diagram.group_lines[0], "the groups (subgraph) are left out")


def _ends(diagram: Diagram, box: str) -> Iterator[_End]:
    """The relationships that the entity of a box holds."""
    for one in diagram.relationships:
        held_right = _is_held_by_right(one, diagram)
        holder, other = (one.right, one.left) if held_right else (one.left, one.right)
        if holder != box:
            continue
        of_holder, of_other = (
            (one.of_right, one.of_left) if held_right else (one.of_left, one.of_right)
        )
        kind = "foreign_key" if "more" in of_holder else "one_to_one"
        if "more" in of_other:
            kind = "many_to_many"
        null = of_other == "zero or one"
        yield _End(one.line, other, kind, null, one.is_identifying, one.label)


def _is_held_by_right(one: Relationship, diagram: Diagram) -> bool:
    if "more" in one.of_left:
        return False
    if "more" in one.of_right:
        return True
    keys = [
        [_stem(each.name) for each in diagram.boxes[box].attributes if "FK" in each.keys]
        for box in (one.left, one.right)
    ]
    of_left = snake_case(field_case(one.right)) in keys[0]
    of_right = snake_case(field_case(one.left)) in keys[1]
    if of_left != of_right:
        return of_right
    return not (one.of_left == "zero or one" and one.of_right == "one")


def _stem(name: str) -> str:
    """The name of a relation by its column: customerId -> customer."""
    words = field_case(name)
    for ending in ("_id", "_fk", "_uuid"):
        words = words.removesuffix(ending)
    return words


def _is_named_after(stem: str, module: str) -> bool:
    return stem == module


def _ends_with(stem: str, module: str) -> bool:
    return stem.endswith(f"_{module}") or stem == module.rpartition("_")[2]


def _on_delete(is_identifying: bool, null: bool) -> str:
    if is_identifying:
        return "cascade"
    return "set_null" if null else "protect"
