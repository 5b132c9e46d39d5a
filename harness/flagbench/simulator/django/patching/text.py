"""Mends what is untidy in the text of a file, and what does not parse."""

import ast
import re

from flagbench.simulator.crud.defects.syntax import mended_syntax
from flagbench.simulator.crud.defects.wrapping import wrapped
from flagbench.simulator.django.defects.text import parses
from flagbench.simulator.django.patching.source import Edit, Source, applied
from flagbench.simulator.django.writer.calls import WIDTH, from_import


def without_unused_imports(code: str) -> str:
    """The code without the imports that nothing uses."""
    source = Source.of(code)
    if source is None:
        return code
    used = {node.id for node in ast.walk(source.tree) if isinstance(node, ast.Name)}
    edits = []
    for node in source.tree.body:
        if not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        told = [one for one in node.names if (one.asname or one.name).split(".")[0] in used]
        if len(told) == len(node.names):
            continue
        names = [f"{one.name} as {one.asname}" if one.asname else one.name for one in told]
        new = [f"import {name}" for name in names]
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            new = from_import(module, names) if names else []
        edits.append(Edit(node.lineno, node.end_lineno or node.lineno, tuple(new)))
    return applied(code, edits)


def with_two_blank_lines(code: str) -> str:
    """Two empty lines before what stands in the first column and is defined."""
    return re.sub(r"(?<=[^\n])\n\n(?=(?:def |class |@|async ))", "\n\n\n", code)


def with_wrapped_lines(code: str) -> str:
    """Long lines in brackets, one item a line."""
    lines = list[str]()
    for line in code.split("\n"):
        lines += wrapped(line) if len(line) > WIDTH else [line]
    return "\n".join(lines)


def parsing(code: str) -> str:
    """The code made to parse by the smallest change, "" where none is found."""
    try:
        ast.parse(code)
    except SyntaxError as error:
        lines = code.split("\n")
        place = min(error.lineno or 1, len(lines)) - 1
        for line in (place, place - 1):
            if line >= 0:
                straight = "\n".join([*lines[:line], _straight(lines[line]), *lines[line + 1 :]])
                if parses(straight):
                    return straight
        return _closed(code, place) or mended_syntax(code, error)
    except ValueError:
        return ""
    return code


def _straight(line: str) -> str:
    """The line at a column that is a multiple of four."""
    columns = len(line) - len(line.lstrip())
    return " " * (columns // 4 * 4) + line.lstrip()


def _closed(code: str, place: int) -> str:
    """A bracket closed at its line, or near the one at which Python gives up."""
    lines = code.split("\n")
    near = [*range(place, min(place + 12, len(lines))), *range(place - 1, max(-1, place - 12), -1)]
    for number in near:
        for bracket in (")", "]", "),", "],"):
            tried = [*lines[:number], lines[number].rstrip() + bracket, *lines[number + 1 :]]
            if lines[number].strip() and parses("\n".join(tried)):
                return "\n".join(tried)
    return ""
