"""DBML as an ERD: what is carried over, what is told as lost, and errors by line."""

import json
from typing import Any

import pyparsing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.erd import ErdErrors, canonical, read
from generator.erd.dbml import from_dbml

SHOP = """
Project web_shop { database_type: 'PostgreSQL' }

Enum order_status {
  new [note: 'just arrived']
  paid
}

Table customers as C {
  id int [pk, increment]
  email varchar(80) [unique, not null, note: 'for the bill']
  creditLimit numeric(10, 2) [not null, default: 100.5]
  "class" text
}

Table orders {
  id bigint [pk]
  customer_id int [not null, ref: > C.id]
  salesman_id int
  status order_status [not null, default: 'new']
  placed_at timestamptz [not null, default: `now()`]
  is_gift boolean [not null, default: false]
  extra jsonb
  indexes {
    placed_at
    (customer_id, placed_at) [unique]
  }
}

Table order_lines {
  order_id int [pk]
  product_code varchar [pk]
  quantity "int unsigned" [not null, default: 1]
}

Table products {
  code varchar(12) [pk]
  title varchar(120) [not null]
}

Table profiles {
  customer_id int [pk, ref: - customers.id]
  bio text
}

// comments are no loss
Table tags {
  id int [pk]
  label varchar(30) [not null]
  indexes {
    label [unique]
  }
}

Ref salesman: orders.salesman_id > customers.id [delete: set null, update: cascade]
Ref: products.code < order_lines.product_code
Ref: order_lines.order_id > orders.id [delete: cascade]
Ref: products.code <> tags.id
TableGroup sales { orders
 order_lines }
"""


def entity(text: str, name: str) -> dict[str, Any]:
    """An entity of an import, as it is written."""
    document = json.loads(canonical(from_dbml(text).erd))
    found: dict[str, Any] = next(one for one in document["entities"] if one["name"] == name)
    return found


def table(*rows: str) -> str:
    """A table `things` with these rows, the first on line 2."""
    return "\n".join(["Table things {", *rows, "}"])


def field(row: str) -> tuple[dict[str, Any], list[str]]:
    """The field of a row, without its name, and what was lost."""
    found = from_dbml(table(row))
    document = json.loads(canonical(found.erd))
    keys = document["entities"][0]["fields"][0]
    del keys["name"]
    return keys, [str(one) for one in found.warnings]


def problems(text: str) -> list[str]:
    """What is told of a text."""
    with pytest.raises(ErdErrors) as caught:
        from_dbml(text)
    return [str(one) for one in caught.value.problems]


def test_the_shop_is_carried_over() -> None:
    """Tables are entities in the singular, columns with refs are relations."""
    erd = from_dbml(SHOP, name="ignored").erd
    assert erd.name == "web-shop"
    assert [one.name for one in erd.entities] == [
        "Customer", "Order", "OrderLine", "Product", "Profile", "Tag",
    ]  # fmt: skip
    assert entity(SHOP, "Customer")["fields"] == [
        {"name": "email", "type": "string", "unique": True, "max_length": 80},
        {
            "name": "credit_limit",
            "type": "decimal",
            "default": "100.50",
            "max_digits": 10,
            "decimal_places": 2,
        },
        {"name": "class_value", "type": "text", "null": True},
    ]
    assert entity(SHOP, "Order") == {
        "name": "Order",
        "fields": [
            {
                "name": "status",
                "type": "string",
                "default": "new",
                "choices": ["new", "paid"],
                "max_length": 4,
            },
            {"name": "placed_at", "type": "datetime"},
            {"name": "is_gift", "type": "boolean", "default": False},
            {"name": "extra", "type": "text", "null": True},
        ],
        "relations": [
            {
                "name": "customer",
                "kind": "foreign_key",
                "to": "Customer",
                "on_delete": "protect",
            },
            {
                "name": "salesman",
                "kind": "foreign_key",
                "to": "Customer",
                "null": True,
                "on_delete": "set_null",
            },
        ],
    }
    assert entity(SHOP, "OrderLine")["relations"] == [
        {"name": "order", "kind": "foreign_key", "to": "Order"},
        {
            "name": "product_code",
            "kind": "foreign_key",
            "to": "Product",
            "on_delete": "protect",
        },
    ]
    assert entity(SHOP, "Profile")["relations"] == [
        {"name": "customer", "kind": "one_to_one", "to": "Customer", "on_delete": "protect"}
    ]
    assert entity(SHOP, "Product")["relations"] == [
        {"name": "tags", "kind": "many_to_many", "to": "Tag"}
    ]
    assert entity(SHOP, "Tag")["fields"] == [
        {"name": "label", "type": "string", "unique": True, "max_length": 30}
    ]


def test_what_the_shop_loses_is_told() -> None:
    """Every line of it, in the order of the text."""
    assert [str(one) for one in from_dbml(SHOP).warnings] == [
        "line 1: of the project web_shop only the name is kept",
        "line 1: the names of refs are left out: salesman",
        "line 1: the table groups are left out: sales",
        "line 4: the notes of order_status are left out",
        "line 9: the notes of customers are left out (1)",
        'line 13: "class" is "class_value" here: the name is taken',
        "line 16: the index on placed_at is left out",
        "line 16: the unique index on customer_id, placed_at is left out",
        "line 19: Order.salesman: update is left out, since an id never changes",
        "line 21: Order.placed_at: the default `now()` is left out",
        "line 23: Order.extra: the type jsonb is text",
        "line 30: the primary key of order_id, product_code is an id of OrderLine",
        "line 33: OrderLine.quantity: int unsigned is an integer from -2147483648 to 2147483647",
        "line 37: Product.code is unique, the primary key is id",
    ]


@pytest.mark.parametrize(
    ("row", "keys", "lost"),
    [
        (
            "a varchar(max) [not null]",
            {"type": "text"},
            ["line 2: Thing.a: varchar(max) is text of any length"],
        ),
        ("a int[] [not null]", {"type": "text"}, ["line 2: Thing.a: the type int[] is text"]),
        ("a bit [not null]", {"type": "boolean"}, []),
        ("a tinyint(1) [not null]", {"type": "boolean"}, []),
        ("a tinyint [not null]", {"type": "integer"}, []),
        (
            "a money [not null]",
            {"type": "decimal", "max_digits": 12, "decimal_places": 2},
            ["line 2: Thing.a: money has 12 digits, 2 of them after the point"],
        ),
        (
            "a decimal(65,40) [not null]",
            {"type": "decimal", "max_digits": 38, "decimal_places": 30},
            ["line 2: Thing.a: decimal(65,40) has 38 digits, 30 of them after the point"],
        ),
        ('a "timestamp(3) with time zone" [not null]', {"type": "datetime"}, []),
        ('a "double precision" [not null]', {"type": "float"}, []),
        ("a uuid [not null]", {"type": "uuid"}, []),
        ("a geometry [not null]", {"type": "text"}, ["line 2: Thing.a: the type geometry is text"]),
        (
            "a int [not null, default: 'x']",
            {"type": "integer"},
            ['line 2: Thing.a: the default "x" is left out'],
        ),
        ("a bool [not null, default: 1]", {"type": "boolean", "default": True}, []),
        (
            "a varchar(3) [not null, default: 12]",
            {"type": "string", "default": "12", "max_length": 3},
            [],
        ),
        ("a int [default: null]", {"type": "integer", "null": True}, []),
        (
            "a int [not null, increment]",
            {"type": "integer"},
            ["line 2: Thing.a: increment is left out"],
        ),
        (
            "code uuid [pk]",
            {"type": "uuid", "unique": True},
            ["line 2: Thing.code is unique, the primary key is id"],
        ),
    ],
)
def test_a_column(row: str, keys: dict[str, Any], lost: list[str]) -> None:
    """Its type, size and default."""
    assert field(row) == (keys, lost)


def test_ids_of_another_kind_are_told() -> None:
    """An ERD has one kind."""
    text = "Table a {\n id uuid [pk]\n n int\n}\nTable b {\n b_no int [pk]\n n int\n}"
    assert [str(one) for one in from_dbml(text).warnings] == [
        "line 2: A.id is a number called id",
        "line 6: B.b_no is a number called id",
    ]


def test_indexes() -> None:
    """A unique one on one column is kept; every other one is told."""
    text = table("a int", "b bigint", "indexes {", "a [unique]", "(a, b) [pk]", "`a*2`", "b", "}")
    assert entity(text, "Thing")["fields"][0] == {
        "name": "a", "type": "integer", "null": True, "unique": True,
    }  # fmt: skip
    assert [str(one) for one in from_dbml(text).warnings] == [
        "line 1: the index on a*2 is left out",
        "line 1: the index on b is left out",
        "line 1: the primary key on a, b is left out",
        "line 3: Thing.b: bigint is an integer from -2147483648 to 2147483647",
    ]


@pytest.mark.parametrize(
    ("delete", "null", "on_delete", "lost"),
    [
        ("cascade", "", "cascade", []),
        ("restrict", "", "protect", []),
        ("no action", "", "protect", []),
        ("set null", "", "set_null", []),
        ("set null", "not null, ", "protect", ["line 2: Thing.b: delete: set null is protect"]),
        ("set default", "", "protect", ["line 2: Thing.b: delete: set default is protect"]),
    ],
)
def test_what_deleting_does(delete: str, null: str, on_delete: str, lost: list[str]) -> None:
    """As SQL has it, as far as an ERD has it."""
    text = table(f"b_id int [{null}note: '']") + "\nTable b {\n id int [pk]\n n int\n}"
    found = from_dbml(f"{text}\nRef: things.b_id > b.id [delete: {delete}]")
    assert found.erd.entity("Thing").relations[0].on_delete == on_delete
    assert [str(one) for one in found.warnings] == lost


def test_refs_of_every_kind() -> None:
    """Which side holds the column, and what deleting does."""
    text = """Table a {
      id int [pk]
      code varchar [unique]
      b_one int [ref: - b.id]
      b_two int [unique, ref: > b.id]
      b_code varchar [ref: > a.code]
      x int
      y int
    }
    Table b {
      id int [pk]
      k1 int [not null]
      k2 int [not null]
    }
    Ref: a.(x, y) > b.(k1, k2) [delete: no action]
    Ref: b.id < a.x [delete: set default]
    """
    found = from_dbml(text)
    a = found.erd.entity("A")
    assert [(one.name, one.kind, one.to, one.on_delete) for one in a.relations] == [
        ("b_one", "one_to_one", "B", "protect"),
        ("b_two", "one_to_one", "B", "protect"),
        ("b_code", "foreign_key", "A", "protect"),
        ("b", "foreign_key", "B", "protect"),
    ]
    assert [str(one) for one in found.warnings] == [
        "line 6: A.b_code refers to the id of A, not to code",
        "line 7: A.b: the columns x, y are one relation",
        "line 7: a.x has two refs; the first is kept",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "line 1: there are no tables; right would be e.g. Table users { … }"),
        ("Table x {\n id int [pk\n}\n", "line 3, column 1: not valid DBML: }"),
        ("Table x {\n id int\n}\nfoo\n", "line 4, column 1: not valid DBML: foo"),
        ("Table x {\n}\n", "line 1: not valid DBML: Table x at position 0 has no columns!"),
        (
            "Table a {\n id int\n}\nTable x {\n a int [ref: > y.id]\n}\n",
            "line 5: not valid DBML: Table public.y not present in the database",
        ),
        (
            "Table x {\n id int [pk]\n n int\n}\n\nTable X {\n id int [pk]\n n int\n}",
            'line 6: "X" is "X" again; right would be a name of its own',
        ),
        (
            "Table x {\n id int [pk]\n a int [not null, ref: > x.id]\n}",
            'line 3: X.a: the first row is impossible: X.a needs X; right would be "null": true on '
            "one of them",
        ),
        (
            'Table "客户" {\n id int [pk]\n n int\n}',
            'line 1: "客户" has no letter from A to Z; right would be "Customer"',
        ),
        (
            "Table x {\n aB int\n a_b int\n}",
            'line 3: X.a_b: "a_b" is another part of X already; right would be a name of its own',
        ),
    ],
)
def test_errors_have_their_line(text: str, told: str) -> None:
    """Of the grammar and of what an ERD asks."""
    assert problems(text) == [told]


def test_what_is_imported_is_an_erd_like_any_other() -> None:
    """Its text is read as the same."""
    erd = from_dbml(SHOP).erd
    assert canonical(read(canonical(erd))) == canonical(erd)


def test_windows_lines_make_no_difference() -> None:
    """Nor does a mark at the beginning."""
    assert from_dbml("\ufeff" + SHOP.replace("\n", "\r\n")) == from_dbml(SHOP)


def test_the_setting_of_pyparsing_is_kept() -> None:
    """The library changes it for all others in the process; Matplotlib is one."""
    before = pyparsing.ParserElement.DEFAULT_WHITE_CHARS
    from_dbml(table("a int"))
    assert before == pyparsing.ParserElement.DEFAULT_WHITE_CHARS
    assert "\n" in before


@settings(max_examples=30)  # the parser takes a tenth of a second
@given(st.data())
def test_a_broken_text_is_told(data: st.DataObject) -> None:
    """Rows left out, doubled or cut: an ERD or lines, never a crash."""
    rows = SHOP.splitlines()
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(rows) - 1))
        row = rows[at]
        cut = data.draw(st.integers(0, len(row)))
        rows[at : at + 1] = data.draw(st.sampled_from([[], [row, row], [row[:cut]], [row[cut:]]]))
    try:
        from_dbml("\n".join(rows))
    except ErdErrors as error:
        assert all(one.line for one in error.problems)
