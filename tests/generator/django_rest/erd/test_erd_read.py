"""Reading an ERD: all problems at once, each with its place and with what would be right."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flagbench_generators.django_rest.erd import Entity, Erd, ErdErrors, Field, Relation, read

ERDS = Path(__file__).resolve().parents[4] / "scenarios" / "erds"
TEXT = '{"name": "a", "entities": [{"name": "A", "fields": [{"name": "b", KEYS}]}]}'
INTEGERS = "a whole number from -2147483648 to 2147483647"


def problems(text: str) -> list[str]:
    """What is told of a text."""
    with pytest.raises(ErdErrors) as caught:
        read(text)
    assert str(caught.value) == "\n".join(map(str, caught.value.problems))
    return [str(one) for one in caught.value.problems]


def of_entities(*entities: dict[str, Any]) -> list[str]:
    """What is told of entities."""
    return problems(json.dumps({"name": "a", "entities": entities}))


def of_field(**keys: Any) -> list[str]:
    """What is told of a field, below its path."""
    found = of_entities({"name": "A", "fields": [{"name": "b", **keys}]})
    return [one.removeprefix("$.entities[0].fields[0]") for one in found]


def of_relations(*relations: dict[str, Any]) -> list[str]:
    """What is told of relations of Order, below their path; there is a Customer too."""
    customer = {"name": "Customer", "fields": [{"name": "email", "type": "email"}]}
    found = of_entities({"name": "Order", "relations": [*relations]}, customer)
    return [one.removeprefix("$.entities[0].relations") for one in found]


def fk(name: str, to: str, **keys: Any) -> dict[str, Any]:
    """A foreign key."""
    return {"name": name, "kind": "foreign_key", "to": to, **keys}


def test_everything_is_told_at_once() -> None:
    """Shapes, options and what entities ask of each other, in the order of the document."""
    text = """{"name": "Web Shop", "entities": [
      {"name": "order", "fields": [
         {"name": "price", "type": "decimal", "max_digits": 5, "null": "no"},
         {"name": "state", "type": "strng", "choices": []}],
       "relations": [{"name": "customer", "kind": "fk", "to": "Custmer"}]},
      {"name": "Customer", "field": []}
    ]}"""
    assert problems(text) == [
        '$.name: "Web Shop" is not a valid name of an ERD; expected: "web-shop"',
        '$.entities[0].name: "order" is not a valid name of an entity; expected: "Order"',
        '$.entities[0].fields[0]: a decimal lacks "decimal_places"; expected: e.g. '
        '"decimal_places": 2',
        '$.entities[0].fields[0].null: "no" is neither true nor false; expected: true or '
        "false, without quotes",
        '$.entities[0].fields[1].type: "strng" is not a valid type of a field; expected: "string"',
        "$.entities[0].fields[1].choices: the list is empty; expected: at least one element",
        '$.entities[0].relations[0].kind: "fk" is not a valid kind of a relation; expected: '
        '"foreign_key"',
        '$.entities[0].relations[0].to: unknown entity "Custmer"; expected: "Customer"',
        "$.entities[1]: Customer has neither fields nor relations; expected: at least one, "
        'e.g. "fields": [{"name": "title", "type": "string"}]',
        '$.entities[1].field: unknown key "field"; expected: "fields"',
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", '$: the text is empty; expected: {"name": …, "entities": […]}'),
        (
            '{"name": "a",\n "entities": [}',
            "line 2, column 15: not valid JSON: Expecting value",
        ),
        ("[" * 100_000, "$: brackets are nested too deep"),
        ("[]", "$: a list is not an object; expected: an object in {…}"),
        ("null", "$: null is not an object; expected: an object in {…}"),
    ],
)
def test_what_is_no_erd(text: str, told: str) -> None:
    """Line and column where it is no JSON."""
    assert problems(text) == [told]


@pytest.mark.parametrize(
    ("text", "line", "column", "word"),
    [
        ("Table posts {\n  id int [pk]\n}", 1, 1, "Table"),
        ("\n  erDiagram\n  A ||--o{ B : has", 2, 3, "erDiagram"),
        ("---\nname: blog\n", 1, 1, "---"),
    ],
)
def test_another_notation_is_told_what_an_erd_is(
    text: str, line: int, column: int, word: str
) -> None:
    """How it begins, an example that is read, and the command that shows every key."""
    with pytest.raises(ErdErrors) as caught:
        read(text)
    (problem,) = caught.value.problems
    assert problem.what == f'not JSON: the text begins with "{word}"'
    assert (problem.line, problem.column) == (line, column)
    assert read(problem.expected.removeprefix("JSON, such as ")).name == "blog"
    assert "flagbench erd --schema" in problem.fix


def test_a_key_that_stands_twice_is_told() -> None:
    """JSON readers take the last one in silence."""
    text = """{"name": "a", "entities": [{"name": "A", "name": "B",
      "fields": [{"name": "b", "type": "date", "null": true, "null": false}]}], "entities": []}"""
    assert problems(text.replace('], "entities": []', "]")) == [
        '$.entities[0].name: duplicate key "name"; expected: only one of them',
        '$.entities[0].fields[0].null: duplicate key "null"; expected: only one of them',
    ]
    assert '$.entities: duplicate key "entities"; expected: only one of them' in problems(text)


def test_a_path_of_odd_keys_is_still_a_path() -> None:
    """Quoted as RFC 9535 has it."""
    found = of_field(type="date", **{"don't": 1})
    assert found == [
        "['don\\'t']: unknown key \"don't\"; expected: one of name, type, null, "
        "unique, default, choices, max_length, max_digits, decimal_places"
    ]


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        (
            {"type": "varchar"},
            '.type: "varchar" is not a valid type of a field; expected: "string"',
        ),
        (
            {"type": "datetim"},
            '.type: "datetim" is not a valid type of a field; expected: "datetime"',
        ),
        (
            {"type": "blob"},
            '.type: "blob" is not a valid type of a field; expected: one of string, text, integer, '
            "decimal, float, boolean, date, datetime, time, email, url, uuid",
        ),
        ({"type": 5}, None),
        ({}, ': "type" is missing; expected: "type": "string"'),
        (
            {"type": "text", "max_length": 9},
            ".max_length: max_length is for string, email and url, not for text; expected: "
            "leave it out",
        ),
        (
            {"type": "string", "max_length": 0},
            ".max_length: 0 is too small; expected: at least 1",
        ),
        (
            {"type": "string", "max_length": 10**40},
            ".max_length: 1000000000000000000000000000000 is too large; expected: at most 10000",
        ),
        (
            {"type": "string", "max_length": 2.5},
            ".max_length: 2.5 is not a whole number; expected: e.g. 20",
        ),
        (
            {"type": "string", "max_length": True},
            ".max_length: true is not a whole number; expected: e.g. 20",
        ),
        (
            {"type": "decimal", "max_digits": 3, "decimal_places": 4},
            ".decimal_places: 4 decimal places of 3 digits; expected: at most 3",
        ),
        (
            {"type": "float", "max_digits": 3},
            ".max_digits: max_digits is for decimal, not for float; expected: leave it out",
        ),
        (
            {"type": "date", "choices": ["2024-01-01"]},
            ".choices: choices are for string and integer, not for date; expected: leave them out",
        ),
        (
            {"type": "integer", "choices": [1, "2"]},
            f'.choices[1]: "2" is not of type integer; expected: {INTEGERS}',
        ),
        (
            {"type": "integer", "choices": [1, True]},
            f".choices[1]: true is not of type integer; expected: {INTEGERS}",
        ),
        (
            {"type": "string", "choices": "new"},
            '.choices: "new" is not a list; expected: a list in […]',
        ),
        (
            {"type": "string", "choices": ["a", "a"]},
            '.choices[1]: duplicate choice "a"; expected: leave it out',
        ),
        (
            {"type": "string", "choices": [" "]},
            '.choices[0]: " " cannot be chosen from a list; expected: a line of text',
        ),
        (
            {"type": "string", "max_length": 3, "choices": ["paid"]},
            '.choices[0]: "paid" has 4 characters; expected: at most 3',
        ),
        (
            {"type": "string", "choices": ["new", "paid"], "default": "old"},
            '.default: "old" is not one of the choices; expected: one of "new", "paid"',
        ),
        (
            {"type": "string", "max_length": 3, "default": "four"},
            '.default: "four" has 4 characters; expected: at most 3',
        ),
        ({"type": "string", "default": 5}, ".default: 5 is not of type string; expected: a string"),
        (
            {"type": "integer", "default": "5"},
            f'.default: "5" is not of type integer; expected: {INTEGERS}',
        ),
        (
            {"type": "integer", "default": 2**31},
            f".default: 2147483648 is not of type integer; expected: {INTEGERS}",
        ),
        (
            {"type": "boolean", "default": 1},
            ".default: 1 is not of type boolean; expected: true or false",
        ),
        (
            {"type": "float", "default": "x"},
            '.default: "x" is not of type float; expected: a number, e.g. 0.5',
        ),
        (
            {"type": "decimal", "max_digits": 4, "decimal_places": 2, "default": "1.234"},
            '.default: "1.234" is not of type decimal; expected: a number with at most 2 decimal '
            "places",
        ),
        (
            {"type": "decimal", "max_digits": 4, "decimal_places": 2, "default": 100},
            '.default: "100.00" has 5 digits; expected: at most 4',
        ),
        (
            {"type": "date", "default": "31.1.2024"},
            '.default: "31.1.2024" is not of type date; expected: a date, e.g. "2024-01-31"',
        ),
        (
            {"type": "date", "default": "2023-02-29"},
            '.default: "2023-02-29" is not of type date; expected: a date, e.g. "2024-01-31"',
        ),
        (
            {"type": "datetime", "default": "2024-01-31T09:30:00"},
            '.default: "2024-01-31T09:30:00" is not of type datetime; expected: a time with its '
            "offset, "
            'e.g. "2024-01-31T09:30:00Z"',
        ),
        (
            {"type": "time", "default": "9"},
            '.default: "9" is not of type time; expected: a time of day, e.g. "09:30:00"',
        ),
        (
            {"type": "email", "default": "me"},
            '.default: "me" is not of type email; expected: an address, e.g. "office@example.org"',
        ),
        (
            {"type": "url", "default": "me"},
            '.default: "me" is not of type url; expected: an address, e.g. "https://example.org"',
        ),
        (
            {"type": "uuid", "default": "1"},
            '.default: "1" is not of type uuid; expected: a UUID, e.g. '
            '"123e4567-e89b-12d3-a456-426614174000"',
        ),
        (
            {"type": "text", "null": True, "default": None},
            ".default: null cannot be a default; expected: leave it out",
        ),
        ({"type": "text", "default": []}, ".default: [] is not of type text; expected: a string"),
        (
            {"type": "integer", "unique": True, "default": 1},
            ".default: a default in a unique field: only one row could use it; expected: "
            "only one of both",
        ),
        (
            {"type": "boolean", "unique": True},
            ".unique: a unique boolean allows two rows; expected: leave it out",
        ),
    ],
)
def test_a_wrong_field(keys: dict[str, Any], told: str | None) -> None:
    """One thing wrong, one line."""
    found = of_field(**keys)
    assert len(found) == 1
    if told is not None:
        assert found == [told]


@pytest.mark.parametrize("number", ["1e999", "-1e999", "NaN", "Infinity", "9" * 5000])
def test_numbers_that_python_would_choke_on(number: str) -> None:
    """They are told, not raised as something else."""
    keys = f'"type": "float", "max_length": {number}, "default": {number}'
    found = problems(TEXT.replace("KEYS", keys))
    assert found[-1].startswith("$.entities[0].fields[0].max_length: ")


@pytest.mark.parametrize("text", ["\\u0000", "a\\u0007"])
def test_what_is_no_text_is_no_default(text: str) -> None:
    """Control characters could not be stored, or not be seen."""
    found = problems(TEXT.replace("KEYS", f'"type": "string", "default": "{text}"'))
    assert found[0].endswith("is not of type string; expected: a string")


def test_half_a_character_is_told() -> None:
    """In names, values and keys; it could not even be printed."""
    text = '{"name": "\\ud800", "entities": [{"\\udfff": 1, "name": "a\\ud83d\\ude00b"}]}'
    told = "half a surrogate pair, such as \\ud800; expected: a whole character"
    assert problems(text) == [f"$.name: {told}", f"$.entities[0]: {told}"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "birthDate",
            '"birthDate" is not a valid name of a field or relation; expected: "birth_date"',
        ),
        ("Größe", '"Größe" is not a valid name of a field or relation; expected: "grosse"'),
        ("name_", '"name_" is not a valid name of a field or relation; expected: "name"'),
        ("a__b", '"a__b" is not a valid name of a field or relation; expected: "a_b"'),
        ("_a", '"_a" is not a valid name of a field or relation; expected: "a"'),
        ("2a", '"2a" is not a valid name of a field or relation; expected: "a"'),
        ("", '"" is not a valid name of a field or relation; expected: "birth_date"'),
        ("a\n", '"a\\n" is not a valid name of a field or relation; expected: "a"'),
        ("class", '"class" is a keyword of Python; expected: e.g. "class_value"'),
        (
            "id",
            '"id" is an attribute of every Django model; expected: nothing: every entity has an id',
        ),
        (
            "pk",
            '"pk" is an attribute of every Django model; expected: nothing: every entity has an id',
        ),
        (
            "objects",
            '"objects" is an attribute of every Django model; expected: e.g. "objects_value"',
        ),
        ("save", '"save" is an attribute of every Django model; expected: e.g. "save_value"'),
        ("a" * 61, "a name of 61 characters; expected: at most 60"),
    ],
)
def test_a_wrong_name_of_a_field_or_relation(name: str, told: str) -> None:
    """What would be right is a name that would be taken."""
    assert of_entities({"name": "A", "fields": [{"name": name, "type": "date"}]}) == [
        f"$.entities[0].fields[0].name: {told}"
    ]
    self_reference = fk(name, "A", null=True)
    assert of_entities({"name": "A", "relations": [self_reference]}) == [
        f"$.entities[0].relations[0].name: {told}"
    ]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("order_line", '"order_line" is not a valid name of an entity; expected: "OrderLine"'),
        ("ORDER-LINE", '"ORDER-LINE" is not a valid name of an entity; expected: "OrderLine"'),
        ("Straße", '"Straße" is not a valid name of an entity; expected: "Strasse"'),
        ("客户", '"客户" is not a valid name of an entity; expected: "OrderLine"'),
        ("None", '"None" is a keyword of Python; expected: e.g. "NoneEntry"'),
        ("A" * 61, "a name of 61 characters; expected: at most 60"),
    ],
)
def test_a_wrong_name_of_an_entity(name: str, told: str) -> None:
    """CamelCase in letters from A to Z."""
    assert of_entities({"name": name, "fields": [{"name": "a", "type": "date"}]}) == [
        f"$.entities[0].name: {told}"
    ]


@pytest.mark.parametrize(
    ("relation", "told"),
    [
        (
            fk("a", "customer", null=True),
            '[0].to: unknown entity "customer"; expected: "Customer"',
        ),
        (
            fk("a", "Nope"),
            '[0].to: unknown entity "Nope"; expected: one of Order, Customer',
        ),
        (
            {"name": "a", "to": "Customer"},
            '[0]: "kind" is missing; expected: "kind": "foreign_key"',
        ),
        (
            {"name": "a", "kind": "manytomany", "to": "Customer"},
            '[0].kind: "manytomany" is not a valid kind of a relation; expected: "many_to_many"',
        ),
        (
            fk("a", "Customer", on_delete="set_null"),
            '[0].on_delete: set_null without null; expected: "null": true, or "protect"',
        ),
        (
            fk("a", "Customer", on_delete="delete"),
            '[0].on_delete: "delete" is not a valid on_delete; expected: one of cascade, protect, '
            "set_null",
        ),
        (
            fk("a", "Customer", through="Customer"),
            "[0].through: a through entity is for many_to_many, not for foreign_key; "
            "expected: leave it out",
        ),
        (
            {"name": "a", "kind": "many_to_many", "to": "Customer", "null": True},
            "[0].null: a many_to_many is empty rather than null; expected: leave it out",
        ),
        (
            {"name": "a", "kind": "many_to_many", "to": "Customer", "on_delete": "protect"},
            "[0].on_delete: a many_to_many deletes only its pairs; expected: leave it out",
        ),
        (
            {"name": "a", "kind": "many_to_many", "to": "Customer", "through": "OrderCustomer"},
            '[0].through: unknown entity "OrderCustomer"; expected: "Customer"',
        ),
        (
            {"name": "a", "kind": "many_to_many", "to": "Customer", "through": "Customer"},
            "[0].through: Customer cannot be a side of the relation and hold its pairs; "
            "expected: a separate entity",
        ),
        (
            fk("boss", "Order"),
            "[0].null: the first row is impossible: Order.boss needs Order; expected: "
            '"null": true on one of them',
        ),
    ],
)
def test_a_wrong_relation(relation: dict[str, Any], told: str) -> None:
    """Kinds, targets and options."""
    assert of_relations(relation) == [told]


def test_a_through_entity_needs_one_foreign_key_to_each_side() -> None:
    """Of the right kind; two of a self-reference."""
    pupil = {"name": "Pupil", "fields": [{"name": "name", "type": "string"}]}
    club = {
        "name": "Club",
        "relations": [
            {"name": "pupils", "kind": "many_to_many", "to": "Pupil", "through": "Stay"},
            {"name": "partners", "kind": "many_to_many", "to": "Club", "through": "Treaty"},
        ],
    }
    stay = {"name": "Stay", "relations": [{**fk("pupil", "Pupil"), "kind": "one_to_one"}]}
    treaty = {"name": "Treaty", "relations": [fk("one", "Club")]}
    assert of_entities(pupil, club, stay, treaty) == [
        "$.entities[1].relations[0].through: Stay has no foreign_key to Club; expected: one",
        "$.entities[1].relations[0].through: Stay has no foreign_key to Pupil; expected: one",
        "$.entities[1].relations[1].through: Treaty has one foreign_key to Club; expected: two",
    ]
    stay["relations"] = [fk("pupil", "Pupil"), fk("friend", "Pupil"), fk("club", "Club")]
    treaty["relations"].append(fk("other", "Club"))
    assert of_entities(pupil, club, stay, treaty) == [
        "$.entities[1].relations[0].through: Stay has 2 foreign_keys to Pupil; expected: one"
    ]


def test_two_relations_cannot_share_their_pairs() -> None:
    """Django would not know whose a pair is."""
    club = {
        "name": "Club",
        "relations": [
            {"name": name, "kind": "many_to_many", "to": "Pupil", "through": "Stay"}
            for name in ("pupils", "members")
        ],
    }
    stay = {"name": "Stay", "relations": [fk("pupil", "Pupil"), fk("club", "Club")]}
    pupil = {"name": "Pupil", "fields": [{"name": "name", "type": "string"}]}
    assert of_entities(club, stay, pupil) == [
        "$.entities[0].relations[1].through: it has the same pairs as pupils, both in Stay; "
        "expected: only one of both relations"
    ]


def test_names_of_entities_are_their_own() -> None:
    """Whatever their case, and so are their tables."""
    field = {"fields": [{"name": "a", "type": "date"}]}
    names = ["Order", "ORDER", "Box", "Boxe"]
    assert of_entities(*({"name": name, **field} for name in names)) == [
        '$.entities[1].name: "ORDER" has the same name as "Order"; expected: another name',
        '$.entities[3].name: "Boxe" and "Box" have the same table, boxes; expected: another name',
    ]


def test_names_of_an_entity_are_its_own() -> None:
    """Columns and methods that come with relations and choices included."""
    entity = {
        "name": "Task",
        "fields": [
            {"name": "owner", "type": "string"},
            {"name": "parent_id", "type": "integer"},
            {"name": "state", "type": "string", "choices": ["open"]},
            {"name": "get_state_display", "type": "string"},
            {"name": "state", "type": "date"},
        ],
        "relations": [fk("parent", "Task", null=True), fk("owner", "Task", null=True)],
    }
    place, expected = "$.entities[0]", "expected: another name"
    assert of_entities(entity) == [
        f'{place}.fields[1].name: "parent_id" is already the column of Task.parent; {expected}',
        f'{place}.fields[3].name: "get_state_display" is already the method of Task.state; '
        f"{expected}",
        f'{place}.fields[4].name: "state" is already another part of Task; {expected}',
        f'{place}.relations[1].name: "owner" is already another part of Task; {expected}',
    ]


def test_other_sides_may_not_clash() -> None:
    """A name that nothing but another name would mend."""
    task = {
        "name": "Task",
        "fields": [{"name": "tasks_as_parent", "type": "integer"}],
        "relations": [fk("parent", "Task", null=True)],
    }
    assert of_entities(task) == [
        '$.entities[0].relations[0].name: Task would have two "tasks_as_parent": the field of '
        "Task, "
        "the other side of Task.parent; expected: another name for one of them"
    ]


def test_a_circle_without_a_first_row_is_told_once() -> None:
    """Each circle, wherever one meets it; a null anywhere opens it."""

    def ring(null: bool) -> list[dict[str, Any]]:
        return [
            {"name": "A", "relations": [fk("b", "B")]},
            {"name": "B", "relations": [fk("c", "C")]},
            {"name": "C", "relations": [fk("a", "A", null=null)]},
            {"name": "D", "relations": [fk("a", "A")]},
        ]

    assert of_entities(*ring(null=False)) == [
        "$.entities[0].relations[0].null: the first row is impossible: A.b needs B, B.c needs C, "
        'C.a needs A; expected: "null": true on one of them'
    ]
    assert len(read(json.dumps({"name": "a", "entities": ring(null=True)})).entities) == 4


def test_an_erd_in_code_is_checked_as_well() -> None:
    """No value of these classes is wrong."""
    with pytest.raises(ValidationError, match='unknown entity "Nope"'):
        Erd(name="a", entities=(Entity(name="A", relations=(
            Relation(name="b", kind="foreign_key", to="Nope"),)),))  # fmt: skip
    with pytest.raises(ValidationError, match='a decimal lacks "max_digits"'):
        Field(name="a", type="decimal", decimal_places=2)


def test_what_follows_from_a_name() -> None:
    """Modules, tables, addresses, words."""
    line, category = (Entity(name=name) for name in ("OrderLine", "Category"))
    assert (line.module, line.table, line.route, line.words) == (
        "order_line", "order_lines", "order-lines", "Order line",
    )  # fmt: skip
    assert (category.table, category.route) == ("categories", "categories")


def test_other_sides_have_names_that_do_not_clash() -> None:
    """The short one where it says enough."""
    erds = {name: read((ERDS / f"{name}.json").read_text()) for name in ("shop", "hr")}

    def other_side(erd: str, entity: str, relation: str) -> str:
        found = erds[erd].entity(entity)
        chosen = next(one for one in found.relations if one.name == relation)
        return erds[erd].related_name(found, chosen)

    assert other_side("shop", "OrderLine", "order") == "order_lines"
    assert other_side("shop", "Payment", "order") == "payment"
    assert other_side("shop", "Order", "billed_to") == "orders_as_billed_to"
    assert other_side("shop", "Order", "delivered_to") == "orders_as_delivered_to"
    assert other_side("hr", "Employee", "manager") == "employees_as_manager"
    assert other_side("hr", "Department", "head") == "department_as_head"  # it has a department


def test_a_schema_named_at_the_top_is_passed_over() -> None:
    """Editors look for it there."""
    text = (ERDS / "blog.json").read_text()
    assert read(text.replace("{", '{"$schema": "erd.schema.json",', 1)) == read(text)
    assert read("\ufeff" + text) == read(text)


WORDS = st.sampled_from(["name", "type", "null", "A", "date", "entities", "fields", "to", "kind"])
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=8,
)


@given(st.data())
def test_whatever_is_put_in_is_told(data: st.DataObject) -> None:
    """An example with anything in place of anything is read or told, never a crash."""
    document = json.loads((ERDS / "shop.json").read_text())
    for _ in range(data.draw(st.integers(1, 3))):
        place: Any = document
        while isinstance(place, dict | list) and place:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = data.draw(st.sampled_from(keys))
            if data.draw(st.integers(0, 3)) == 0 or not isinstance(place[key], dict | list):
                place[key] = data.draw(ANYTHING)
                break
            place = place[key]
    try:
        read(json.dumps(document))
    except ErdErrors as error:
        assert error.problems
        assert all(str(one).startswith("$") for one in error.problems)
