"""Defects in the text of a file of any kind: syntax, truncation, lint, missing docstrings."""

import ast
import re
from dataclasses import replace

from flagbench.simulator.crud.defects.lint import lengthen, tighten, with_unused_imports
from flagbench.simulator.crud.defects.syntax import DO_NOT_PARSE, OTHER_FILES
from flagbench.simulator.django.defects.defect import ASSUMPTION, EXPERIMENT, Defect
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.rng import Rng

_UNUSED = {
    "models": ("from django.contrib.auth.models import User", "import json", "import os",
               "from django.core.validators import MinValueValidator",
               "from django.utils.translation import gettext_lazy", "import logging",
               "from typing import Optional", "from django.conf import settings"),
    "serializers": ("from rest_framework.validators import UniqueValidator", "import logging",
                    "from django.contrib.auth.models import User", "from typing import Any",
                    "from rest_framework.exceptions import ValidationError", "import json"),
    "views": ("from rest_framework import filters", "from rest_framework import permissions",
              "from django.shortcuts import get_object_or_404", "import logging",
              "from rest_framework.permissions import IsAuthenticated", "from typing import Any",
              "from rest_framework import generics"),
    "router": ("from django.contrib import admin", "from rest_framework import routers",
               "from django.urls import re_path"),
    "auth": ("from rest_framework.permissions import BasePermission",
             "from django.contrib.auth.models import User",
             "from rest_framework.permissions import IsAuthenticated",
             "from rest_framework.authtoken.models import Token"),
}  # fmt: skip
_REST = ("# ... the rest follows in the same way", "# Add the other fields here", "# ...")
_HEADER = re.compile(r"^ *(?:def|class|if|with|try|for|else)\b.*:$")


def _break(code: str, _: str, draws: Rng) -> str:
    """Remove a colon or a bracket, or indent a line by one column more."""
    lines = code.rstrip("\n").split("\n")
    places = {
        "colon": [n for n, line in enumerate(lines) if _HEADER.match(line)],
        "bracket": [n for n, line in enumerate(lines) if line.rstrip().endswith((")", "]"))],
        "indent": [
            n for n, line in enumerate(lines[1:], 1)
            if re.match(r"    [a-z_]+ = .*[\w)\]\"']$", line) and lines[n - 1].startswith("    ")
            and not lines[n - 1].endswith(("(", "[", "{", ",", ":"))
        ],
    }  # fmt: skip
    ways = [way for way, lines_of_way in places.items() if lines_of_way]
    if not ways:
        return code
    way = draws.pick("way", ways)
    place = draws.pick("place", places[way])
    text = lines[place].rstrip()
    lines[place] = f" {text}" if way == "indent" else text[:-1]
    spoiled = "\n".join(lines) + "\n"
    # A line at another column may still parse; the sentence that models add does not.
    return spoiled if not parses(spoiled) else code + "This file defines everything as asked.\n"


def parses(code: str) -> bool:
    """True when the code parses as Python."""
    try:
        ast.parse(code)
    except (SyntaxError, ValueError):
        return False
    return True


def _break_off(code: str, _: str, draws: Rng) -> str:
    """Cut the last class in half, with a comment in place of the rest."""
    classes = [node for node in ast.parse(code).body if isinstance(node, ast.ClassDef)]
    if not classes:
        return code
    body = classes[-1].body
    documented = isinstance(body[0], ast.Expr)
    first_half = body[: int(documented) + len(body[int(documented) :]) // 2]
    lines = code.split("\n")
    last = (first_half[-1].end_lineno if first_half else classes[-1].lineno) or classes[-1].lineno
    rest = [f"    {draws.pick('rest', _REST)}"]
    rest += [] if len(first_half) > int(documented) else ["    pass"]
    after = lines[classes[-1].end_lineno or len(lines) :]
    return "\n".join([*lines[:last], *rest, *after])


TRUNCATED = Defect(
    name="truncated",
    rates={"models": 0.01, "serializers": 0.005, "views": 0.005},
    per="file",
    source=ASSUMPTION,
    words=re.compile(
        r"incomplete|truncated|unfinished|breaks off|must be complete|placeholder|"
        r"(?:model|serializer|view ?set|class) \w+ is missing"
    ),
    spoil=_break_off,
)
NO_DOCSTRINGS = Defect(
    name="no_docstrings",
    rates=dict.fromkeys(KINDS, 0.35),
    per="file",
    source=ASSUMPTION,
    words=re.compile(r"docstring|undocumented"),
    strike=lambda plan, *_: replace(plan, documented=False),
)
TIGHT_SPACING = Defect(
    name="tight_spacing",
    rates=dict.fromkeys(KINDS, 1.0),
    per="file",
    source=f"{EXPERIMENT}: all have E302; other kinds taken to be alike",
    words=re.compile(r"e302|e305|blank lines?"),
    spoil=lambda code, _, draws: tighten(code, draws),
)
LONG_LINES = Defect(
    name="long_lines",
    rates=dict.fromkeys(KINDS, 1.0),
    per="file",
    source=f"{EXPERIMENT}: all have E501 (79 columns); other kinds taken to be alike",
    words=re.compile(r"e501|line too long|79 (?:columns|characters)"),
    spoil=lambda code, _, draws: lengthen(code, draws),
)
UNUSED_IMPORTS = Defect(
    name="unused_imports",
    rates=dict.fromkeys(KINDS, 1.0),
    per="file",
    source=f"{EXPERIMENT}: all have F401; other kinds taken to be alike",
    words=re.compile(r"f401|unused import|imported but unused"),
    spoil=lambda code, kind, draws: with_unused_imports(code, _UNUSED[kind], draws),
)
DOES_NOT_PARSE = Defect(
    name="does_not_parse",
    rates=dict.fromkeys(KINDS, DO_NOT_PARSE),
    per="file",
    source=OTHER_FILES,
    words=re.compile(
        r"not parse|syntax|invalid python|unexpected indent|never closed|expected ':'|e999"
    ),
    spoil=_break,
)
MATCHED_FIRST = (
    DOES_NOT_PARSE,
    LONG_LINES,
    UNUSED_IMPORTS,
    TIGHT_SPACING,
    NO_DOCSTRINGS,
    TRUNCATED,
)
"""Defects with words so specific that they are matched before all others."""
TEXT_DEFECTS = (TRUNCATED, TIGHT_SPACING, LONG_LINES, UNUSED_IMPORTS, DOES_NOT_PARSE)
"""Defects in the order in which they are injected; what breaks the parsing comes last."""
