"""Errors in the text of a file of any kind: syntax, and lint of Python."""

import re
from collections.abc import Mapping, Sequence

from flagbench.simulator.crud.defects.lint import lengthen, tighten, with_unused_imports
from flagbench.simulator.crud.defects.syntax import DO_NOT_PARSE
from flagbench.simulator.rng import Rng

_UNUSED = (
    "import os", "import sys", "import json", "import logging", "from typing import Optional",
    "from datetime import datetime", "from pathlib import Path",
    "from dataclasses import dataclass",
)  # fmt: skip
_BREAKS: Mapping[str, Sequence[tuple[str, str]]] = {
    ".py": ((r"(?m)^((?:def|class) .*):$", r"\1"), (r"(?m)^(    return .*)\)$", r"\1")),
    ".js": ((r"\}\)?;?\n*\Z", ""), (r"(?m)^\}\n", "")),
    ".json": ((r"\}(\s*)\]", r"},\1]"), (r'"\n', '",\n')),
    ".yml": ((r"(?m)^(  \w[\w-]*):$", r"\1"),),
    ".yaml": ((r"(?m)^(  \w[\w-]*):$", r"\1"),),
    ".sh": ((r'"\n', "\n"), (r"\}", "")),
    ".conf": ((r"\}\n\Z", ""),),
    "Dockerfile": ((r"(?m)^WORKDIR", "WORK_DIR"),),
}


def tidied_worse(text: str, draws: Rng) -> str:
    """Python with the lint that every module of the experiment had."""
    text = with_unused_imports(text, _UNUSED, draws.within("imports"))
    return lengthen(tighten(text, draws.within("gaps")), draws.within("lines"))


def broken(path: str, text: str, draws: Rng) -> str:
    """The text with an error of syntax, for kinds of files that have a syntax."""
    suffix = next((end for end in _BREAKS if path.endswith(end)), "")
    ways = [way for way in _BREAKS.get(suffix, ()) if re.search(way[0], text)]
    if not ways:
        return text
    pattern, replacement = draws.pick("way", ways)
    return re.sub(pattern, replacement, text, count=1)


def spoiled(path: str, text: str, draws: Rng, multiplier: float) -> str:
    """The text of a first draft as it is sent."""
    if path.endswith(".py") and multiplier:
        text = tidied_worse(text, draws)
    if draws.chance("does_not_parse", DO_NOT_PARSE * multiplier):
        text = broken(path, text, draws.within("does_not_parse"))
    return text
