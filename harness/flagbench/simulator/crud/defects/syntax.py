"""Defect of syntax: a missing colon or bracket, or a sentence of prose after the code."""

import ast
import re
from collections.abc import Iterator, Sequence

from flagbench.simulator.crud.defects.defect import EXPERIMENT, KINDS, Defect, ReviewRemark, View
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.rng import Rng

_HEADER = re.compile(r"^ *(?:def|class|if|with|try|for|else)\b.*:$")
_PROSE = "This code defines everything that the specification asks for."


def _inject(code: str, _: Shape, draws: Rng) -> str:
    lines = code.rstrip("\n").split("\n")
    way = draws.pick("way", ("colon", "bracket", "prose"))
    headers = [n for n, line in enumerate(lines) if _HEADER.match(line)]
    closers = [n for n, line in enumerate(lines) if line.rstrip().endswith(")")]
    if way == "colon" and headers:
        place = draws.pick("place", headers)
        lines[place] = lines[place][:-1]
    elif way == "bracket" and closers:
        place = closers[-1]
        lines[place] = lines[place].rstrip()[:-1]
    else:
        lines.append(_PROSE)
    return "\n".join(lines) + "\n"


def _find(view: View) -> Sequence[ReviewRemark]:
    if view.error is None:
        return ()
    line = min(view.error.lineno or 1, len(view.lines))
    return (ReviewRemark(line, f"The file does not parse: {view.error.msg} (line {line})."),)


def _fix(view: View) -> str:
    return with_fixed_syntax(view.code, view.error)


def with_fixed_syntax(code: str, error: SyntaxError | None) -> str:
    """The code with one small change that makes it parse, "" where there is none."""
    for candidate in _candidates(code, error):
        try:
            ast.parse(candidate)
        except (SyntaxError, ValueError):
            continue
        return candidate
    return ""


def _candidates(code: str, error: SyntaxError | None) -> Iterator[str]:
    lines = code.split("\n")
    place = min((error.lineno if error else None) or 1, len(lines)) - 1

    def with_line(text: str | None) -> str:
        replacement = [] if text is None else [text]
        return "\n".join([*lines[:place], *replacement, *lines[place + 1 :]])

    yield with_line(lines[place].rstrip() + ":")
    yield with_line(lines[place].rstrip() + ")")
    yield code.rstrip("\n") + ")\n"
    if re.match(r"^[A-Z`][^=(]*[.`:]?$", lines[place]):
        yield with_line(None)
    yield code.rstrip("\n") + "\n    pass\n"


DO_NOT_PARSE = 0.02
OTHER_FILES = "other kinds: 66 of the 3,386 files of ghspec, unfenced (1.9 %)"

DOES_NOT_PARSE = Defect(
    name="does_not_parse",
    rates={**dict.fromkeys(KINDS, DO_NOT_PARSE), "backend": 0.0},
    source=f"{EXPERIMENT}: 0 do not parse, so at most 0.5 %; {OTHER_FILES}",
    sensitivity=0.98,
    sensitivity_source="assumption: the easiest thing to see",
    words=re.compile(
        r"not parse|syntax|invalid python|unexpected indent|never closed|expected ':'"
    ),
    inject=_inject,
    find=_find,
    fix=_fix,
)
