"""Domains and compliance sets: those of flagbench, and those that come with a brief."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from flagbench import yaml_lines
from flagbench.errors import Place, problems_of
from flagbench.scenario import tables
from flagbench.yaml_lines import Lines, WrongLines

Control = Literal[
    "export", "erasure", "encryption", "audit_reads", "audit_changes", "append_only", "four_eyes"
]
AUDITS: tuple[Control, ...] = ("audit_reads", "audit_changes")
# Controls of which a set needs one for another: both read the log of who did what.
_BUILDS_ON: Mapping[Control, tuple[Control, ...]] = {
    "append_only": AUDITS,
    "four_eyes": ("audit_changes",),
}
Text = Annotated[str, StringConstraints(min_length=1)]
EntityName = Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Za-z0-9]*$")]
FieldName = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]
_Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9-]*$")]
Fields = Annotated[dict[FieldName, Text], Field(min_length=1)]
T = TypeVar("T")
# Where something is wrong, what, and what is expected.
_Wrong = tuple[Place, str, str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Domain(_Part):
    """Entities of a domain, and the texts of them that are sensitive."""

    domain: _Name
    entities: Annotated[dict[EntityName, Fields], Field(min_length=1)]
    sensitive: dict[EntityName, tuple[FieldName, ...]] = {}


class ComplianceSet(_Part):
    """A compliance set: for each of its controls the article that demands it."""

    compliance: _Name
    title: Text
    controls: Annotated[dict[Control, Text], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Definitions:
    """The domains and compliance sets that a brief may name."""

    domains: Mapping[str, Domain]
    sets: Mapping[str, ComplianceSet]

    def domain(self, name: str) -> Domain:
        """The domain of a name in any case. Raises `ValueError`."""
        return _named(name, self.domains, "domain")

    def compliance_set(self, name: str) -> ComplianceSet:
        """The compliance set of a name in any case. Raises `ValueError`."""
        return _named(name, self.sets, "compliance set")


def _named(name: str, known: Mapping[str, T], what: str) -> T:
    by_lower = {each.lower(): part for each, part in known.items()}
    if name.lower() not in by_lower:
        further = "a further one needs its file with the brief"
        raise ValueError(f"the {what} {name} is not one of {', '.join(known)}; {further}")
    return by_lower[name.lower()]


@cache  # the files do not change while a process runs
def built_in() -> Definitions:
    """The domains and compliance sets of flagbench."""
    folder = Path(__file__).parent
    paths = [*sorted(folder.glob("domains/*.yaml")), *sorted(folder.glob("compliance/*.yaml"))]
    documents = [yaml_lines.documents(path.read_text(encoding="utf-8"))[0] for path in paths]
    return read(documents, Definitions({}, {}))


def read(
    documents: Sequence[tuple[Any, Mapping[Place, int]]], known: Definitions | None = None
) -> Definitions:
    """Read definitions that are added to known ones. Raises `WrongLines` with all problems."""
    known = built_in() if known is None else known
    domains, sets = dict(known.domains), dict(known.sets)
    wrong: list[tuple[int, str, str]] = []
    for document, numbers in documents:
        at_line = Lines(Path(), numbers).line
        try:
            part = _part(document)
        except ValidationError as error:
            wrong += _form(error, document, at_line)
            continue
        if isinstance(part, Domain):
            found = [*_shadows(part.domain, "domain", domains), *_of_domain(part)]
            domains[part.domain] = part
        elif isinstance(part, ComplianceSet):
            found = [*_shadows(part.compliance, "compliance", sets), *_of_set(part)]
            sets[part.compliance] = part
        else:
            expected = "`domain: NAME` with entities, or `compliance: NAME` with controls"
            found = [((), "neither a domain nor a compliance set", expected)]
        wrong += [(at_line(place), what, expected) for place, what, expected in found]
    if wrong:
        raise WrongLines(wrong)
    return Definitions(domains, sets)


def _part(document: Any) -> Domain | ComplianceSet | None:
    """The definition of a document, None for neither. Raises `ValidationError`."""
    if not isinstance(document, dict) or ("domain" in document) is ("compliance" in document):
        return None
    model = Domain if "domain" in document else ComplianceSet
    return model.model_validate(document)


def _form(
    error: ValidationError, document: Any, at_line: Callable[[Place], int]
) -> Iterator[tuple[int, str, str]]:
    """The errors of pydantic about a definition."""
    model = Domain if "domain" in document else ComplianceSet
    for problem in problems_of(error, lambda place: str(at_line(place)), document=model):
        yield int(problem.where), problem.what.replace(".[key]", ""), problem.expected


def _shadows(name: str, key: str, known: Mapping[str, Any]) -> Iterator[_Wrong]:
    same = [each for each in known if each.lower() == name.lower()]
    if same:
        yield (key,), f"there is a {key} {same[0]} already", "a name of its own"


def _of_domain(domain: Domain) -> Iterator[_Wrong]:
    for place, what, expected in tables.problems([*domain.entities.items()]):
        yield ("entities", *place), what, expected
    for name, fields in domain.sensitive.items():
        texts = [field for field, kind in domain.entities.get(name, {}).items() if kind == "text"]
        for number, field in enumerate(fields):
            if field not in texts:
                expected = f"one of {', '.join(texts)}" if texts else "a field of the type text"
                yield ("sensitive", name, number), f"{field} is not a text of {name}", expected


def _of_set(part: ComplianceSet) -> Iterator[_Wrong]:
    for name in part.controls:
        needed = _BUILDS_ON.get(name, ())
        if needed and part.controls.keys().isdisjoint(needed):
            what = f"{name} without {' or '.join(needed)}"
            yield ("controls", name), what, "both, since it builds on the audit log"
