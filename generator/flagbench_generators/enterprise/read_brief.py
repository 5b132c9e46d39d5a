"""Reading of a brief in YAML, and of what comes with it; all problems are reported together."""

from collections.abc import Generator, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from flagbench_generators.enterprise.brief import Brief
from flagbench_generators.enterprise.catalog import (
    Compliance,
    Domain,
    Known,
    Part,
    built_in,
    controls,
    find,
    frameworks,
)
from flagbench_generators.enterprise.entities import problems_of
from flagbench_generators.enterprise.form import BriefErrors, validated
from flagbench_generators.enterprise.project import Project
from flagbench_generators.kernel.problem import Place, Problem, nearest, quote
from flagbench_generators.kernel.yaml_documents import Document, NotYaml, parse

_DEFINED: Mapping[str, type[Domain | Compliance]] = {"domain": Domain, "compliance": Compliance}
_AT = "requirements_analysis"
_FURTHER = ", or one of a file that comes with the brief (--with FILE)"


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
    known = _known(documents[1:])
    brief, problems = validated(document, Brief)
    # Parts of a brief that are valid are checked even if others are not.
    wrong = [problem.place for problem in problems if problem.place]
    problems += [
        problem
        for problem in _of_brief(document, known)
        if not any(problem.place[: len(place)] == place for place in wrong)
    ]
    if brief is None or problems:
        raise BriefErrors(problems)
    return Project(brief, known)


def _known(documents: Sequence[Document]) -> Known:
    """Read what a brief may name: what is built in and what follows it. Raises `BriefErrors`."""
    own = built_in()
    parts: dict[str, dict[str, Any]] = {"domain": {**own.domains}, "compliance": {**own.sets}}
    problems = [
        document.at_line(problem)
        for document in documents
        for problem in _define(document.value, parts)
    ]
    if problems:
        raise BriefErrors(problems)
    sets = parts["compliance"]
    return Known(parts["domain"], sets, frozenset(sets.keys() - own.sets.keys()))


def _define(document: Any, parts: Mapping[str, dict[str, Any]]) -> Iterator[Problem]:
    """Add the definition of a document to the parts of its kind; yield its problems."""
    keys = [key for key in _DEFINED if isinstance(document, dict) and key in document]
    if len(keys) != 1:
        expected = "`domain: NAME` with entities, or `compliance: NAME` with controls"
        yield Problem((), "neither a domain nor a compliance set", expected)
        return
    key = keys[0]
    part, problems = validated(document, _DEFINED[key])
    yield from problems
    if part is None:
        return
    name = document[key]
    if name.lower() in map(str.lower, parts[key]):
        yield Problem((key,), f"there is a {key} {quote(name)} already", "a name of its own")
    yield from _of_domain(part) if isinstance(part, Domain) else _of_set(part)
    parts[key][name] = part


def _of_domain(domain: Domain) -> Iterator[Problem]:
    place = ("entities",)
    given = [
        (name, fields, at, at) for name, fields in domain.entities.items() if (at := (*place, name))
    ]
    yield from problems_of(given, {}, place, whole=True)
    for name, fields in domain.sensitive.items():
        texts = [field for field, kind in domain.entities.get(name, {}).items() if kind == "text"]
        for number, field in enumerate(fields):
            if field not in texts:
                what = f"{quote(field)} is not a text of {name}"
                expected = f"one of {', '.join(texts)}" if texts else "a field of the type text"
                yield Problem(("sensitive", name, number), what, expected)


def _of_set(part: Compliance) -> Iterator[Problem]:
    for name in part.controls:
        needed = controls()[name].builds_on
        if needed and part.controls.keys().isdisjoint(needed):
            what = f"{name} without {' or '.join(needed)}"
            yield Problem(("controls", name), what, "both, since it builds on the audit log")


def _of_brief(document: Any, known: Known) -> Iterator[Problem]:
    """Yield the problems of names that are data, of entities, and of what controls need."""
    stack = _mapping(document, "tech_stack")
    place: Place = ("tech_stack", "framework")
    framework = yield from _named(stack.get("framework"), place, frameworks(), "framework")
    language = stack.get("language")
    if framework and isinstance(language, str) and language.lower() != framework.language.lower():
        what = f"{quote(language)} is not the language of {framework.name}"
        yield Problem(("tech_stack", "language"), what, framework.language)
    wanted = _mapping(document, _AT)
    domain = yield from _named(
        wanted.get("domain"), (_AT, "domain"), known.domains, "domain", _FURTHER
    )
    sets: dict[str, Compliance] = {}
    for number, name in enumerate(_list(wanted, "compliance")):
        place = (_AT, "compliance", number)
        part = yield from _named(name, place, known.sets, "compliance set", _FURTHER)
        if part and part.compliance in sets:
            yield Problem(place, f"{quote(part.compliance)} occurs twice", "each set once")
        elif part:
            sets[part.compliance] = part
    place = (_AT, "components")
    more = [each if isinstance(each, dict) else {} for each in _list(wanted, "components")]
    given = [
        (entity.get("name"), _mapping(entity, "fields"), (*at, "name"), (*at, "fields"))
        for number, entity in enumerate(more)
        if (at := (*place, number))
    ]
    yield from problems_of(given, domain.entities if domain else {}, place, whole=bool(domain))
    if domain:
        entities = {**domain.entities, **{str(name): fields for name, fields, *_ in given}}
        for name in sorted(sets):
            for what, expected in _missing(sets[name], domain, entities):
                yield Problem((_AT, "compliance"), f"{name} needs {what}", expected)


def _named(
    name: Any, place: Place, parts: Mapping[str, Part], noun: str, further: str = ""
) -> Generator[Problem, None, Part | None]:
    """Yield a problem for a name that no part has; return the part of another one.

    `further` says where another name could come from.
    """
    if not isinstance(name, str) or not name:
        return None
    try:
        return find(name, parts)
    except KeyError:
        yield Problem(place, f"unknown {noun} {quote(name)}", nearest(name, tuple(parts)) + further)
        return None


def _missing(
    part: Compliance, domain: Domain, entities: Mapping[str, Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Yield what controls of a compliance set need and the entities lack, and what is expected."""
    expected = "one among the components, or another domain"
    wanted = [controls()[name] for name in part.controls]
    for entity, fields in (item for each in wanted for item in each.needs.items()):
        if not fields.items() <= entities.get(entity, {}).items():
            told = ", ".join(f"{field}: {kind}" for field, kind in fields.items())
            yield f"an entity {entity} with {told}", expected
    for kind in sorted({each.needs_type for each in wanted} - {""}):
        if not any(kind in fields.values() for fields in entities.values()):
            yield f"an entity with a field of the type {kind}", expected
    if any(each.needs_sensitive for each in wanted) and not any(domain.sensitive.values()):
        yield f"sensitive fields, and {domain.domain} has none", "a domain with `sensitive` texts"


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    return value if isinstance(value, list) else []


def _mapping(document: Any, key: str) -> Mapping[str, Any]:
    value = document.get(key) if isinstance(document, dict) else None
    return value if isinstance(value, dict) else {}
