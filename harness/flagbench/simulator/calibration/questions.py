"""Prompts of the comparison: six requests, under the orders of two generators."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]


def _attribute(name: str, kind: str = "string") -> Json:
    return {"name": name, "type": kind, "required": True}


def _entity(name: str, *attributes: Json, relation: Json | None = None) -> Json:
    relations = [relation] if relation else []
    return {"entity": name, "attributes": list(attributes), "relations": relations, "rules": []}


_NAME, _EMAIL = _attribute("name"), _attribute("email", "email")
_LEVEL = _attribute("level")
_COURSES: Json = {"name": "courses", "kind": "many_to_many", "target": "Course"}
_TEACHER: Json = {"name": "teacher", "kind": "many_to_one", "target": "Teacher"}

SIX: tuple[Json, ...] = (
    _entity("Student", _NAME),
    _entity("Student", _NAME, _EMAIL),
    _entity("Course", _NAME, _LEVEL),
    _entity("Student", _NAME, _EMAIL, relation=_COURSES),
    _entity("Teacher", _NAME, _EMAIL),
    _entity("Course", _NAME, _LEVEL, relation=_TEACHER),
)
"""What the experiment's requests ask for, as a person reads them."""
WITHOUT_LEVEL = _entity("Course", _NAME, relation=_TEACHER)
"""The sixth as its generator seems to have handed it to the model: with the new relation alone."""
PLURAL_REQUEST = "Relate students to courses."


@dataclass(frozen=True, slots=True)
class Orders:
    """Orders of a generator's prompts, and the parameters of its calls."""

    standard: str
    relations: str
    parameters: Mapping[str, Any]


EXPERIMENT_ORDERS = Orders(
    "ALL Pydantic models MUST declare every attribute as Optional[<type>] = None.",
    "Each relation becomes an id in the entity: student gets course_id, a foreign key.",
    {"temperature": 0},
)
SHIPPED_ORDERS = Orders(
    "Check each referenced id before writing: one that does not exist is answered 422.",
    'Kinds of relations are "many_to_one", "many_to_many" and "one_to_many".',
    {},
)
_PATHS = {
    "database": "app/schemas/{}.py",
    "backend": "app/routes/{}.py",
    "frontend": "app/pages/{}.py",
    "tests": "tests/test_{}.py",
}


def generate(kind: str, entity: Json, orders: Orders, current: str = "") -> Json:
    """The request for a file."""
    path = _PATHS[kind].format(entity["entity"].lower())
    user = f"# Specification\n\n```json\n{json.dumps(entity, indent=2)}\n```\n\n"
    user += f"# Current version\n\n```python\n{current}\n```\n\n" if current else ""
    user += f"# Task\n\nWrite the complete file `{path}`. Answer with the code of that one file."
    return _body(f"You are an engineer.\n\n{orders.standard}", user, orders)


def recognise(words: str, orders: Orders) -> Json:
    """The request for a specification."""
    system = f"You recognise the entity that a request is about. {orders.relations}"
    body = _body(system, f"# Request\n\n{words}\n", orders)
    return {**body, "response_format": {"type": "json_object"}}


def _body(system: str, user: str, orders: Orders) -> Json:
    messages = [{"role": "system", "content": system}, {"role": "user", "content": user}]
    return {"model": "gpt-4o-mini", "messages": messages, **orders.parameters}
