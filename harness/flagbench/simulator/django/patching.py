"""Patches of a Django file: the statements of its closest right rendering that issues touch."""

import ast
import difflib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from flagbench.simulator.crud.defects import FIXED
from flagbench.simulator.crud.defects.lint import (
    with_two_blank_lines,
    with_wrapped_lines,
    without_unused_imports,
)
from flagbench.simulator.crud.patching import APOLOGY, blocks, noted
from flagbench.simulator.django.defects import SLIPS, Named, named_in, names_in
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.statements import Hunk, applied, hunks, statements
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import STYLES, Style
from flagbench.simulator.rng import Rng

T = TypeVar("T")
Write = Callable[[Plan], str]
_OF_TEXT: dict[str, Callable[[str], str]] = {
    "unused_imports": without_unused_imports,
    "tight_spacing": with_two_blank_lines,
    "long_lines": with_wrapped_lines,
}
_MOST_OPTIONS = 64
"""More ways of a slip than this, members to strike above all, are not tried."""
_MOST_LINES = 25
"""Lines near an error that are tried, so that the code parses."""
_ENDS = (":", ")", "]", "),", "],")
_PLACEHOLDER = re.compile(r"^\s*# (?:\.\.\.|Add the other)")


@dataclass(frozen=True, slots=True)
class _Alternative(Rng):
    """Draws the option of a number, of those that an issue names where it names some."""

    number: int
    named: tuple[str, ...]

    def pick(self, _: str, options: Sequence[T]) -> T:
        """The option."""
        options = [one for one in options if one in self.named] or options
        return options[self.number % len(options)]


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
    writes = renderings(kind, project, code)
    right = writes[0](planned(kind, project))
    if named.slip == "does_not_parse":
        return code if parses(code) else _parsing(code, right)
    if not parses(code):
        return code
    if named.slip in _OF_TEXT:
        return _OF_TEXT[named.slip](code)
    old = statements(code)
    found = hunks(old, statements(right))
    new = applied(old, _meant(found, named, project, kind, writes))
    if named.slip == "truncated":
        new = "\n".join(line for line in new.split("\n") if not _PLACEHOLDER.match(line))
    return new if parses(new) else right


def renderings(kind: str, project: Project, code: str) -> list[Write]:
    """The styles in the look of the code; first that whose right rendering has fewest hunks."""
    strings = code.replace('"""', "")
    names = "names" if re.search(r"\nfrom api\.(?!auth)\w+ import", code) else "module"
    look = CodeStyle(
        quotes="'" if strings.count("'") > strings.count('"') else '"',
        annotated="->" in code,
        tuples=code.count(" = (") > code.count(" = ["),
        imports="relative" if "\nfrom ." in code else names,
    )
    plan, lines = planned(kind, project), code.split("\n")
    old = statements(code) if parses(code) else []

    def written(style: Style) -> Write:
        return lambda plan: style(plan, project, look)

    def distance(write: Write) -> tuple[int, float]:
        new = write(plan).split("\n")
        alike = difflib.SequenceMatcher(None, lines, new, autojunk=False).ratio()
        return len(hunks(old, statements("\n".join(new)))) if old else 0, -alike

    return sorted(map(written, STYLES[kind]), key=distance)


def differences(kind: str, project: Project, code: str) -> list[Hunk]:
    """All hunks between code that parses and the closest right rendering."""
    right = renderings(kind, project, code)[0](planned(kind, project))
    return hunks(statements(code), statements(right))


def _meant(
    found: Sequence[Hunk], named: Named, project: Project, kind: str, writes: Sequence[Write]
) -> list[Hunk]:
    """The hunks that an issue touches.

    They are those at statements that its slip would change; where its words name no slip, or one
    that is not there, those of the members or entities that it names.
    """
    here = [
        one for one in found
        if not named.entities or {*names_in(_words(one), project)[0]} & {*named.entities}
    ]  # fmt: skip
    if named.slip == "truncated":
        return [one for one in here if not one.old or one.old.name == "pass"]
    if named.slip:
        touched = _touched(named, project, kind, writes)
        others = {x for one in project.entities for x in one.names if named.members}
        others -= {*named.members}
        same = [
            one for one in found
            if one.statement.identity in touched and one.statement.name not in others
        ]  # fmt: skip
        if named.slip == "no_docstrings" and named.entities:
            module = [one for one in same if not one.statement.place]
            same = [one for one in same if one in here] or module
        if same:
            return same
    if named.members:
        return [one for one in here if one.statement.name in named.members]
    return here if named.entities and not named.slip else []


def _words(hunk: Hunk) -> str:
    """What tells the entity of a hunk: its class, or what stands outside of classes."""
    return hunk.statement.place or hunk.statement.meaning


def _touched(
    named: Named, project: Project, kind: str, writes: Sequence[Write]
) -> set[tuple[str, str]]:
    """Identities of the statements that a named slip changes, whichever way it is drawn."""
    slip = next(one for one in SLIPS if one.name == named.slip)
    plan = planned(kind, project)
    places = named.entities or [one.name for one in project.entities]
    ways = [_Alternative(b"", number, named.members) for number in range(_MOST_OPTIONS)]
    plans = {
        slip.strike(plan, project, place, way)
        for place in (places if slip.per == "entity" else [""])
        for way in ways
    }
    found = set[tuple[str, str]]()
    for write in writes:
        right = statements(write(plan))
        for struck in plans - {plan}:
            found |= {x.statement.identity for x in hunks(right, statements(write(struck)))}
    return found


def _parsing(code: str, right: str) -> str:
    """The code with one line near the error changed or left out that parses, else `right`."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError) as error:
        place = (getattr(error, "lineno", None) or 1) - 1
    lines = code.split("\n")
    near = sorted(range(len(lines)), key=lambda n: (abs(n - place), -n))[:_MOST_LINES]
    tries = [(n, [lines[n].rstrip() + end]) for n in near for end in _ENDS]
    tries += [(n, [_straight(lines[n])]) for n in near]
    tries += [(n, []) for n in near]
    texts = ("\n".join([*lines[:n], *new, *lines[n + 1 :]]) for n, new in tries)
    return next(filter(parses, texts), right)


def _straight(line: str) -> str:
    """The line at a column that is a multiple of four."""
    columns = len(line) - len(line.lstrip())
    return " " * (columns // 4 * 4) + line.lstrip()
