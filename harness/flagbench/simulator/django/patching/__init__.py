"""Answers a patch request for a file of a Django backend: what an issue names is mended."""

import ast
import re
from collections.abc import Callable, Iterable, Iterator, Sequence

from flagbench.simulator.crud.defects import FIXED
from flagbench.simulator.crud.patching import APOLOGY, blocks, noted
from flagbench.simulator.django.defects import Named, named_in
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.patching import models, routes, serializers, views
from flagbench.simulator.django.patching.source import Edit, Fault, Source, applied
from flagbench.simulator.django.patching.text import (
    parsing,
    with_two_blank_lines,
    with_wrapped_lines,
    without_unused_imports,
)
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import STYLES
from flagbench.simulator.rng import Rng

_FAULTS: dict[str, Callable[[Source, Project], Iterable[Fault]]] = {
    "models": models.faults,
    "serializers": serializers.faults,
    "views": views.faults,
    "router": routes.route_faults,
    "auth": routes.auth_faults,
}
_MODULE_WORDS = {
    "models": "Models", "serializers": "Serializers", "views": "View sets", "router": "Routes",
    "auth": "Authentication and permissions",
}  # fmt: skip
_OF_TEXT: dict[str, Callable[[str], str]] = {
    "unused_imports": without_unused_imports,
    "tight_spacing": with_two_blank_lines,
    "long_lines": with_wrapped_lines,
}
_ALIKE = (
    {"permissions_left_out", "allow_any"},
    {"set_null_without_null", "null_forgotten"},
    {"strangers_read", "view_not_asked"},
)
"""Slips that are mended by the same change, so that an issue about one is about the other."""
_PLACEHOLDER = re.compile(r"^\s*# (?:\.\.\.|Add the other)")
_MOST_ROUNDS = 12
"""Faults whose edits touch the same lines are mended in turn, at most so often."""


def mend(
    kind: str, project: Project, current: str, issues: Sequence[str], draws: Rng
) -> tuple[str, bool]:
    """Search/replace blocks for the issues, or an apology; the flag says whether it is blocks.

    Every issue is really fixed with probability FIXED. What no issue names stays as it is.
    """
    code = current
    for number, issue in enumerate(issues):
        if draws.chance(f"fixed {number}", FIXED):
            code = mended(kind, project, code, issue)
        else:
            code = noted(code, issue)
    text = blocks(current, code)
    return (text, True) if text else (APOLOGY, False)


def mended(kind: str, project: Project, code: str, issue: str) -> str:
    """The code without what the issue names; the same code where nothing of it is found."""
    named = named_in(issue, kind, project)
    if named.slip == "does_not_parse":
        return parsing(code) or rewritten(kind, project, code)
    if named.slip in _OF_TEXT:
        return _OF_TEXT[named.slip](code)
    source = Source.of(code)
    places = _places(list(_all_faults(kind, source, project)), named, issue) if source else set()
    for _ in range(_MOST_ROUNDS):
        source = Source.of(code)
        found = _all_faults(kind, source, project) if source else ()
        edits = _apart(_meant([x for x in found if x.entity in places], named, issue))
        if not edits:
            break
        code = applied(code, edits)
    if named.slip == "truncated":
        kept = [line for line in code.split("\n") if not _PLACEHOLDER.match(line)]
        without = "\n".join(kept)
        code = without if parses(without) else code
    return code


def faults_in(kind: str, project: Project, code: str) -> list[Fault]:
    """Every difference between a file and what the ERD asks for; none in what does not parse."""
    source = Source.of(code)
    return list(_all_faults(kind, source, project)) if source else []


def _all_faults(kind: str, source: Source, project: Project) -> Iterator[Fault]:
    yield from _FAULTS[kind](source, project)
    if not ast.get_docstring(source.tree):
        words = f'"""{_MODULE_WORDS[kind]} of the {project.name} project."""'
        yield Fault("no_docstrings", "", "", (Edit(1, 0, (words, "")),), True)


def _places(found: Sequence[Fault], named: Named, issue: str) -> set[str]:
    """The entities at which an issue is looked for, "" for the file as a whole.

    One that names entities is about these; about the file only where they have nothing like it.
    """
    if not named.entities:
        return {one.entity for one in found}
    at_entities = any(one.entity in named.entities and _is_like(one, named, issue) for one in found)
    return {*named.entities} if at_entities else {*named.entities, ""}


def _meant(found: Iterable[Fault], named: Named, issue: str) -> list[Fault]:
    """The faults that an issue is about."""
    here = [one for one in found if one.edits]
    same = [one for one in here if _is_like(one, named, issue)]
    members = [one for one in same if one.member in named.members]
    if members or same:
        return members or [one for one in same if not named.members or not one.member]
    if named.members:
        return [one for one in here if one.member in named.members]
    return here if not named.slip and named.entities else []


def _is_like(fault: Fault, named: Named, issue: str) -> bool:
    if named.slip == "truncated":
        return fault.is_gap
    if not named.slip:
        return bool(fault.slip) and fault.slip in issue
    pair = {fault.slip, named.slip}
    return len(pair) == 1 or pair in _ALIKE


def _apart(found: Sequence[Fault]) -> list[Edit]:
    """Edits of as many faults as do not touch each other; the others wait for the next round."""
    edits: list[Edit] = []
    for fault in found:
        if not any(_touch(new, old) for new in fault.edits for old in edits):
            edits += fault.edits
    return edits


def _touch(one: Edit, other: Edit) -> bool:
    return one.first <= max(other.last, other.first) and other.first <= max(one.last, one.first)


def rewritten(kind: str, project: Project, code: str) -> str:
    """The file written again, in the style and look that share most lines with it."""
    known = set(code.split("\n"))
    plan = planned(kind, project)
    looks = [
        CodeStyle(quotes, annotated, tuples, imports)
        for quotes in "\"'"
        for annotated in (True, False)
        for tuples in (True, False)
        for imports in ("module", "names", "relative")
    ]
    versions = [style(plan, project, look) for style in STYLES[kind] for look in looks]
    return max(versions, key=lambda text: sum(line in known for line in text.split("\n")))
