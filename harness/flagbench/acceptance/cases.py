"""Files and expectations become cases: each file with the application that it belongs to."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial

from flagbench.acceptance.django.case import Projects
from flagbench.acceptance.django.rest_api import FILES
from flagbench.acceptance.kinds import KINDS
from flagbench.acceptance.proof import Case, Provable
from flagbench.scenario.erd import Erd
from flagbench.scenario.specification import Entity, closure

CaseOf = Callable[[Mapping[str, str]], Provable]


def finished(
    expected: Sequence[Entity] | Sequence[Erd], scaffold: Mapping[str, str]
) -> Mapping[str, CaseOf]:
    """The path of each file that the last request leaves -> its case, if these are the files."""
    if expected and isinstance(expected[-1], Erd):
        return {path: partial(Projects(scaffold).case, expected[-1]) for path in FILES}
    entities: dict[str, Entity] = {}
    before: dict[str, Entity] = {}
    for entity in (one for one in expected if isinstance(one, Entity)):
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


@dataclass(slots=True)
class Application:
    """An application as it grows: what is expected of its entities, and its files by path.

    `scaffold` are the files around the generated ones.
    """

    scaffold: Mapping[str, str]
    entities: dict[str, Entity] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def after(self, expected: Entity, made: Mapping[str, str]) -> Iterator[tuple[str, Case | None]]:
        """A request is done: path -> the case of each file it had to make, None if it did not.

        Raises `ValueError` for an entity that points at one nobody expects.
        """
        before = self.entities.get(expected.entity)
        self.entities[expected.entity] = expected
        self.files.update({path: text for path, text in made.items() if text.strip()})
        for name in KINDS:
            path = KINDS[name].path_of(expected)
            whole = bool(made.get(path, "").strip())
            yield path, self.case(name, expected, before) if whole else None

    def case(self, kind: str, entity: Entity, before: Entity | None = None) -> Case:
        """The case of one file. Files that its application needs and does not have are left out."""
        related = closure(entity, self.entities)
        path = KINDS[kind].path_of(entity)
        needed: Sequence[str] = [
            path,
            *(one.format(module=entity.module) for one in KINDS[kind].needs),
            *(
                one.format(module=other.module)
                for other in related
                for one in KINDS[kind].related_needs
            ),
        ]
        files = {one: self.files[one] for one in needed if one in self.files}
        return Case(kind, path, entity, related, before, {**self.scaffold, **files})
