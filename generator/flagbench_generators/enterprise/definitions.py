"""Domains and compliance sets that come with a brief, as further documents of its text."""

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import ValidationError

from flagbench_generators.enterprise.catalog import (
    Catalog,
    Compliance,
    Domain,
    Known,
    built_in,
    controls,
)
from flagbench_generators.enterprise.entities import problems_of
from flagbench_generators.enterprise.form import BriefErrors, problem_of
from flagbench_generators.kernel.problem import Problem, quote
from flagbench_generators.kernel.yaml_documents import Document

_MODELS: dict[str, type[Domain | Compliance]] = {"domain": Domain, "compliance": Compliance}


def read_definitions(documents: Sequence[Document]) -> Known:
    """Read the definitions of a text. Raises `BriefErrors` with all problems, each at its line."""
    domains, sets = dict(built_in().domains.parts), dict(built_in().sets.parts)
    added: set[str] = set()
    problems: list[Problem] = []
    for written in documents:
        document, found = written.value, list[Problem]()
        keys = [key for key in _MODELS if isinstance(document, dict) and key in document]
        if len(keys) != 1:
            expected = "`domain: NAME` with entities, or `compliance: NAME` with controls"
            found.append(Problem((), "neither a domain nor a compliance set", expected))
        else:
            parts: dict[str, Any] = domains if keys[0] == "domain" else sets
            try:
                part = _MODELS[keys[0]].model_validate(document)
            except ValidationError as error:
                found += [problem_of(each, _MODELS[keys[0]]) for each in error.errors()]
            else:
                name = str(document[keys[0]])
                if Catalog(parts).name_of(name) is not None:
                    what = f"there is a {keys[0]} {quote(name)} already"
                    found.append(Problem((keys[0],), what, "a name of its own"))
                found += _of_domain(part) if isinstance(part, Domain) else _of_set(part)
                parts[name] = part
                added |= {name} if keys[0] == "compliance" else set()
        problems += map(written.at_line, found)
    if problems:
        raise BriefErrors(problems)
    return Known(Catalog(domains), Catalog(sets), frozenset(added))


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
