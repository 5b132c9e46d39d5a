"""Cases of components: a file of a system, those it is held against, and the brief."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flagbench.acceptance.enterprise.components import Component, components_of
from flagbench.scenario.brief import Brief


@dataclass(frozen=True, slots=True)
class ComponentCase:
    """A component to prove. `files` are its own and those that it is held against.

    `paths` are those of the whole system: documents and commands may name any of them. `is_alone`:
    no other file of the system is proven, and so the checks may end with a finding about this one.
    """

    component: Component
    brief: Brief
    files: Mapping[str, str]
    paths: tuple[str, ...]
    is_alone: bool = True

    @property
    def kind(self) -> str:
        """The kind of its component."""
        return self.component.kind

    @property
    def path(self) -> str:
        """The path of its file."""
        return self.component.path_in(self.brief)

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The file, if it is Python's; no words are required."""
        return {self.path: ()} if self.path.endswith(".py") else {}

    @property
    def expected(self) -> Any:
        """The brief, the kind and the paths of the system, as JSON values."""
        return {
            "kind": self.kind,
            "brief": self.brief.model_dump(mode="json"),
            "paths": list(self.paths),
        }


@dataclass(frozen=True, slots=True)
class Systems:
    """A separate system for each request; `scaffold` holds the files that are not generated."""

    scaffold: Mapping[str, str]

    def after(
        self, expected: Brief, made: Mapping[str, str]
    ) -> Iterator[tuple[str, ComponentCase | None]]:
        """Path -> the case of each component of a request, None if its file is missing."""
        for component in components_of(expected):
            path = component.path_in(expected)
            is_made = bool(made.get(path, "").strip())
            case = self.case(expected, component, made) if is_made else None
            yield path, replace(case, is_alone=False) if case else None

    def case(self, brief: Brief, component: Component, files: Mapping[str, str]) -> ComponentCase:
        """The case of a component among all files of its system."""
        whole = {**self.scaffold, **{path: text for path, text in files.items() if text.strip()}}
        # A component that was not made is its own fault, not that of those that name it.
        wanted = {other.path_in(brief) for other in components_of(brief)}
        paths = tuple(sorted(whole.keys() | wanted))
        return ComponentCase(component, brief, component.files_of(brief, whole), paths)
