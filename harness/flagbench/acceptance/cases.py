"""Cases to prove: each generated file together with the application that it belongs to."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.enterprise.case import Systems
from flagbench.acceptance.enterprise.components import components_of
from flagbench.acceptance.kinds import KINDS
from flagbench.acceptance.optimizer.case import WorkCase
from flagbench.acceptance.own_cases import OwnFiles, kind_of
from flagbench.acceptance.proof import Case, Provable
from flagbench.scenario.brief import Brief
from flagbench.scenario.erd import Erd
from flagbench.scenario.own_checks import OwnChecks
from flagbench.scenario.specification import Entity, closure
from flagbench.scenario.work import Work

CaseOf = Callable[[Mapping[str, str]], Provable]
Expected = Sequence[Entity] | Sequence[Erd] | Sequence[Brief] | Sequence[Work] | Sequence[OwnChecks]


def final_cases(
    expected: Expected,
    scaffold: Mapping[str, str],
    paths: Iterable[str] = (),
) -> Mapping[str, CaseOf]:
    """Functions that build the case of each file as the last request leaves it, by path.

    Own checks say nothing of paths: they have the cases of those `paths` that their patterns match.
    """
    if expected and isinstance(expected[-1], OwnChecks):
        kinds = {path: kind_of(expected[-1], path) for path in paths}
        return {
            path: partial(_own_case, scaffold, expected[-1], kind, path)
            for path, kind in kinds.items()
            if kind is not None
        }
    if expected and isinstance(expected[-1], Erd):
        return {path: partial(Projects(scaffold).case, expected[-1]) for path in FILES}
    if expected and isinstance(expected[-1], Brief):
        brief, systems = expected[-1], Systems(scaffold)
        return {
            component.path_in(brief): partial(systems.case, brief, component)
            for component in components_of(brief)
        }
    if expected and isinstance(expected[-1], Work):
        works = tuple(work for work in expected if isinstance(work, Work))
        of_works = WorkCase(works, {})
        return {of_works.path: lambda files: WorkCase(works, {**scaffold, **files})}
    entities: dict[str, Entity] = {}
    before: dict[str, Entity] = {}
    for entity in (entity for entity in expected if isinstance(entity, Entity)):
        if entity.entity in entities and entities[entity.entity] != entity:
            before[entity.entity] = entities[entity.entity]
        entities[entity.entity] = entity

    def case(kind: str, entity: Entity, files: Mapping[str, str]) -> Case:
        application = Application(scaffold, entities, dict(files))
        return application.case(kind, entity, before.get(entity.entity))

    return {
        kind.path_of(entity): partial(case, name, entity)
        for entity in entities.values()
        for name, kind in KINDS.items()
    }


def _own_case(
    scaffold: Mapping[str, str], checks: OwnChecks, kind: str, path: str, files: Mapping[str, str]
) -> Provable:
    return OwnFiles(scaffold, dict(files)).case(checks, kind, path)


@dataclass(slots=True)
class Application:
    """An application that grows by request: expected entities by name, and files by path.

    `scaffold` holds the files that are not generated.
    """

    scaffold: Mapping[str, str]
    entities: dict[str, Entity] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def after(self, expected: Entity, made: Mapping[str, str]) -> Iterator[tuple[str, Case | None]]:
        """Add the files of a request; path -> the case of each requested file, None if missing.

        Raises `ValueError` for an entity with a relation to an unknown entity.
        """
        before = self.entities.get(expected.entity)
        self.entities[expected.entity] = expected
        self.files.update({path: text for path, text in made.items() if text.strip()})
        for name in KINDS:
            path = KINDS[name].path_of(expected)
            is_made = bool(made.get(path, "").strip())
            yield path, self.case(name, expected, before) if is_made else None

    def case(self, kind: str, entity: Entity, before: Entity | None = None) -> Case:
        """Build the case of one file; files that it needs but that are missing are left out."""
        related = closure(entity, self.entities)
        path = KINDS[kind].path_of(entity)
        needed: Sequence[str] = [
            path,
            *(pattern.format(module=entity.module) for pattern in KINDS[kind].needs),
            *(
                pattern.format(module=other.module)
                for other in related
                for pattern in KINDS[kind].related_needs
            ),
        ]
        files = {name: self.files[name] for name in needed if name in self.files}
        return Case(kind, path, entity, related, before, {**self.scaffold, **files})
