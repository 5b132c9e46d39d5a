"""Mermaid's erDiagram as an ERD: what is carried over, what is told as lost, errors by line."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.erd import ErdErrors, canonical, read
from generator.erd.mermaid import from_mermaid
from generator.erd.mermaid_text import parse

SHOP = """---
title: My Shop
---
%% drawn by hand
erDiagram
  direction LR
  CUSTOMER ||--o{ ORDER : places
  ORDER ||--|{ LINE-ITEM : contains
  EMPLOYEE |o..o{ EMPLOYEE : manages
  ORDER }o..o| EMPLOYEE : "sold by"
  STUDENT }o--o{ COURSE : attends
  CUSTOMER ||--o| PROFILE : has
  CUSTOMER:::big {
    int id PK
    string name
    string(40) custNumber UK "on the card"
  }
  ORDER { int orderNumber PK
    int customer_id FK
    date? orderDate
    decimal(10,2) total }
  LINE-ITEM {
    int quantity
    json extra
  }
  EMPLOYEE {
    uuid id PK
    string name
    uuid boss_id FK
  }
  STUDENT { string class }
  COURSE["Course of study"] { string title }
  PROFILE { text bio }
  classDef big fill:#f9f
  style ORDER fill:#eee
"""


def entity(text: str, name: str) -> dict[str, Any]:
    """An entity of an import, as it is written."""
    document = json.loads(canonical(from_mermaid(text).erd))
    found: dict[str, Any] = next(one for one in document["entities"] if one["name"] == name)
    return found


def relations(text: str) -> list[tuple[str, ...]]:
    """(entity, relation, kind, to, null, on_delete) of everything that is related."""
    return [
        (entity.name, one.name, one.kind, one.to, "null" if one.null else "", one.on_delete)
        for entity in from_mermaid(text).erd.entities
        for one in entity.relations
    ]


def problems(text: str) -> list[str]:
    """What is told of a text."""
    with pytest.raises(ErdErrors) as caught:
        from_mermaid(text)
    return [str(one) for one in caught.value.problems]


def pair(relationship: str, a: str = "", b: str = "") -> str:
    """A diagram of two boxes and what is between them."""
    return (
        f"erDiagram\nA {relationship} B : has\nA {{\n string x\n {a}\n}}\nB {{\n string y\n {b}\n}}"
    )


def test_the_shop_is_carried_over() -> None:
    """Boxes are entities, lines are relations, attributes marked FK say what they are called."""
    erd = from_mermaid(SHOP, name="ignored").erd
    assert erd.name == "my-shop"
    assert [one.name for one in erd.entities] == [
        "Customer", "Order", "LineItem", "Employee", "Student", "CourseOfStudy", "Profile",
    ]  # fmt: skip
    assert relations(SHOP) == [
        ("Order", "customer", "foreign_key", "Customer", "", "cascade"),
        ("Order", "employee", "foreign_key", "Employee", "null", "set_null"),
        ("LineItem", "order", "foreign_key", "Order", "", "cascade"),
        ("Employee", "boss", "foreign_key", "Employee", "null", "set_null"),
        ("Student", "course_of_studies", "many_to_many", "CourseOfStudy", "", "cascade"),
        ("Profile", "customer", "one_to_one", "Customer", "", "cascade"),
    ]
    assert entity(SHOP, "Customer")["fields"] == [
        {"name": "name", "type": "string"},
        {"name": "cust_number", "type": "string", "unique": True, "max_length": 40},
    ]
    assert entity(SHOP, "Order")["fields"] == [
        {"name": "order_date", "type": "date", "null": True},
        {"name": "total", "type": "decimal", "max_digits": 10, "decimal_places": 2},
    ]


def test_what_the_shop_loses_is_told() -> None:
    """Every line of it; colours and directions are looks."""
    assert [str(one) for one in from_mermaid(SHOP).warnings] == [
        "line 7: the labels are left out: places, contains, manages, sold by, attends, has",
        "line 8: that each ORDER has at least one LINE-ITEM is not enforced",
        "line 16: the comments on CUSTOMER are left out (1)",
        "line 18: Order.orderNumber is a number called id",
        "line 24: LineItem.extra: the type json is text",
        "line 27: Employee.id is a number called id",
        'line 31: "class" is "class_value" here: the name is taken',
    ]


@pytest.mark.parametrize(
    ("relationship", "found"),
    [
        ("||--o{", ("B", "a", "foreign_key", "A", "", "cascade")),
        ("||..o{", ("B", "a", "foreign_key", "A", "", "protect")),
        ("|o--o{", ("B", "a", "foreign_key", "A", "null", "cascade")),
        ("|o..|{", ("B", "a", "foreign_key", "A", "null", "set_null")),
        ("}o--||", ("A", "b", "foreign_key", "B", "", "cascade")),
        ("}|.-o|", ("A", "b", "foreign_key", "B", "null", "set_null")),
        ("||--||", ("B", "a", "one_to_one", "A", "", "cascade")),
        ("||--o|", ("B", "a", "one_to_one", "A", "", "cascade")),
        ("|o--||", ("A", "b", "one_to_one", "B", "", "cascade")),
        ("|o-.o|", ("B", "a", "one_to_one", "A", "null", "set_null")),
        ("}o--o{", ("A", "bs", "many_to_many", "B", "", "cascade")),
        ("}|..|{", ("A", "bs", "many_to_many", "B", "", "cascade")),
        ("one to zero or more", ("B", "a", "foreign_key", "A", "", "cascade")),
        ("only one optionally to many(1)", ("B", "a", "foreign_key", "A", "", "protect")),
        ("zero or one to 1+", ("B", "a", "foreign_key", "A", "null", "cascade")),
        ("0+ to 1", ("A", "b", "foreign_key", "B", "", "cascade")),
        ("many to one or many", ("A", "bs", "many_to_many", "B", "", "cascade")),
    ],
)
def test_a_relationship(relationship: str, found: tuple[str, ...]) -> None:
    """Who holds the key, whether it may be missing, what deleting does."""
    assert relations(pair(relationship)) == [found]


def test_a_key_says_who_holds_a_one_to_one() -> None:
    """Where the line does not."""
    assert relations(pair("||--||", a="int b_id FK"))[0][:2] == ("A", "b")
    assert relations(pair("||--||", b="int a_id FK"))[0][:2] == ("B", "a")


def test_two_lines_between_two_boxes() -> None:
    """Keys tell which is which, by their endings; else the labels do."""
    text = """erDiagram
      PERSON ||--o{ PARCEL : sends
      PERSON |o--o{ PARCEL : receives
      PERSON { string name }
      PARCEL { int weight
        KEYS
      }"""
    keys = "int sending_person_id FK\n int? receiving_person_id FK"
    found = relations(text.replace("KEYS", keys))
    assert [(one[1], one[4]) for one in found] == [
        ("sending_person", ""), ("receiving_person", "null"),
    ]  # fmt: skip
    assert [one[1] for one in relations(text.replace("KEYS", ""))] == ["person", "receives"]


def test_a_key_without_a_line_stays_a_field() -> None:
    """And is told."""
    text = "erDiagram\nA {\n int other_id FK\n}"
    assert entity(text, "A")["fields"] == [{"name": "other_id", "type": "integer"}]
    warned = [str(one) for one in from_mermaid(text).warnings]
    assert warned == ["line 3: A.other_id belongs to no relationship"]


def test_a_primary_key_of_several_columns_is_told() -> None:
    """Every entity has one id."""
    text = "erDiagram\nA {\n int one PK\n int two PK\n}"
    warned = [str(one) for one in from_mermaid(text).warnings]
    assert warned == ["line 3: the primary key of one, two is an id of A"]


def test_notations_of_the_grammar() -> None:
    """Quotes, aliases, groups, comments, directives, several keys, everything on one line."""
    diagram = parse(
        """%%{init: {"theme":
        "dark"}}%%
        erDiagram
        accTitle: Clinic
        accDescr { of
        patients }
        title A clinic
        subgraph ward [The ward]
          "Bed side" }o--|| p : "stands in"
        end
        p[Person] { string name PK, UK "who" string? nick }
        class p big
        A||--o{B:x
        C
        D {}
        E:::big { type~T~ `odd name` }
        """.replace("\n", "\r\n")
    )
    assert list(diagram.boxes) == ["Bed side", "p", "A", "B", "C", "D", "E"]
    assert diagram.boxes["p"].title == "Person"
    first, second = diagram.boxes["p"].attributes
    assert (first.line, first.keys, first.comment) == (11, {"PK", "UK"}, "who")
    assert (second.name, second.is_optional) == ("nick", True)
    assert diagram.boxes["E"].attributes[0].name == "odd name"
    assert diagram.title == "A clinic"
    assert [(one.line, one.label) for one in diagram.relationships] == [(9, "stands in"), (13, "x")]
    assert diagram.group_lines == [8, 10]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", ['line 1: "" is no beginning of a diagram; right would be erDiagram']),
        (
            "\n\nflowchart LR",
            ['line 3: "flowchart LR" is no beginning of a diagram; right would be erDiagram'],
        ),
        (
            "erDiagram\n",
            ["line 1: the diagram has no entities; right would be e.g. BOOK { string title }"],
        ),
        (
            "erDiagram\nA ||--o{ B\nA { x }\nC ||--|| D : is placed by\nA ||-o{ B : x\nA {",
            [
                "line 2: a relationship lacks its label; right would be A ||--o{ B : has",
                'line 3: "x" is no attribute; right would be e.g. string name UK "words"',
                "line 4: a label of several words lacks its quotes; right would be "
                'C ||--|| D : "is placed by"',
                'line 5: "A ||-o{ B : x" is neither an entity nor a relationship; right would be '
                "e.g. CUSTOMER ||--o{ ORDER : places",
                "line 6: the block of A is not closed; right would be a } behind it",
            ],
        ),
        (
            "erDiagram\nA {\n string x\n string X\n}\n客户 { string x }\nB ||--o{ B : has",
            [
                'line 4: A.x: "x" is another part of A already; right would be a name of its own',
                'line 6: "客户" has no letter from A to Z; right would be "Customer"',
                'line 7: B.has: the first row is impossible: B.has needs B; right would be "null": '
                "true on one of them",
            ],
        ),
    ],
)
def test_errors_have_their_line(text: str, told: list[str]) -> None:
    """All of them at once."""
    assert problems(text) == told


def test_what_is_imported_is_an_erd_like_any_other() -> None:
    """Its text is read as the same."""
    erd = from_mermaid(SHOP).erd
    assert canonical(read(canonical(erd))) == canonical(erd)


@given(st.data())
def test_a_broken_text_is_told(data: st.DataObject) -> None:
    """Rows left out, doubled or cut: an ERD or lines, never a crash, never without an end."""
    rows = SHOP.splitlines()
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(rows) - 1))
        row = rows[at]
        cut = data.draw(st.integers(0, len(row)))
        rows[at : at + 1] = data.draw(st.sampled_from([[], [row, row], [row[:cut]], [row[cut:]]]))
    try:
        from_mermaid("\n".join(rows))
    except ErdErrors as error:
        assert all(one.line for one in error.problems)


@pytest.mark.parametrize(
    "piece", ["a", "-", "{", "}", '"', "~ ", "A ||--o{ ", "%%{", "A { a ", "`"]
)
def test_long_texts_end(piece: str) -> None:
    """No pattern takes longer than the text deserves."""
    with pytest.raises(ErdErrors):
        from_mermaid("erDiagram\nA { string a }\nA [" + piece * 2000)
