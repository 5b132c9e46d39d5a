"""Edits of source text by line: the same text comes back where nothing was to be changed."""

import ast
import re

from flagbench.simulator.crud.defects.defect import View


def replaced_lines(code: str, first: int, last: int, new: list[str]) -> str:
    """Lines first..last (from 1, both included) replaced; last = first - 1 inserts before first."""
    lines = code.split("\n")
    return "\n".join([*lines[: first - 1], *new, *lines[last:]])


def with_import(code: str, line: str) -> str:
    """The import added after the last import at the top, unless it is there."""
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


def without_unused_optional(view_code: str) -> str:
    """Drop the import of Optional when nothing uses it any more."""
    if "Optional[" in view_code:
        return view_code
    return view_code.replace("from typing import Optional\n", "", 1)


def model_classes(view: View) -> list[ast.ClassDef]:
    """Classes that look like Pydantic models: BaseModel or one of the module's own above them."""
    found: dict[str, ast.ClassDef] = {}
    for node in view.tree.body if view.tree else ():
        if isinstance(node, ast.ClassDef):
            bases = {base.id for base in node.bases if isinstance(base, ast.Name)}
            bases |= {base.attr for base in node.bases if isinstance(base, ast.Attribute)}
            if bases & {"BaseModel", *found}:
                found[node.name] = node
    return list(found.values())
