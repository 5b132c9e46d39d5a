"""Assembly of a project from the components of a folder that match a request."""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from flagbench_generators.optimizer.components import DEFAULT_PATTERNS, CodeComponent
from flagbench_generators.optimizer.performance_optimizer import PerformanceOptimizer

_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
# Words of a request that name nothing.
_LITTLE = re.compile(r"(an?|and|create|for|from|in|make|of|on|or|the|to|with|optimi[sz]ation)\Z")


def words_of(texts: Iterable[str]) -> set[str]:
    """The words of texts and names, in lower case, without a plural's s."""
    found = {word.lower() for text in texts for word in _WORD.findall(text)}
    return {word if word.endswith("ss") else word.rstrip("s") for word in found
            if not _LITTLE.match(word)}  # fmt: skip


def assemble(
    optimizer: PerformanceOptimizer, request: str, folder: Path, without: Path
) -> dict[str, Any]:
    """The components of a folder that match a request, with those that they import.

    What is beneath `without` is left out: an earlier assembly. A component matches with its name,
    what it defines, or a match of the code search, where there is one. Returns `components`, their
    quality `report`, the `search` or None. Raises `ValueError` where nothing matches.
    """
    inside = [each for each in CodeComponent.of_folder(folder)
              if without.resolve() not in Path(each.path).resolve().parents]  # fmt: skip
    components = optimizer.optimize_component_analysis(inside)
    search = optimizer.optimize_sourcegraph_search([request])[0] if optimizer.search_url else None
    paths = {folder / match["path"] for match in search["matches"]} if search else set()
    wanted = words_of([request])
    matching = [
        component for component in components
        if Path(component.path) in paths
        or wanted & words_of([component.name, *(component.analysis or {}).get("defines", ())])
    ]  # fmt: skip
    if not matching:
        raise ValueError(f"none of {len(components)} components in {folder} matches {request!r}; "
                         "expected: words of their names, or of what they define")  # fmt: skip
    chosen = _with_needs(matching, components)
    report = optimizer.optimize_multi_layer_validation(chosen, DEFAULT_PATTERNS)
    return {"components": chosen, "report": report, "search": search}


def _with_needs(
    matching: Sequence[CodeComponent], components: Sequence[CodeComponent]
) -> list[CodeComponent]:
    by_name = {component.name: component for component in components}
    waiting, chosen = [component.name for component in matching], set[str]()
    while waiting:
        name = waiting.pop()
        if name in by_name and name not in chosen:
            chosen.add(name)
            waiting += _needs(by_name[name])
    return [component for component in components if component.name in chosen]


def _needs(component: CodeComponent) -> Iterator[str]:
    """The names of the components that a component imports, and of the packages around it."""
    parts = component.name.split(".")
    yield from (component.analysis or {})["depends_on"]
    yield from (".".join([*parts[:depth], "__init__"]) for depth in range(len(parts)))
