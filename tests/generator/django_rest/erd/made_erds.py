"""Random ERDs for hypothesis, as documents of JSON, and the same ERD written otherwise."""

import json
from collections.abc import Mapping
from typing import Any

from hypothesis import strategies as st

Document = dict[str, Any]

WORDS = ("title", "note", "amount", "status", "owner", "parent", "place", "state", "code", "kind")
ENTITIES = ("Order", "OrderLine", "Customer", "Category", "Box", "APIKey", "Class")
# Names that meet names which others add: columns, methods of choices, other sides.
MEETING = (
    "owner", "owner_id", "status", "get_status_display", "orders", "order", "order_as_owner",
    "orders_as_owner", "customers", "class_value", "boxes", "full", "clean_up", "api_keys",
)  # fmt: skip
DEFAULTS: Mapping[str, st.SearchStrategy[Any]] = {
    "string": st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=20),
    "text": st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=60),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "decimal": st.decimals("-9999.99", "9999.99", places=2).map(str),
    "float": st.floats(allow_nan=False, allow_infinity=False) | st.integers(-9, 9),
    "boolean": st.booleans(),
    "date": st.dates().map(str),
    "datetime": st.datetimes().map(lambda one: one.replace(microsecond=0).isoformat() + "Z"),
    "time": st.times().map(lambda one: one.replace(microsecond=0).isoformat()),
    "email": st.sampled_from(["a@b.cd", "office@example.org"]),
    "url": st.sampled_from(["https://example.org", "http://a.example:80/b?c=d"]),
    "uuid": st.uuids().map(str),
}


@st.composite
def field_documents(draw: st.DrawFn, name: str) -> Document:
    """A field that is right by itself."""
    type_ = draw(st.sampled_from(sorted(DEFAULTS)))
    field: Document = {"name": name, "type": type_}
    if type_ == "decimal":
        field |= {"max_digits": draw(st.integers(6, 20)), "decimal_places": 2}
    if type_ in ("string", "email", "url") and draw(st.booleans()):
        field["max_length"] = draw(st.integers(30, 400))
    if draw(st.booleans()):
        field["null"] = draw(st.booleans())
    if type_ in ("string", "integer") and draw(st.booleans()):
        one = st.integers(-99, 99) if type_ == "integer" else st.sampled_from(WORDS)
        field["choices"] = draw(st.lists(one, min_size=1, max_size=4, unique=True))
    if draw(st.booleans()):
        some = st.sampled_from(field["choices"]) if "choices" in field else DEFAULTS[type_]
        field["default"] = draw(some)
    elif type_ != "boolean":
        field["unique"] = draw(st.booleans())
    return field


@st.composite
def relation_documents(draw: st.DrawFn, name: str, targets: list[str]) -> Document:
    """A relation that is right by itself; it may be null, so that nothing runs in a circle."""
    kind = draw(st.sampled_from(["one_to_one", "foreign_key", "many_to_many"]))
    relation: Document = {"name": name, "kind": kind, "to": draw(st.sampled_from(targets))}
    if kind != "many_to_many":
        relation["null"] = True
        if draw(st.booleans()):
            relation["on_delete"] = draw(st.sampled_from(["cascade", "protect", "set_null"]))
    return relation


@st.composite
def documents(draw: st.DrawFn, names: tuple[str, ...] = WORDS) -> Document:
    """An ERD; with the names given by default it is right."""
    chosen = draw(st.lists(st.sampled_from(ENTITIES), min_size=1, max_size=4, unique=True))
    entities = []
    for entity in chosen:
        own = draw(st.lists(st.sampled_from(names), min_size=1, max_size=6, unique=True))
        split = draw(st.integers(1, len(own)))
        entities.append(
            {
                "name": entity,
                "fields": [draw(field_documents(one)) for one in own[:split]],
                "relations": [draw(relation_documents(one, chosen)) for one in own[split:]],
            }
        )
    return {"name": "made", "entities": entities}


@st.composite
def rewritten(draw: st.DrawFn, document: Document) -> str:
    """The same ERD as another text: other order of keys and entities, defaults said, other blanks.

    What is not said stays so where saying it would be wrong.
    """
    entities = [
        {
            "name": one["name"],
            "fields": [_said(draw, field, {"null": False, "unique": False})
                       for field in one.get("fields", [])],
            "relations": [_said(draw, relation, {"null": False, "on_delete": "cascade"})
                          for relation in one.get("relations", [])],
        }
        for one in draw(st.permutations(document["entities"]))
    ]  # fmt: skip
    whole = {"entities": [_shuffled(draw, one) for one in entities], "name": document["name"]}
    return json.dumps(
        _shuffled(draw, whole),
        indent=draw(st.sampled_from([None, 0, 3, "\t"])),
        ensure_ascii=draw(st.booleans()),
    )


def _said(draw: st.DrawFn, part: Document, defaults: Document) -> Document:
    said = {key: value for key, value in defaults.items() if draw(st.booleans())}
    return _shuffled(draw, {**said, **part})


def _shuffled(draw: st.DrawFn, part: Document) -> Document:
    return dict(draw(st.permutations(list(part.items()))))
