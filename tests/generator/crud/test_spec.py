"""Specifications: names, derived names, merging and the JSON that prompts carry."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from flagbench_generators.crud.spec import (
    Attribute,
    Entity,
    Recognition,
    Relation,
    plural,
    snake_case,
)


def recognised(**fields: object) -> Recognition:
    """A recognition of a Course with the given parts."""
    return Recognition.model_validate({"intent": "evolve", "entity": "Course", **fields})


def relation(name: str, kind: str, target: str) -> dict[str, object]:
    """A relation as the model writes it."""
    return {"name": name, "kind": kind, "target": target}


@pytest.mark.parametrize(
    ("singular", "many"),
    [("student", "students"), ("category", "categories"), ("class", "classes"),
     ("address", "addresses"), ("order_line", "order_lines"), ("day", "days"), ("box", "boxes"),
     ("branch", "branches"), ("dish", "dishes"), ("estudante", "estudantes")],
)  # fmt: skip
def test_plurals_are_regular(singular: str, many: str) -> None:
    """Tables and addresses are named by plain rules, in any language."""
    assert plural(singular) == many


@pytest.mark.parametrize(
    ("name", "module"),
    [("Student", "student"), ("OrderLine", "order_line"), ("APIKey", "api_key")],
)
def test_modules_are_in_snake_case(name: str, module: str) -> None:
    """The module of an entity splits its name at capitals."""
    assert snake_case(name) == module


def test_an_entity_derives_its_names() -> None:
    """Module, table, address and words all come from the name."""
    entity = Entity(name="OrderLine")
    derived = (entity.module, entity.table, entity.path, entity.title_words)
    assert derived == ("order_line", "order_lines", "/order_lines", "Order line")


@pytest.mark.parametrize(
    ("kind", "python", "sql"),
    [("string", "str", "TEXT"), ("text", "str", "TEXT"), ("integer", "int", "INTEGER"),
     ("number", "float", "REAL"), ("boolean", "bool", "INTEGER"), ("date", "datetime.date", "TEXT"),
     ("datetime", "datetime.datetime", "TEXT"), ("email", "str", "TEXT")],
)  # fmt: skip
def test_types_in_python_and_sql(kind: str, python: str, sql: str) -> None:
    """The eight types of the contract."""
    attribute = Attribute.model_validate({"name": "birth_date", "type": kind})
    assert (attribute.python_type, attribute.sql_type) == (python, sql)
    assert attribute.words == "Birth date"


@pytest.mark.parametrize(
    ("written", "field", "table"),
    [(relation("teacher", "many_to_one", "Teacher"), "teacher_id", "teachers"),
     (relation("courses", "many_to_many", "Course"), "course_ids", "courses"),
     (relation("lines", "one_to_many", "OrderLine"), "lines", "order_lines")],
)  # fmt: skip
def test_relations_derive_their_field(written: dict[str, object], field: str, table: str) -> None:
    """What stands in JSON, by kind, and the table of the other entity."""
    made = Relation.model_validate(written)
    assert (made.field, made.target_table) == (field, table)


def test_a_relation_is_told_in_words() -> None:
    """As an attribute is: for labels."""
    made = Relation(name="home_room", kind="many_to_one", target="Room")
    assert (made.words, made.field) == ("Home room", "home_room_id")


@pytest.mark.parametrize("name", ["class", "id", "Name", "first name", "1st", "", "a;b", "имя"])
def test_attribute_names_must_be_usable(name: str) -> None:
    """No keyword, no `id`, nothing that is not snake_case."""
    with pytest.raises(ValidationError, match="is not an attribute name"):
        Attribute.model_validate({"name": name, "type": "string"})


@pytest.mark.parametrize("name", ["student", "None", "Order Line", "Order_line", "../Etc", ""])
def test_entity_names_must_be_usable(name: str) -> None:
    """CamelCase that Python takes; so no name can leave its directory either."""
    with pytest.raises(ValidationError, match="is not an entity name"):
        Entity(name=name)


def test_accents_are_left_out_of_names() -> None:
    """Names become files, addresses and columns, whatever language they are in."""
    entity = Entity.model_validate(
        {"name": "Endereço", "attributes": [{"name": "número", "type": "integer"}]}
    )
    assert (entity.name, entity.attributes[0].name) == ("Endereco", "numero")


def test_unknown_keys_are_an_error() -> None:
    """A model that invents a key has not understood the schema."""
    with pytest.raises(ValidationError, match="Extra inputs"):
        recognised(notes="none")


def test_a_delta_replaces_what_has_the_same_name_and_adds_the_rest() -> None:
    """Order is kept: what is known first, then what is new; rules are not repeated."""
    course = Entity(name="Course").apply(
        recognised(
            attributes=[{"name": "name", "type": "string"}, {"name": "level", "type": "string"}],
            rules=["level is positive"],
        )
    )
    later = course.apply(
        recognised(
            attributes=[{"name": "name", "type": "text", "required": False},
                        {"name": "hours", "type": "number"}],
            relations=[relation("teacher", "many_to_one", "Teacher")],
            rules=["level is positive", "hours are few"],
        )
    )  # fmt: skip
    found = [(one.name, one.type, one.required) for one in later.attributes]
    assert found == [("name", "text", False), ("level", "string", True), ("hours", "number", True)]
    assert [one.field for one in later.relations] == ["teacher_id"]
    assert later.rules == ("level is positive", "hours are few")
    assert [one.name for one in course.attributes] == ["name", "level"]  # not changed itself


def test_a_relation_stands_for_an_attribute_of_its_field() -> None:
    """`teacher_id` first asked for as a number must not be a column twice."""
    course = Entity(name="Course").apply(
        recognised(attributes=[{"name": "teacher_id", "type": "integer"}])
    )
    later = course.apply(recognised(relations=[relation("teacher", "many_to_one", "Teacher")]))
    assert later.attributes == ()
    assert [one.field for one in later.relations] == ["teacher_id"]


def test_the_later_of_two_relations_to_one_field_stays() -> None:
    """Two many_to_many relations with one target would share `student_ids`."""
    later = Entity(name="Course").apply(
        recognised(relations=[relation("students", "many_to_many", "Student"),
                              relation("pupils", "many_to_many", "Student")])
    )  # fmt: skip
    assert [(one.name, one.field) for one in later.relations] == [("pupils", "student_ids")]


def test_the_specification_is_the_json_of_the_contract() -> None:
    """Keys in order, derived names included."""
    course = Entity(name="Course").apply(
        recognised(
            attributes=[{"name": "name", "type": "string", "required": True}],
            relations=[relation("teacher", "many_to_one", "Teacher")],
            rules=["o nível é positivo"],
        )
    )
    text = course.specification
    assert json.loads(text) == {
        "entity": "Course",
        "module": "course",
        "table": "courses",
        "path": "/courses",
        "attributes": [{"name": "name", "type": "string", "required": True}],
        "relations": [
            {"name": "teacher", "kind": "many_to_one", "target": "Teacher", "required": False,
             "attributes": []}
        ],
        "rules": ["o nível é positivo"],
    }  # fmt: skip
    assert list(json.loads(text))[:5] == ["entity", "module", "table", "path", "attributes"]
    assert "nível" in text


@given(st.text(max_size=12), st.text(max_size=12))
def test_no_name_that_passes_can_break_a_path_or_a_statement(entity: str, attribute: str) -> None:
    """Whatever a model sends: it is refused, or an ASCII identifier."""
    try:
        made = Entity(name=entity, attributes=(Attribute(name=attribute, type="string"),))
    except ValidationError:
        return
    names = [made.name, made.module, made.table, made.attributes[0].name]
    assert all(name.isidentifier() and name.isascii() for name in names)
