"""Components of a project, and the integration patterns that they are held against."""

import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class CodeComponent:
    """A Python file. Without a `text` it is read from `path` whenever it is looked at.

    `analysis` and `validation` are filled in by the optimizer, on a copy.
    """

    name: str
    path: str = ""
    text: str | None = None
    analysis: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None

    def source(self) -> str:
        """The text. Raises `OSError`, and `SyntaxError` or `UnicodeError` for its encoding."""
        if self.text is not None:
            return self.text
        with tokenize.open(self.path) as file:
            return file.read()

    @classmethod
    def of_folder(cls, folder: Path) -> list["CodeComponent"]:
        """The Python files beneath a folder, by path; hidden folders are left out."""
        files = sorted(
            path
            for path in folder.rglob("*.py")
            if not any(part.startswith(".") for part in path.relative_to(folder).parts)
        )
        return [
            cls(".".join(path.relative_to(folder).with_suffix("").parts), str(path))
            for path in files
        ]


@dataclass(frozen=True, slots=True)
class IntegrationPattern:
    """Requirements for the components that it applies to, as data.

    `applies_to` is a module that these import, "" for all components. `requires` are
    (kind, value), see `patterns.py`, in the order in which they are tested.
    """

    name: str
    applies_to: str = ""
    requires: tuple[tuple[str, Any], ...] = field(default_factory=tuple)


DEFAULT_PATTERNS = (
    IntegrationPattern("parses", "", (("parses", True),)),
    IntegrationPattern("small", "", (("lines_at_most", 400), ("complexity_at_most", 60))),
    IntegrationPattern("documented", "", (("documented_share_at_least", 0.5),)),
    IntegrationPattern(
        "router", "fastapi", (("defines", "router"), ("imports", "fastapi"), ("has_routes", True))
    ),
    IntegrationPattern(
        "repository", "sqlalchemy", (("imports", "sqlalchemy"), ("imports_none_of", ["fastapi"]))
    ),
    IntegrationPattern("no secrets", "", (("matches_none_of", [r"(?i)password\s*=\s*['\"]\w"]),)),
)
