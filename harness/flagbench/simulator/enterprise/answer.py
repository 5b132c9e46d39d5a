"""The answer to a call for components: one file, or several under their paths."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from flagbench.simulator.enterprise.drafting import draft
from flagbench.simulator.enterprise.order import Order
from flagbench.simulator.rng import Rng

MISSING = 0.04
"""Chance of each file but the first to be missing from an answer with several (assumption)."""
SHORT_FENCE = 0.05
"""Share of documents with fences whose own fence is no longer than these (assumption)."""
_LANGUAGES = {
    "py": "python", "js": "javascript", "json": "json", "yml": "yaml", "yaml": "yaml",
    "md": "markdown", "sh": "sh", "conf": "nginx",
}  # fmt: skip
Drawn = Callable[[Mapping[str, Any]], Rng]
"""The draws of a job."""


class Files:
    """The files of an answer: text and language by path."""

    def __init__(self, order: Order, parameters: Mapping[str, Any], drawn: Drawn) -> None:
        self._order = order
        self._draws = {path: drawn(order.job(parameters, kind)) for path, kind in order.components}

    @property
    def is_one(self) -> bool:
        """True where one file is asked for."""
        return len(self._order.components) == 1

    def of_one(self, multiplier: float) -> tuple[str, str, int]:
        """The file, its language and the length of its fence, where one is asked for."""
        path, kind = self._order.components[0]
        text = draft(path, kind, self._order, self._draws[path], multiplier)
        return text, _language(path), self._length(path, text, multiplier)

    def of_several(self, draws: Rng, multiplier: float) -> str:
        """The files that are there, each with its path and in a fence."""
        parts = []
        for number, (path, kind) in enumerate(self._order.components):
            if number and draws.chance(f"missing {path}", MISSING * multiplier):
                continue
            text = draft(path, kind, self._order, self._draws[path], multiplier)
            fence = "`" * self._length(path, text, multiplier)
            parts.append(f"### {path}\n\n{fence}{_language(path)}\n{text.rstrip()}\n{fence}")
        return "\n\n".join(parts)

    def _length(self, path: str, text: str, multiplier: float) -> int:
        inner = max((len(mark) for mark in re.findall(r"(?m)^`{3,}", text)), default=2)
        asked = 4 if path.endswith(".md") and "four backticks" in self._order.prompt else 3
        slips = self._draws[path].chance("short fence", SHORT_FENCE * multiplier)
        return inner if inner > 2 and slips else max(asked, inner + 1)


def _language(path: str) -> str:
    if path.endswith("Dockerfile"):
        return "dockerfile"
    return _LANGUAGES.get(path.rpartition(".")[2], "")
