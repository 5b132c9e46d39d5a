"""A project to prove: the files that agents wrote, and what an ERD asks of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.acceptance.django.rest_api import FILES
from flagbench.scenario.erd import Erd

KIND = "django-project"
# The application's folder: what is asked for is all of it.
FOLDER = "api"


@dataclass(frozen=True, slots=True)
class ProjectCase:
    """`files` is the whole project by path, the generated ones and those around them."""

    erd: Erd
    files: Mapping[str, str]
    kind: str = KIND

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The generated files. Their words are looked for in what they make, not in their text."""
        return dict.fromkeys(FILES, ())

    @property
    def expected(self) -> Any:
        """The ERD."""
        return self.erd.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Projects:
    """A project for each request: none has files of another's."""

    scaffold: Mapping[str, str]

    def after(
        self, expected: Erd, made: Mapping[str, str]
    ) -> Iterator[tuple[str, ProjectCase | None]]:
        """The one case of a request; None if a file of it was not made."""
        whole = all(made.get(path, "").strip() for path in FILES)
        yield FOLDER, self.case(expected, made) if whole else None

    def case(self, erd: Erd, files: Mapping[str, str]) -> ProjectCase:
        """The case of a project. Migrations are made by the judge: none that are there count."""
        own = {
            path: text
            for path, text in files.items()
            if not path.startswith(f"{FOLDER}/migrations/")
        }
        return ProjectCase(erd, {**self.scaffold, **own})
