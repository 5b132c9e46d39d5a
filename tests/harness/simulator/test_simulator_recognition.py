"""Requests in English and Portuguese become the delta that a model would answer."""

import json
from typing import Any

import prompts
import pytest

from flagbench.simulator.crud.recognition import recognise, recognition_answer
from flagbench.simulator.prompt_parser import read
from flagbench.simulator.rng import Rng


def _told(request: str) -> tuple[str, str, list[str], list[tuple[str, str, str]], list[str]]:
    """Intent, entity, `name:type` with ? where optional, relations, rules."""
    delta: dict[str, Any] = recognise(request)
    attributes = [
        f"{a['name']}:{a['type']}" + ("" if a["required"] else "?") for a in delta["attributes"]
    ]
    relations = [(r["name"], r["kind"], r["target"]) for r in delta["relations"]]
    return delta["intent"], delta["entity"], attributes, relations, delta["rules"]


NAME, EMAIL = "name:string", "email:email"
TEACHER = [("teacher", "many_to_one", "Teacher")]
COURSES = [("courses", "many_to_many", "Course")]


@pytest.mark.parametrize(
    "request_words",
    ["Create a student with a name", "Create Student with name", "create student (name)",
     "Register a student with a name.", "Set up a Student that has a name",
     "Introduce students, each with a name", "I need a student with name",
     "We want to store students with their name", "I need to keep track of students with a name",
     "Please create a new entity Student with the field name", "Add a Student with name",
     "I'd like a student entity with a name, please.", "Student: name",
     "Create an entity called Student with the following attributes:\n- name (string)",
     "Add a student with a name to the system", "Let there be students with a name"],
)  # fmt: skip
def test_creation_in_many_words(request_words: str) -> None:
    """The same wish in other words is the same delta."""
    assert _told(request_words) == ("create", "Student", [NAME], [], [])


@pytest.mark.parametrize(
    "words, entity, attributes",
    [
        ("Crie um estudante com nome e email", "Estudante", ["nome:string", EMAIL]),
        ("Cadastre um professor com nome e e-mail", "Professor", ["nome:string", EMAIL]),
        ("Cadastre alunos com nome, idade e data de nascimento", "Aluno",
         ["nome:string", "idade:integer", "data_de_nascimento:date"]),
        ("Precisamos de um cadastro de cursos com nome e nível", "Curso",
         ["nome:string", "nivel:string"]),
        ("Preciso de um produto com nome, preço (número) e ativo (sim/não)", "Produto",
         ["nome:string", "preco:number", "ativo:boolean"]),
        ("Crie uma categoria com nome e descrição opcional", "Categoria",
         ["nome:string", "descricao:text?"]),
        ("Create Course with name and level", "Course", [NAME, "level:string"]),
        ("Create Teacher with name and email", "Teacher", [NAME, EMAIL]),
        ("Create a library book with title, ISBN and an optional subtitle", "LibraryBook",
         ["title:string", "isbn:string", "subtitle:string?"]),
        ("Create a class with title and capacity", "Class", ["title:string", "capacity:integer"]),
        ("Create a Product with name, price (number, optional), stock: integer, active as boolean"
         " and description", "Product",
         [NAME, "price:number?", "stock:integer", "active:boolean", "description:text"]),
        ("Create Event with title, starts at (date and time) and seats", "Event",
         ["title:string", "starts_at:datetime", "seats:integer"]),
        ("Create Product. It has a name, a price and a stock quantity.", "Product",
         [NAME, "price:number", "stock_quantity:integer"]),
        ("Define Supplier: company name, contact email, phone", "Supplier",
         ["company_name:string", "contact_email:email", "phone:string"]),
    ],
)  # fmt: skip
def test_attributes_and_types(words: str, entity: str, attributes: list[str]) -> None:
    """Names keep the user's words and language, types come from hints, else from the name."""
    assert _told(words)[:3] == ("create", entity, attributes)


@pytest.mark.parametrize(
    "words, entity, attributes",
    [
        ("Add email to Student", "Student", [EMAIL]),
        ("Add an email address to the students.", "Student", [EMAIL]),
        ("Students should also have an email", "Student", [EMAIL]),
        ("Every student needs an email", "Student", [EMAIL]),
        ("Extend Student with an email", "Student", [EMAIL]),
        ("Give Student an email", "Student", [EMAIL]),
        ("Add phone and birth date to Student", "Student", ["phone:string", "birth_date:date"]),
        ("Add a grade and an optional comment to every enrollment", "Enrollment",
         ["grade:string", "comment:text?"]),
        ("Adicione email ao Estudante", "Estudante", [EMAIL]),
        ("Adicione um telefone opcional ao estudante", "Estudante", ["telefone:string?"]),
        ("Adicione o campo email (opcional) à entidade Estudante", "Estudante", ["email:email?"]),
        ("Inclua o email no estudante", "Estudante", [EMAIL]),
        ("Alunos precisam de um email", "Aluno", [EMAIL]),
        ("Estudantes devem ter um email", "Estudante", [EMAIL]),
    ],
)  # fmt: skip
def test_evolution(words: str, entity: str, attributes: list[str]) -> None:
    """New attributes of an entity that exists are a delta of intent evolve."""
    assert _told(words) == ("evolve", entity, attributes, [], [])


@pytest.mark.parametrize(
    "words, entity, relations",
    [
        ("Relate students to courses", "Student", COURSES),
        ("Link students with courses", "Student", COURSES),
        ("Connect Student and Course", "Student", COURSES),
        ("A student can take many courses", "Student", COURSES),
        ("Students can enroll in courses", "Student", COURSES),
        ("Relacione estudantes a cursos", "Estudante", [("cursos", "many_to_many", "Curso")]),
        ("Um aluno pode cursar várias disciplinas", "Aluno",
         [("disciplinas", "many_to_many", "Disciplina")]),
        ("Give a course its teacher", "Course", TEACHER),
        ("Give each course a teacher", "Course", TEACHER),
        ("Assign a teacher to each course", "Course", TEACHER),
        ("Link each course with a teacher", "Course", TEACHER),
        ("Every course has a teacher", "Course", TEACHER),
        ("I want courses to have a teacher", "Course", TEACHER),
        ("Each loan belongs to a member", "Loan", [("member", "many_to_one", "Member")]),
        ("Dê a um curso seu professor", "Curso", [("professor", "many_to_one", "Professor")]),
        ("Associe cada curso a um professor", "Curso",
         [("professor", "many_to_one", "Professor")]),
        ("Cada empréstimo pertence a um membro", "Emprestimo",
         [("membro", "many_to_one", "Membro")]),
    ],
)  # fmt: skip
def test_relations(words: str, entity: str, relations: list[tuple[str, str, str]]) -> None:
    """One to many owners, many to many: the direction and the focal entity follow the words."""
    assert _told(words) == ("relate", entity, [], relations, [])


def test_nested_rows() -> None:
    """Lines, each with ..., are a one_to_many whose attributes are the child's."""
    words = "Create an Order with customer name, date and lines, each with product and quantity"
    delta: dict[str, Any] = recognise(words)
    assert [a["name"] for a in delta["attributes"]] == ["customer_name", "date"]
    (lines,) = delta["relations"]
    assert (lines["name"], lines["kind"], lines["target"]) == ("lines", "one_to_many", "Line")
    assert [(a["name"], a["type"]) for a in lines["attributes"]] == [
        ("product", "string"), ("quantity", "integer")
    ]  # fmt: skip
    words = "Crie um pedido com data e itens, cada um com produto e quantidade"
    (itens,) = recognise(words)["relations"]
    assert (itens["name"], itens["target"]) == ("itens", "Item")


@pytest.mark.parametrize(
    "words, intent, entity, rules",
    [
        ("Create Course with name and level, where level must be one of beginner, advanced",
         "create", "Course", ["level must be one of beginner, advanced"]),
        ("Create Product with name and price; price must be positive and name must be unique",
         "create", "Product", ["price must be positive", "name must be unique"]),
        ("Create a Loan with loan date and due date. A loan lasts at most 14 days.",
         "create", "Loan", ["A loan lasts at most 14 days"]),
        ("Crie um produto com nome e preço. O preço deve ser maior que 0.",
         "create", "Produto", ["O preço deve ser maior que 0"]),
        ("Create a Customer with name and email (unique)", "create", "Customer",
         ["email must be unique"]),
        ("Create a Patient with blood type (A, B or O)", "create", "Patient",
         ["blood type must be one of A, B, O"]),
        ("Create a Booking with guests (integer, at most 4)", "create", "Booking",
         ["guests must be at most 4"]),
        ("Add a discount between 0 and 100 to Product", "evolve", "Product",
         ["discount must be between 0 and 100"]),
        ("The email of a student must be unique", "evolve", "Student",
         ["The email of a student must be unique"]),
        ("Student's email must be unique", "evolve", "Student",
         ["Student's email must be unique"]),
        ("No two students may have the same email", "evolve", "Student",
         ["No two students may have the same email"]),
    ],
)  # fmt: skip
def test_rules(words: str, intent: str, entity: str, rules: list[str]) -> None:
    """Constraints become rules in the user's words, apart from the attributes."""
    told = _told(words)
    assert (told[0], told[1], told[4]) == (intent, entity, rules)


def test_forty_attributes_with_hints() -> None:
    """A long list keeps every attribute, its type hint and its optional mark."""
    kinds = ("string", "number", "integer", "date", "boolean", "text", "datetime", "email")
    items = [f"part {n} ({kinds[n % 8]}{', optional' if n % 3 == 0 else ''})" for n in range(40)]
    delta: dict[str, Any] = recognise(
        f"Create a Machine with {', '.join(items[:-1])} and {items[-1]}"
    )
    assert [a["name"] for a in delta["attributes"]] == [f"part_{n}" for n in range(40)]
    assert [a["type"] for a in delta["attributes"]] == [kinds[n % 8] for n in range(40)]
    assert [a["required"] for a in delta["attributes"]] == [n % 3 != 0 for n in range(40)]


@pytest.mark.parametrize("words", ["", "?", "...", "👍", "the of and", "é", "x" * 5000, "a, b, c"])
def test_nonsense_never_fails(words: str) -> None:
    """Anything gets an answer with the keys of the schema and an entity name."""
    delta = recognise(words)
    assert list(delta) == ["intent", "entity", "attributes", "relations", "rules"]
    assert delta["entity"]


def test_slips_are_rare_and_scaled() -> None:
    """About one attribute in a hundred is read wrong; none with the multiplier at 0."""
    words = "Create a Thing with " + ", ".join(f"part {n}" for n in range(20))
    asked, slips = read(prompts.recognise(words)), 0
    for number in range(150):
        draws = Rng.of(0, {"n": number}, 1, 1)
        clean = json.loads(recognition_answer(asked.request, asked.orders, draws, 0.0))
        assert all(a["required"] for a in clean["attributes"])
        drawn = json.loads(recognition_answer(asked.request, asked.orders, draws, 1.0))
        slips += sum(not a["required"] for a in drawn["attributes"])
    assert 0.005 < slips / 3000 < 0.017


@pytest.mark.parametrize(
    ("orders", "low", "high"),
    [("many_to_many keeps a list of ids.", 0.0, 0.03),
     ("For each relation Student gets course_id, a foreign key.", 1.0, 1.0)],
)  # fmt: skip
def test_many_are_made_one_on_order(orders: str, low: float, high: float) -> None:
    """A plural relation becomes one id as the experiment's prompt ordered, else in rare slips."""
    body = prompts.recognise("Relate students to courses.")
    body["messages"][0]["content"] += orders
    asked = read(body)
    drawn = (
        json.loads(recognition_answer(asked.request, asked.orders, Rng.of(0, {"n": n}, 1, 1), 1.0))
        for n in range(300)
    )
    kinds = [(one["relations"][0]["kind"], one["relations"][0]["name"]) for one in drawn]
    assert set(kinds) <= {("many_to_many", "courses"), ("many_to_one", "course")}
    assert low <= kinds.count(("many_to_one", "course")) / 300 <= high
