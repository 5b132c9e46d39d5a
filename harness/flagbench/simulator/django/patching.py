"""Patches of a Django file: statements that issues concern, from its closest right rendering."""

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
from flagbench.simulator.django.defects import DEFECTS, Named, named_in, names_in
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.planning import planned
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.statements import Hunk, apply_hunks, hunks, statements
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
"""Largest number of ways to draw a defect; most differ in the members that they strike."""
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
        options = [option for option in options if option in self.named] or options
        return options[self.number % len(options)]


def patch(
    kind: str, project: Project, current: str, issues: Sequence[str], draws: Rng
) -> tuple[str, bool]:
    """Search/replace blocks for the issues, or an apology; the flag says whether it is blocks.

    Every issue is really fixed with probability FIXED. What no issue names stays as it is.
    """
    code = current
    for number, issue in enumerate(issues):
        if draws.chance(f"fixed {number}", FIXED):
            code = fix_issue(kind, project, code, issue)
        else:
            code = noted(code, issue)
    text = blocks(current, code)
    return (text, True) if text else (APOLOGY, False)


def fix_issue(kind: str, project: Project, code: str, issue: str) -> str:
    """The code without the defect that the issue names; the same code if it is not found."""
    subject = named_in(issue, kind, project)
    writes = renderings(kind, project, code)
    right = writes[0](planned(kind, project))
    if subject.defect == "does_not_parse":
        return code if parses(code) else _fix_syntax(code, right)
    if not parses(code):
        return code
    if subject.defect in _OF_TEXT:
        return _OF_TEXT[subject.defect](code)
    old = statements(code)
    changes = hunks(old, statements(right))
    new = apply_hunks(old, _relevant_hunks(changes, subject, project, kind, writes))
    if subject.defect == "truncated":
        new = "\n".join(line for line in new.split("\n") if not _PLACEHOLDER.match(line))
    return new if parses(new) else right


def renderings(kind: str, project: Project, code: str) -> list[Write]:
    """The styles in the look of the code, that whose right rendering has fewest hunks first."""
    strings = code.replace('"""', "")
    names = "names" if re.search(r"\nfrom api\.(?!auth)\w+ import", code) else "module"
    look = CodeStyle(
        quotes="'" if strings.count("'") > strings.count('"') else '"',
        annotated="->" in code,
        tuples=code.count(" = (") > code.count(" = ["),
        imports="relative" if "\nfrom ." in code else names,
    )
    plan, lines = planned(kind, project), code.split("\n")
    old = statements(code) if parses(code) else ()

    def in_look(style: Style) -> Write:
        return lambda plan: style(plan, project, look)

    def likeness(write: Write) -> float:
        new = write(plan).split("\n")
        return difflib.SequenceMatcher(None, lines, new, autojunk=False).ratio()

    changes = {
        write: len(hunks(old, statements(write(plan)))) if old else 0
        for write in map(in_look, STYLES[kind])
    }
    fewest = min(changes.values())
    closest = [write for write in changes if changes[write] == fewest]
    # A comparison of all lines is slow.
    first = max(closest, key=likeness) if len(closest) > 1 else closest[0]
    return [first, *(write for write in changes if write is not first)]


def differences(kind: str, project: Project, code: str) -> list[Hunk]:
    """All hunks between code that parses and the closest right rendering."""
    right = renderings(kind, project, code)[0](planned(kind, project))
    return hunks(statements(code), statements(right))


def _relevant_hunks(
    changes: Sequence[Hunk], subject: Named, project: Project, kind: str, writes: Sequence[Write]
) -> list[Hunk]:
    """The hunks that an issue concerns.

    They are those at statements that its defect would change; if its words name no defect, or one
    that the code does not have, those of the members or entities that it names.
    """
    here = [
        hunk for hunk in changes
        if not subject.entities or {*names_in(_words(hunk), project)[0]} & {*subject.entities}
    ]  # fmt: skip
    if subject.defect == "truncated":
        return [hunk for hunk in here if not hunk.old or hunk.old.name == "pass"]
    if subject.defect:
        touched = _touched_identities(subject, project, kind, writes)
        others = {name for entity in project.entities for name in entity.names if subject.members}
        others -= {*subject.members}
        same = [
            hunk for hunk in changes
            if hunk.statement.identity in touched and hunk.statement.name not in others
        ]  # fmt: skip
        if subject.defect == "no_docstrings" and subject.entities:
            module = [hunk for hunk in same if not hunk.statement.place]
            same = [hunk for hunk in same if hunk in here] or module
        if same:
            return same
    if subject.members:
        return [hunk for hunk in here if hunk.statement.name in subject.members]
    return here if subject.entities and not subject.defect else []


def _words(hunk: Hunk) -> str:
    """Text that names the entity of a hunk: its class, or a statement outside of classes."""
    return hunk.statement.place or hunk.statement.meaning


def _touched_identities(
    subject: Named, project: Project, kind: str, writes: Sequence[Write]
) -> set[tuple[str, str]]:
    """Identities of the statements that a named defect changes in any way to draw it."""
    defect = next(defect for defect in DEFECTS if defect.name == subject.defect)
    plan = planned(kind, project)
    places = subject.entities or [entity.name for entity in project.entities]
    ways = [_Alternative(b"", number, subject.members) for number in range(_MOST_OPTIONS)]
    plans = {
        defect.strike(plan, project, place, way)
        for place in (places if defect.per == "entity" else [""])
        for way in ways
    }
    identities = set[tuple[str, str]]()
    for write in writes:
        right = statements(write(plan))
        for struck in plans - {plan}:
            changes = hunks(right, statements(write(struck)))
            identities |= {hunk.statement.identity for hunk in changes}
    return identities


def _fix_syntax(code: str, right: str) -> str:
    """The code with one line near the error changed or left out that parses, else `right`."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError) as error:
        place = (getattr(error, "lineno", None) or 1) - 1
    lines = code.split("\n")
    near = sorted(range(len(lines)), key=lambda n: (abs(n - place), -n))[:_MOST_LINES]
    tries = [(n, [lines[n].rstrip() + end]) for n in near for end in _ENDS]
    tries += [(n, [_align(lines[n])]) for n in near]
    tries += [(n, []) for n in near]
    texts = ("\n".join([*lines[:n], *new, *lines[n + 1 :]]) for n, new in tries)
    return next(filter(parses, texts), right)


def _align(line: str) -> str:
    """The line, indented by a multiple of four columns."""
    columns = len(line) - len(line.lstrip())
    return " " * (columns // 4 * 4) + line.lstrip()
