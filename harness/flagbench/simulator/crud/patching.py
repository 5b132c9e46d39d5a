"""Answers to patch requests: search/replace blocks for the problems that the issues name."""

import ast
import difflib
import re
from collections.abc import Sequence

from flagbench.simulator.crud.defects import DEFECTS, FIXED, Defect, View, named_in
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer import STYLES
from flagbench.simulator.rng import Rng

_Part = tuple[int, int, int, int]
"""Lines a..b of the old text become lines c..d of the new one."""

APOLOGY = (
    "I am sorry, I cannot find a change to this file that would resolve the issue. "
    "It may need the whole file to be written again."
)


def patch(
    kind: str, shape: Shape, current: str, issues: Sequence[str], draws: Rng
) -> tuple[str, bool]:
    """Search/replace blocks for the issues, or an apology; the flag is true for blocks.

    Each issue is really fixed with probability FIXED. Problems that no issue names stay.
    """
    code = current
    for number, issue in enumerate(issues):
        view = View.of(code, kind, shape)
        defect = _by_message(issue, view) or named_in(issue, kind)
        if not draws.chance(f"fixed {number}", FIXED):
            code = noted(code, issue)
        elif defect is None:
            code = _extend_docstring(view, issue)
        elif defect.find(view):
            code = _without_defect(defect, view) or rewrite(view, defect)
    text = blocks(current, code)
    return (text, True) if text else (APOLOGY, False)


def _without_defect(defect: Defect, view: View) -> str:
    """The code without the defect, "" where as much would be wrong as before."""
    code = defect.fix(view)
    if not code or code == view.code:
        return ""
    after = View.of(code, view.kind, view.shape)
    worse = after.error is not None or len(defect.find(after)) >= len(defect.find(view))
    return "" if worse else code


def rewrite(view: View, defect: Defect) -> str:
    """The file written again, in the style that shares most lines with it.

    This is the last resort before an apology. Long lines do not justify it: they stay.
    """
    if defect.name == "long_lines":
        return view.code
    known = set(view.lines)
    versions = [style(view.shape) for style in STYLES[view.kind]]
    return max(versions, key=lambda text: sum(line in known for line in text.split("\n")))


def _by_message(issue: str, view: View) -> Defect | None:
    """The defect with a remark on this code that is part of the issue, None where none has."""
    for defect in DEFECTS:
        if view.kind in defect.rates and any(f.message in issue for f in defect.find(view)):
            return defect
    return None


def noted(code: str, issue: str) -> str:
    """The code with a comment at its top that claims a fix, and nothing fixed."""
    claim = "# Reviewed: " + " ".join(issue.split())[:60]
    lines = code.split("\n")
    place = next((n for n, x in enumerate(lines) if x.startswith(("import ", "from "))), 0)
    return "\n".join([*lines[:place], claim, *lines[place:]])


def _extend_docstring(view: View, issue: str) -> str:
    """The code with a longer docstring: a model's reaction to a remark of taste."""
    body = view.tree.body if view.tree else []
    definitions = [
        n for n in body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    for node in definitions:
        if re.search(rf"\b{re.escape(node.name)}\b", issue):
            return _add_to_docstring(view, node.body[0], f"Do what {node.name} says.")
    if re.search(r"\bmodule\b", issue, re.IGNORECASE) and body:
        return _add_to_docstring(view, body[0], "Keep to the standard.")
    return view.code


def _add_to_docstring(view: View, first: ast.stmt, document: str) -> str:
    """The code with another line in the docstring at `first`, or with a docstring before it."""
    lines = view.lines
    text = lines[first.lineno - 1]
    space = text[: len(text) - len(text.lstrip())]
    if re.fullmatch(r'\s*"""[^"]+"""', text):
        new = [text.removesuffix('"""'), "", f"{space}Errors reach the caller.", f'{space}"""']
        lines[first.lineno - 1 : first.lineno] = new
    else:
        lines.insert(first.lineno - 1, f'{space}"""{document}"""')
    return "\n".join(lines)


def blocks(old: str, new: str) -> str:
    """Search/replace blocks that turn `old` into `new`; "" when they are equal.

    Each SEARCH part occurs exactly once in `old`: lines around the change are added until it does.
    """
    before, after = old.rstrip("\n").split("\n"), new.rstrip("\n").split("\n")
    matcher = difflib.SequenceMatcher(None, before, after, autojunk=False)
    parts: list[_Part] = []
    for tag, *place in matcher.get_opcodes():
        if tag == "equal":
            continue
        part = _widen(before, after, (place[0], place[1], place[2], place[3]))
        while parts and part[0] <= parts[-1][1]:
            a, b, c, d = parts.pop()
            part = _widen(before, after, (a, max(b, part[1]), c, max(d, part[3])))
        parts.append(part)
    if not _apply_in_turn(before, after, parts):
        first, last = parts[0], parts[-1]
        parts = [_widen(before, after, (first[0], last[1], first[2], last[3]))]
    return "\n".join(
        "\n".join(["<<<<<<< SEARCH", *before[a:b], "=======", *after[c:d], ">>>>>>> REPLACE"])
        for a, b, c, d in parts
    )


def _apply_in_turn(before: Sequence[str], after: Sequence[str], parts: Sequence[_Part]) -> bool:
    """True when the parts, applied in order, match exactly once each and give the new text."""
    text = "\n".join(before) + "\n"
    for a, b, c, d in parts:
        search = "".join(line + "\n" for line in before[a:b])
        if text.count(search) != 1:
            return False
        text = text.replace(search, "".join(line + "\n" for line in after[c:d]))
    return text == "\n".join(after) + "\n"


def _widen(before: Sequence[str], after: Sequence[str], part: _Part) -> _Part:
    a, b, c, d = part
    text = "\n".join(before)
    while a > 0 or b < len(before):
        search = "\n".join(before[a:b])
        if search.strip() and text.find(search) == text.rfind(search):
            break
        if a > 0 and c > 0 and before[a - 1] == after[c - 1]:
            a, c = a - 1, c - 1
        elif b < len(before) and d < len(after) and before[b] == after[d]:
            b, d = b + 1, d + 1
        else:
            a, b, c, d = 0, len(before), 0, len(after)
    return a, b, c, d
