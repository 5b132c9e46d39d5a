"""Defects of a routes module that the experiment counted."""

import ast
import re
from collections.abc import Sequence

from harness.provider.defects.defect import (
    EXPERIMENT,
    Defect,
    Finding,
    View,
    route_call,
    route_method,
)
from harness.provider.defects.editing import (
    body_start,
    model_classes,
    replaced_lines,
    with_import,
    without_unused_optional,
)
from harness.provider.draws import Draws
from harness.provider.shape import Column, Shape

_GET_ONE = re.compile(
    r'(@router\.get\("[^"]*\{\w+\}")(?:, response_model=[^\n]+)?(\)\n(?:async )?def [^:]*?\('
    r"(?:.|\n)*?\) -> )[^\n]+:\n"
)
_PARTIAL = re.compile(r"Patch|Partial|Update")


def _spoil_annotation(code: str, _: Shape, __: Draws) -> str:
    changed = _GET_ONE.sub(r"\1\2JSONResponse | dict:\n", code, count=1)
    if changed == code:
        return code
    return with_import(changed, "from fastapi.responses import JSONResponse")


def _mixed(annotation: ast.expr | None) -> bool:
    """A union or Optional with a response class in it."""
    if annotation is None:
        return False
    union = isinstance(annotation, ast.BinOp) or (
        isinstance(annotation, ast.Subscript)
        and ast.unparse(annotation.value).split(".")[-1] in {"Union", "Optional"}
    )
    return union and re.search(r"\b\w*Response\b", ast.unparse(annotation)) is not None


def _mixed_routes(view: View) -> list[tuple[ast.Call, int, str]]:
    found = []
    for function in view.functions():
        call = route_call(function)
        if call and _mixed(function.returns) and function.returns:
            if not any(keyword.arg == "response_model" for keyword in call.keywords):
                found.append((call, function.returns.lineno, function.name))
    return found


def _find_annotation(view: View) -> Sequence[Finding]:
    return [
        Finding(line, f"FastAPI cannot import this module: the return annotation of {name} mixes a "
                "response class with another type (Invalid args for response field); "
                "set response_model=None.")
        for _, line, name in _mixed_routes(view)
    ]  # fmt: skip


def _mend_annotation(view: View) -> str:
    lines = view.lines
    for call, _, _ in reversed(_mixed_routes(view)):
        row, column = (call.end_lineno or 1) - 1, (call.end_col_offset or 1) - 1
        before = lines[row][:column]
        comma = "" if not before.strip() and lines[row - 1].rstrip().endswith(",") else ", "
        if not before.strip():
            before = before + "    " if not comma else before
        lines[row] = f"{before}{comma}response_model=None{lines[row][column:]}"
    return "\n".join(lines)


def _spoil_not_found(code: str, _: Shape, __: Draws) -> str:
    try:
        functions = [f for f in ast.parse(code).body if isinstance(f, ast.FunctionDef)]
    except SyntaxError:
        return code
    for function in reversed(functions):
        first = body_start(function)
        if route_method(function) not in {"get", "put", "delete"} or first is None:
            continue
        if not function.args.args or "_id" not in ast.unparse(function.args):
            continue
        last = function.body[-1].end_lineno or first.lineno
        lines = code.split("\n")[first.lineno - 1 : last]
        body = ["    " + line if line else line for line in lines]
        handler = [
            "    except Exception as exc:",
            "        raise HTTPException(status_code=500, detail=str(exc))",
        ]
        code = replaced_lines(code, first.lineno, last, ["    try:", *body, *handler])
    return code


def _swallowing(view: View) -> list[ast.ExceptHandler]:
    found = []
    for function in view.functions():
        if not route_method(function):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Try):
                handled = [ast.unparse(h.type) if h.type else "" for h in node.handlers]
                broad = [n for n, name in enumerate(handled) if name in {"", "Exception"}]
                kept = any("HTTPException" in name for name in handled)
                if broad and not kept and not _raises_again(node.handlers[broad[0]]):
                    found.append(node.handlers[broad[0]])
    return found


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(handler))


def _find_not_found(view: View) -> Sequence[Finding]:
    return [
        Finding(handler.lineno, "The broad except swallows the HTTPException: a missing row is "
                "answered 500 where 404 is due.")
        for handler in _swallowing(view)
    ]  # fmt: skip


def _mend_not_found(view: View) -> str:
    code = view.code
    for handler in sorted(_swallowing(view), key=lambda handler: -handler.lineno):
        space = " " * handler.col_offset
        new = [f"{space}except HTTPException:", f"{space}    raise"]
        code = replaced_lines(code, handler.lineno, handler.lineno - 1, new)
    return code


def _required(shape: Shape) -> dict[str, Column]:
    return {column.name: column for column in shape.columns if column.required}


def _make_optional(code: str, shape: Shape, _: Draws) -> str:
    changed = code
    for column in _required(shape).values():
        changed = re.sub(
            rf"^    {column.name}: {re.escape(column.python)}$",
            f"    {column.name}: Optional[{column.python}] = None",
            changed,
            flags=re.MULTILINE,
        )
    return changed if changed == code else with_import(changed, "from typing import Optional")


def _optional_fields(view: View) -> list[ast.AnnAssign]:
    required, found = _required(view.shape), []
    for model in model_classes(view):
        if _PARTIAL.search(model.name):
            continue
        for node in model.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                text = ast.unparse(node.annotation)
                nullable = "Optional[" in text or re.search(r"\bNone\b", text)
                default = isinstance(node.value, ast.Constant) and node.value.value is None
                if node.target.id in required and (nullable or default):
                    found.append(node)
    return found


def _find_optional(view: View) -> Sequence[Finding]:
    fields = _optional_fields(view)
    if not fields:
        return ()
    names = sorted({field.target.id for field in fields if isinstance(field.target, ast.Name)})
    return (Finding(fields[0].lineno, f"Required fields are declared Optional: {', '.join(names)}; "
                    "an empty body would be accepted."),)  # fmt: skip


def _mend_optional(view: View) -> str:
    code, required = view.code, _required(view.shape)
    for field in sorted(_optional_fields(view), key=lambda field: -field.lineno):
        if isinstance(field.target, ast.Name):
            column = required[field.target.id]
            annotation = ast.unparse(field.annotation)
            inner = re.fullmatch(r"(?:typing\.)?Optional\[(.+)\]", annotation)
            plain = inner.group(1) if inner else re.sub(r" \| None|None \| ", "", annotation)
            line = f"{' ' * field.col_offset}{column.name}: {plain}"
            code = replaced_lines(code, field.lineno, field.end_lineno or field.lineno, [line])
    return without_unused_optional(code)


FAILS_IN_FASTAPI = Defect(
    name="bad_return_annotation",
    rates={"backend": 0.068},
    source=f"{EXPERIMENT}: 41 (6.8 %) cannot be imported",
    sensitivity=0.8,
    sensitivity_source="assumption; after the experiment's own review 6.8 % were still there",
    words=re.compile(
        r"response field|response_model|return annotation|return type|cannot (?:be )?import"
    ),
    inject=_spoil_annotation,
    find=_find_annotation,
    mend=_mend_annotation,
)
SWALLOWED_404 = Defect(
    name="swallowed_404",
    rates={"backend": 0.05},
    source=f"{EXPERIMENT}: 30 (5.0 %) answer 500 where 404 is due",
    sensitivity=0.8,
    sensitivity_source="assumption; after the experiment's own review 5.0 % were still there",
    words=re.compile(
        r"broad except|bare except|except exception|swallow|500 (?:where|instead)|\b500\b.*\b404\b"
    ),
    inject=_spoil_not_found,
    find=_find_not_found,
    mend=_mend_not_found,
)
ALL_OPTIONAL = Defect(
    name="all_optional",
    rates={"backend": 1.0},
    source=f"{EXPERIMENT}: all 600 accept an empty body, every field was Optional",
    sensitivity=0.005,
    sensitivity_source=f"{EXPERIMENT}: 600 of 600 survived review, so at most 3 in 600",
    words=re.compile(r"optional|nullable|\brequired\b|empty body|none default|default of none"),
    inject=_make_optional,
    find=_find_optional,
    mend=_mend_optional,
)
