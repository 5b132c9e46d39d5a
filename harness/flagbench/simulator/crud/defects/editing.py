"""Edits of source text by line, and queries that they need."""

import ast
import re
from collections.abc import Sequence

from flagbench.simulator.crud.defects.defect import View, body_parameters, route_method


def replace_lines(code: str, first: int, last: int, new: list[str]) -> str:
    """Replace lines first..last (from 1, both included); last = first - 1 inserts before first."""
    lines = code.split("\n")
    return "\n".join([*lines[: first - 1], *new, *lines[last:]])


def with_import(code: str, line: str) -> str:
    """The code with the import added after the last one at the top, unless it has it already."""
    if re.search(rf"^{re.escape(line)}$", code, re.MULTILINE):
        return code
    lines = code.split("\n")
    depth, place = 0, 0
    for number, text in enumerate(lines):
        if depth == 0 and re.match(r"(?:def |class |@|async )", text):
            break
        if depth or text.startswith(("import ", "from ")):
            depth += text.count("(") - text.count(")")
            place = number + 1
    return "\n".join([*lines[:place], line, *lines[place:]])


def body_start(function: ast.FunctionDef | ast.AsyncFunctionDef) -> ast.stmt | None:
    """The first statement after the docstring, None for a body that is only a docstring."""
    body = function.body
    first = body[0]
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
        return body[1] if len(body) > 1 else None
    return first


def with_checks(view: View, lines: Sequence[str]) -> str:
    """The code with these lines at the beginning of its POST and PUT routes, "" where none fits.

    The lines refer to `payload`, `connection` and `current_id`, as in `writer.checking`.
    """
    code, changed = view.code, False
    for function in sorted(view.functions(), key=lambda function: -function.lineno):
        method, names = route_method(function), body_parameters(view, function)
        first = body_start(function)
        if method not in {"post", "put"} or not names.payload or first is None:
            continue
        text = "\n".join(lines)
        if "connection." in text and not names.connection:
            return ""
        text = re.sub(r"\bpayload\b", names.payload, text)
        text = re.sub(r"\bconnection\.", f"{names.connection}.", text)
        text = re.sub(r"\bcurrent_id\b", names.path_id or "None", text)
        indented = [" " * first.col_offset + line for line in text.split("\n")]
        code = replace_lines(code, first.lineno, first.lineno - 1, indented)
        changed = True
    if not changed:
        return ""
    return with_import(code, "import datetime") if "datetime." in "".join(lines) else code


def without_unused_optional(code: str) -> str:
    """The code without the import of Optional where nothing uses it."""
    if "Optional[" in code:
        return code
    return code.replace("from typing import Optional\n", "", 1)


def model_classes(view: View) -> list[ast.ClassDef]:
    """Classes derived from BaseModel or from an earlier model of the module."""
    models: dict[str, ast.ClassDef] = {}
    for node in view.tree.body if view.tree else ():
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            bases |= {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
            if bases & {"BaseModel", *models}:
                models[node.name] = node
    return list(models.values())
