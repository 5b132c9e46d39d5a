"""Dirt: unused imports, one empty line where two are due, long lines."""

import ast
import re
from collections.abc import Mapping, Sequence

from flagbench.simulator.crud.defects.defect import EXPERIMENT, KINDS, Defect, ReviewRemark, View
from flagbench.simulator.crud.defects.wrapping import wrapped
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.rng import Rng

COLUMNS = 79
UNUSED_PER_LINE = 0.0194
LONG_PER_LINE = 0.046
COLLAPSED = 0.8
"""Share of double empty lines that shrink to one: about the 58.3 E302 per 1,000 lines."""

_POOLS: Mapping[str, tuple[str, ...]] = {
    "database": ("import os", "import logging", "from typing import Optional", "import json",
                 "from datetime import datetime", "from pathlib import Path"),
    "backend": ("from typing import List", "from fastapi import Query", "import json",
                "from fastapi import Body", "import os", "import logging",
                "from pydantic import ConfigDict", "from fastapi import Path",
                "from typing import Union", "from datetime import timedelta"),
    "frontend": ("import json", "from typing import List",
                 "from datetime import timedelta", "import time", "import sys"),
    "tests": ("import pytest", "import json", "from fastapi.testclient import TestClient",
              "from typing import Any", "import uuid", "import tempfile", "import time"),
}  # fmt: skip


def _name(line: str) -> str:
    return line.rsplit(maxsplit=1)[-1]


def _import_more(code: str, _: Shape, draws: Rng) -> str:
    return with_unused_imports(code, _POOLS[_kind_of(code)], draws)


def with_unused_imports(code: str, lines_to_add: Sequence[str], draws: Rng) -> str:
    """The code with some of these imports, as many as its length makes likely."""
    lines = code.split("\n")
    pool = [line for line in lines_to_add if not re.search(rf"\b{_name(line)}\b", code)]
    pool.sort(key=draws.unit)
    expected = UNUSED_PER_LINE * len(lines)
    count = int(expected) + draws.chance("one more", expected % 1)
    first = next((n for n, x in enumerate(lines) if x.startswith(("import ", "from "))), None)
    place = first if first is not None else _after_docstring(lines)
    return "\n".join([*lines[:place], *pool[: max(1, count)], *lines[place:]])


def _kind_of(code: str) -> str:
    cues = {"frontend": "streamlit", "backend": "APIRouter", "tests": "def test_"}
    return next((kind for kind, cue in cues.items() if cue in code), "database")


def _after_docstring(lines: Sequence[str]) -> int:
    return next((n for n, line in enumerate(lines) if not line.strip()), 0)


def tighten(code: str, draws: Rng) -> str:
    """The code with one empty line in most places where two are due."""
    parts = re.split(r"\n\n\n(?=def |class |@|async )", code)
    text = parts[0]
    for number, part in enumerate(parts[1:]):
        text += ("\n\n" if draws.chance(f"gap {number}", COLLAPSED) else "\n\n\n") + part
    return text


def lengthen(code: str, draws: Rng) -> str:
    """Join some of what stands one item a line; which places is drawn."""
    lines = code.split("\n")
    places = _joinable(lines)
    wanted = LONG_PER_LINE * len(lines) - sum(len(line) > COLUMNS for line in lines)
    share = wanted / max(1, len(places))
    for number, (first, last) in reversed(list(enumerate(places))):
        if draws.chance(f"place {number}", share):
            lines[first : last + 1] = [_joined(lines, first, last)]
    return "\n".join(lines)


def _joined(lines: Sequence[str], first: int, last: int) -> str:
    inner = " ".join(line.strip() for line in lines[first + 1 : last]).removesuffix(",")
    return f"{lines[first]}{inner}{lines[last].strip()}"


def _joinable(lines: Sequence[str]) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    opened: int | None = None
    triple = False
    for number, line in enumerate(lines):
        triple ^= line.count('"""') % 2 == 1
        if triple or "#" in line:
            opened = None
        elif line.endswith(("(", "[", "{")):
            opened = number
        elif opened is not None and line.strip()[:1] in {")", "]", "}"}:
            if COLUMNS < len(_joined(lines, opened, number)) < 200:
                found.append((opened, number))
            opened = None
    return found


def _unused(code: str) -> list[tuple[str, int]]:
    imported: dict[str, int] = {}
    for node in ast.parse(code).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                imported[(alias.asname or alias.name).split(".")[0]] = node.lineno
    used = "\n".join(x for x in code.split("\n") if not x.startswith(("import ", "from ")))
    return [
        (name, line)
        for name, line in imported.items()
        if not re.search(rf"^(?! {{4}}{name},$).*\b{re.escape(name)}\b", used, re.MULTILINE)
    ]


def _find_unused(view: View) -> Sequence[ReviewRemark]:
    unused = _unused(view.code) if view.tree else []
    return [ReviewRemark(n, f"F401: {name} is imported but unused.") for name, n in unused]


def without_unused_imports(code: str) -> str:
    """The code, which must parse, without the names that are imported and never used."""
    lines = code.split("\n")
    for name, number in sorted(_unused(code), key=lambda item: -item[1]):
        line = lines[number - 1]
        if re.fullmatch(rf"(?:from \S+ )?import (?:\S+ as )?{re.escape(name)}", line):
            del lines[number - 1]
        else:
            lines[number - 1] = re.sub(rf"\b{name}, |, {name}\b", "", line, count=1)
    return "\n".join(lines)


def _find_long(view: View) -> Sequence[ReviewRemark]:
    return [
        ReviewRemark(number, f"E501: line too long ({len(line)} > {COLUMNS}).")
        for number, line in enumerate(view.lines, 1)
        if len(line) > COLUMNS
    ]


def with_wrapped_lines(code: str) -> str:
    """The code with its long lines in brackets, one item a line."""
    lines = list[str]()
    for line in code.split("\n"):
        lines += wrapped(line) if len(line) > COLUMNS else [line]
    return "\n".join(lines)


def with_two_blank_lines(code: str) -> str:
    """The code with two empty lines before what stands in the first column and is defined."""
    return re.sub(r"(?<=[^\n])\n\n(?=(?:def |class |@|async ))", "\n\n\n", code)


def _find_tight(view: View) -> Sequence[ReviewRemark]:
    lines = view.lines
    return [
        ReviewRemark(number, "E302: expected 2 blank lines.")
        for number, line in enumerate(lines, 1)
        if line.startswith(("def ", "class "))
        and number > 2
        and not lines[number - 2]
        and lines[number - 3]
    ]


_SEEN = f"{EXPERIMENT}: none of 600 was clean after review, so at most 3 in 600"
UNUSED_IMPORTS = Defect(
    name="unused_imports",
    rates=dict.fromkeys(KINDS, 1.0),
    source=f"{EXPERIMENT}: all have F401, 19.4 per 1,000 lines",
    sensitivity=0.005,
    sensitivity_source=_SEEN,
    words=re.compile(r"f401|unused import|imported but unused"),
    inject=_import_more,
    find=_find_unused,
    fix=lambda view: without_unused_imports(view.code) if view.tree else view.code,
)
TIGHT_SPACING = Defect(
    name="tight_spacing",
    rates=dict.fromkeys(KINDS, 1.0),
    source=f"{EXPERIMENT}: all have E302, 58.3 per 1,000 lines",
    sensitivity=0.005,
    sensitivity_source=_SEEN,
    words=re.compile(r"e302|e305|blank lines?"),
    inject=lambda code, _, draws: tighten(code, draws),
    find=_find_tight,
    fix=lambda view: with_two_blank_lines(view.code),
)
LONG_LINES = Defect(
    name="long_lines",
    rates=dict.fromkeys(KINDS, 1.0),
    source=f"{EXPERIMENT}: all have E501 (79 columns), 51.2 per 1,000 lines",
    sensitivity=0.005,
    sensitivity_source=_SEEN,
    words=re.compile(r"e501|line too long|too long|79 (?:columns|characters)"),
    inject=lambda code, _, draws: lengthen(code, draws),
    find=_find_long,
    fix=lambda view: with_wrapped_lines(view.code),
)
