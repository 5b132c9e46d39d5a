"""Components of a project, and the integration patterns that they are held against."""

import tokenize
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml


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
        paths = [(path, path.relative_to(folder).with_suffix("")) for path in folder.rglob("*.py")]
        return [
            cls(".".join(inner.parts), str(path))
            for path, inner in sorted(paths)
            if not any(part.startswith(".") for part in inner.parts)
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


_DEFAULTS = Path(__file__).with_name("default_patterns.yaml").read_text(encoding="utf-8")
DEFAULT_PATTERNS = tuple(
    IntegrationPattern(
        item["name"], item.get("applies_to", ""), tuple(map(tuple, item["requires"]))
    )
    for item in yaml.safe_load(_DEFAULTS)
)
