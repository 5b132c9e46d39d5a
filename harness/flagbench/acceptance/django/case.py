"""Cases of whole projects: the generated files and their ERD."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from flagbench.acceptance.django.rest_api import FILES
from flagbench.scenario.erd import Erd

KIND = "django-project"
# The folder of the application, which is generated as a whole.
FOLDER = "api"


@dataclass(frozen=True, slots=True)
class ProjectCase:
    """A project to prove; `files` are all of its files by path, generated or not."""

    erd: Erd
    files: Mapping[str, str]
    kind: str = KIND

    @property
    def texts(self) -> Mapping[str, tuple[str, ...]]:
        """The generated files; no words are required, because the API is checked for them."""
        return dict.fromkeys(FILES, ())

    @property
    def expected(self) -> Any:
        """The ERD as JSON values."""
        return self.erd.model_dump(mode="json")


@dataclass(frozen=True, slots=True)
class Projects:
    """A separate project for each request."""

    scaffold: Mapping[str, str]

    def after(
        self, expected: Erd, made: Mapping[str, str]
    ) -> Iterator[tuple[str, ProjectCase | None]]:
        """Build the one case of a request; None if one of its files is missing."""
        is_complete = all(made.get(path, "").strip() for path in FILES)
        yield FOLDER, self.case(expected, made) if is_complete else None

    def case(self, erd: Erd, files: Mapping[str, str]) -> ProjectCase:
        """Build the case of a project without its migrations, which the judge makes."""
        own = {
            path: text
            for path, text in files.items()
            if not path.startswith(f"{FOLDER}/migrations/")
        }
        return ProjectCase(erd, {**self.scaffold, **own})
