"""Reading of a brief in YAML, with all problems reported together."""

from collections.abc import Generator, Iterator, Mapping
from functools import lru_cache
from typing import Any

from pydantic import ValidationError

from flagbench_generators.enterprise.brief import Brief
from flagbench_generators.enterprise.catalog import Catalog, Known, controls, frameworks
from flagbench_generators.enterprise.definitions import read_definitions
from flagbench_generators.enterprise.entities import problems_of
from flagbench_generators.enterprise.form import BriefErrors, problem_of
from flagbench_generators.enterprise.project import Project
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote
from flagbench_generators.kernel.yaml_documents import NotYaml, parse


@lru_cache(maxsize=64)  # pure, and the sessions of a benchmark share briefs
def read_brief(text: str) -> Project:
    """Read a brief, and the domains and compliance sets that follow it as further documents.

    Raises `BriefErrors` with every problem, each at its path, or its line in what follows.
    """
    try:
        documents = parse(text)
    except NotYaml as error:
        raise BriefErrors([error.problem]) from error
    document = documents[0].value if documents else None
    known = read_definitions(documents[1:])
    problems: list[Problem] = []
    try:
        brief: Brief | None = Brief.model_validate(document)
    except ValidationError as error:
        brief = None
        problems += [problem_of(detail, Brief) for detail in error.errors()]
    # Parts of a brief that are valid are checked even if others are not.
    wrong = {problem.place for problem in problems}
    problems += [
        problem
        for problem in _names(document, known)
        if not any(_covers(at, problem) for at in wrong)
    ]
    if brief is None or problems:
        raise BriefErrors(problems)
    return Project(brief, known)


def _covers(place: Place, problem: Problem) -> bool:
    return problem.place[: len(place)] == place and place != ()


def _names(document: Any, known: Known) -> Iterator[Problem]:
    """Yield the problems of names that are data, and of entities that refer to each other."""
    stack = _mapping(document, "tech_stack")
    place: Place = ("tech_stack", "framework")
    catalog = frameworks()
    found = yield from _unknown(stack.get("framework"), place, catalog, "framework")
    language = stack.get("language")
    if found and isinstance(language, str):
        expected = catalog.parts[found].language
        if language.lower() != expected.lower():
            what = f"{quote(language)} is not the language of {found}"
            yield Problem(("tech_stack", "language"), what, expected)
    wanted = _mapping(document, "requirements_analysis")
    at = "requirements_analysis"
    domain = yield from _unknown(wanted.get("domain"), (at, "domain"), known.domains, "domain")
    sets = wanted.get("compliance")
    seen: set[str] = set()
    for number, name in enumerate(sets if isinstance(sets, list) else ()):
        place = (at, "compliance", number)
        known_name = yield from _unknown(name, place, known.sets, "compliance set")
        if known_name in seen:
            yield Problem(place, f"{quote(known_name)} occurs twice", "each set once")
        seen |= {known_name} if known_name else set()
    yield from _entities(wanted, domain, known)
    if domain:
        yield from _needs(wanted, domain, seen, known)


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


def _entities(wanted: Mapping[str, Any], domain: str | None, known: Known) -> Iterator[Problem]:
    place: Place = ("requirements_analysis", "components")
    more = [entity if isinstance(entity, dict) else {} for entity in _listed(wanted)]
    given = [
        (entity.get("name"), _mapping(entity, "fields"), (*at, "name"), (*at, "fields"))
        for number, entity in enumerate(more)
        if (at := (*place, number))
    ]
    before = known.domains.parts[domain].entities if domain else {}
    yield from problems_of(given, before, place, whole=bool(domain))


def _needs(
    wanted: Mapping[str, Any], domain: str, sets: set[str], known: Known
) -> Iterator[Problem]:
    """Yield what compliance sets need and no entity has."""
    entities: dict[str, Mapping[str, Any]] = dict(known.domains.parts[domain].entities)
    for entity in _listed(wanted):
        if isinstance(entity, dict):
            entities[str(entity.get("name"))] = _mapping(entity, "fields")
    place: Place = ("requirements_analysis", "compliance")
    for name in sorted(sets):
        wanted_by = [controls()[control] for control in known.sets.parts[name].controls]
        for entity, fields in (item for each in wanted_by for item in each.needs.items()):
            if not fields.items() <= entities.get(entity, {}).items():
                told = ", ".join(f"{field}: {kind}" for field, kind in fields.items())
                what = f"{name} needs an entity {entity} with {told}"
                yield Problem(place, what, "it among the components, or another domain")
        for kind in sorted({each.needs_type for each in wanted_by} - {""}):
            if not any(kind in fields.values() for fields in entities.values()):
                what = f"{name} needs an entity with a field of the type {kind}"
                yield Problem(place, what, "one among the components, or another domain")


def _listed(wanted: Mapping[str, Any]) -> list[Any]:
    given = wanted.get("components")
    return given if isinstance(given, list) else []


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}
