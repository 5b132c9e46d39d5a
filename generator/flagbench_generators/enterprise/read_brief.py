"""Reading of a brief in YAML, with all problems reported together."""

from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from flagbench_generators.enterprise.brief import PLAIN_TYPES, Brief, MoreEntity
from flagbench_generators.enterprise.catalog import (
    Catalog,
    compliance_sets,
    domains,
    frameworks,
)
from flagbench_generators.enterprise.project import Project, is_plain_column, table_of
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote

_SHAPES = {
    "string_type": ("not a string", "a text"),
    "list_type": ("not a list", "a list"),
    "model_type": ("not a mapping", "keys with values"),
    "dict_type": ("not a mapping", "keys with values"),
    "too_short": ("empty", "at least one field"),
    "string_too_short": ("empty", "a name"),
}
_PATTERNS = {
    "^[a-z][a-z0-9-]*$": "small letters, digits and hyphens, such as shop-2",
    "^[A-Z][A-Za-z0-9]*$": "CamelCase, such as OrderLine",
    "^[a-z][a-z0-9_]*$": "snake_case, such as unit_price",
}


class BriefErrors(ValueError):  # noqa: N818  it has all of them
    """An invalid brief; `problems` are all its problems."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, problems)))


class _StrictLoader(yaml.SafeLoader):
    """A safe loader that refuses a key given twice."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        mapping: dict[Any, Any] = super().construct_mapping(node, deep=deep)
        if len(mapping) < len(node.value):
            keys = [key.value for key, _ in node.value]
            twice = next((key for key in keys if keys.count(key) > 1), keys[0])
            raise yaml.constructor.ConstructorError(
                None, None, f"the key {quote(twice)} occurs twice", node.start_mark
            )
        return mapping


@lru_cache(maxsize=64)  # pure, and the sessions of a benchmark share briefs
def read_brief(text: str) -> Project:
    """Read a brief. Raises `BriefErrors` with every problem, each at its path."""
    document = _parse(text)
    problems: list[Problem] = []
    try:
        brief: Brief | None = Brief.model_validate(document)
    except ValidationError as error:
        brief = None
        problems += [_problem(detail) for detail in error.errors()]
    # Parts of a brief that are valid are checked even if others are not.
    wrong = {problem.place for problem in problems}
    problems += [
        problem for problem in _names(document) if not any(_covers(at, problem) for at in wrong)
    ]
    if brief is None or problems:
        raise BriefErrors(problems)
    return Project(brief)


def _covers(place: Place, problem: Problem) -> bool:
    return problem.place[: len(place)] == place and place != ()


def _parse(text: str) -> Any:
    try:
        return yaml.load(text, _StrictLoader)  # noqa: S506  a subclass of the safe loader
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        what = f"not YAML: {error.problem}"
        raise BriefErrors([Problem((), what, line=line, column=column)]) from error
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise BriefErrors([Problem((), f"not YAML: {error}", line=1, column=1)]) from error


def _problem(detail: ErrorDetails) -> Problem:
    """Describe an error of pydantic."""
    place = tuple(step for step in detail["loc"] if step != "[key]")
    kind, value, bounds = detail["type"], detail["input"], detail.get("ctx", {})
    key = str(place[-1]) if place else ""
    if kind == "missing":
        return Problem(place[:-1], f"{quote(key)} is missing")
    if kind == "extra_forbidden":
        return Problem(place, f"unknown key {quote(key)}", nearest(key, _keys_at(place[:-1])))
    if kind == "literal_error":
        return Problem(place, f"{quote(value)} is unknown", str(bounds["expected"]))
    if kind == "string_pattern_mismatch":
        expected = _PATTERNS[str(bounds["pattern"])]
        return Problem(place, f"{quote(value)} is not a valid name", expected)
    if kind in _SHAPES:
        what, expected = _SHAPES[kind]
        return Problem(place, f"{quote(value)} is {what}", expected)
    return Problem(place, f"{quote(value)}: {detail['msg']}")


def _keys_at(place: Place) -> tuple[str, ...]:
    model: type[BaseModel] = Brief
    for step in place:
        if isinstance(step, int):
            model = MoreEntity
        elif step != "components":
            inner = model.model_fields[step].annotation
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return tuple(model.model_fields)


def _names(document: Any) -> Iterator[Problem]:
    """Yield the problems of names that are data, and of entities that refer to each other."""
    stack = _mapping(document, "tech_stack")
    place: Place = ("tech_stack", "framework")
    known = frameworks()
    found = yield from _unknown(stack.get("framework"), place, known, "framework")
    language = stack.get("language")
    if found and isinstance(language, str):
        expected = known.parts[found].language
        if language.lower() != expected.lower():
            what = f"{quote(language)} is not the language of {found}"
            yield Problem(("tech_stack", "language"), what, expected)
    wanted = _mapping(document, "requirements_analysis")
    at = "requirements_analysis"
    domain = yield from _unknown(wanted.get("domain"), (at, "domain"), domains(), "domain")
    sets = wanted.get("compliance")
    seen: set[str] = set()
    for number, name in enumerate(sets if isinstance(sets, list) else ()):
        place = (at, "compliance", number)
        known_name = yield from _unknown(name, place, compliance_sets(), "compliance set")
        if known_name in seen:
            yield Problem(place, f"{quote(known_name)} occurs twice", "each set once")
        seen |= {known_name} if known_name else set()
    yield from _entities(wanted, domain)
    if domain:
        yield from _needs(wanted, domain, seen)


def _cycle(entities: Mapping[str, Mapping[str, str]]) -> str:
    """Name the entities that refer to each other in a circle, "" without one."""
    try:
        TopologicalSorter(
            {
                name: [kind for kind in fields.values() if kind in entities]
                for name, fields in entities.items()
            }
        ).prepare()
    except CycleError as error:
        return " -> ".join(map(str, error.args[1]))
    return ""


def _unknown(
    name: Any, place: Place, catalog: Catalog[Any], noun: str
) -> Generator[Problem, None, str | None]:
    """Yield a problem for a name that is not in the catalog; return the known one."""
    if not isinstance(name, str) or not name:
        return None
    found = catalog.name_of(name)
    if found is None:
        yield Problem(place, f"unknown {noun} {quote(name)}", nearest(name, tuple(catalog.parts)))
    return found


def _entities(wanted: Mapping[str, Any], domain: str | None) -> Iterator[Problem]:
    given = wanted.get("components")
    listed = given if isinstance(given, list) else []
    more = [entity if isinstance(entity, dict) else {} for entity in listed]
    entities = domains().parts[domain].entities if domain else {}
    names = [*entities, *(str(entity.get("name")) for entity in more)]
    known = (*PLAIN_TYPES, *names)
    tables = {table_of(name) for name in entities}
    for number, entity in enumerate(more):
        place: Place = ("requirements_analysis", "components", number)
        name = entity.get("name")
        if isinstance(name, str) and table_of(name) in tables:
            yield Problem((*place, "name"), f"{quote(name)} occurs twice", "a name of its own")
        if isinstance(name, str) and not is_plain_column(table_of(name)):
            what = f"{quote(table_of(name))}, the table of {quote(name)}, is a word of SQL"
            yield Problem((*place, "name"), what, "another name, such as Article")
        tables.add(table_of(str(name)))
        fields = _mapping(entity, "fields")
        for field, kind in fields.items():
            at = (*place, "fields", str(field))
            if isinstance(kind, str) and kind and domain and kind not in known:
                yield Problem(at, f"unknown type {quote(kind)}", nearest(kind, known))
            if f"{field}_id" in fields and kind not in PLAIN_TYPES:
                what = f"{quote(field)} and {quote(f'{field}_id')} are the same column"
                yield Problem(at, what, "another name")
            if not is_plain_column(str(field)):
                what = f"{quote(field)} is the key, or a word of SQL"
                yield Problem(at, what, "another name, such as title")
    own = {
        str(entity.get("name")): {str(key): str(kind) for key, kind in fields.items()}
        for entity in more
        if (fields := _mapping(entity, "fields"))
    }
    circle = _cycle({**entities, **own})
    if circle:
        place = ("requirements_analysis", "components")
        yield Problem(place, f"{circle} refer to each other", "a row that can be the first")


def _needs(wanted: Mapping[str, Any], domain: str, sets: set[str]) -> Iterator[Problem]:
    """Yield what compliance sets need and no entity has."""
    given = wanted.get("components")
    entities: dict[str, Mapping[str, Any]] = dict(domains().parts[domain].entities)
    for entity in given if isinstance(given, list) else ():
        if isinstance(entity, dict):
            entities[str(entity.get("name"))] = _mapping(entity, "fields")
    place: Place = ("requirements_analysis", "compliance")
    for name in sorted(sets):
        known = compliance_sets().parts[name]
        for entity, fields in known.needs.items():
            if not fields.items() <= entities.get(entity, {}).items():
                told = ", ".join(f"{field}: {kind}" for field, kind in fields.items())
                what = f"{name} needs an entity {entity} with {told}"
                yield Problem(place, what, "it among the components, or another domain")
        kind = known.needs_type
        if kind and not any(kind in fields.values() for fields in entities.values()):
            what = f"{name} needs an entity with a field of the type {kind}"
            yield Problem(place, what, "one among the components, or another domain")


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}
