"""Defects of routes: annotations that FastAPI rejects, a 404 that becomes a 500 or is missing."""

import ast
import re
from collections.abc import Sequence

from flagbench.simulator.crud.defects.defect import (
    ASSUMPTION,
    EXPERIMENT,
    Defect,
    ReviewRemark,
    View,
    route_call,
    route_method,
)
from flagbench.simulator.crud.defects.editing import body_start, replace_lines, with_import
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.rng import Rng

_GET_ONE = re.compile(
    r'(@router\.get\("[^"]*\{\w+\}")(?:, response_model=[^\n]+)?(\)\n(?:async )?def [^:]*?\('
    r"(?:.|\n)*?\) -> )[^\n]+:\n"
)


def _inject_annotation(code: str, _: Shape, __: Rng) -> str:
    changed = _GET_ONE.sub(r"\1\2JSONResponse | dict:\n", code, count=1)
    if changed == code:
        return code
    return with_import(changed, "from fastapi.responses import JSONResponse")


def _mixes_response(annotation: ast.expr | None) -> bool:
    """True for a union or Optional with a response class in it."""
    if annotation is None:
        return False
    union = isinstance(annotation, ast.BinOp) or (
        isinstance(annotation, ast.Subscript)
        and ast.unparse(annotation.value).split(".")[-1] in {"Union", "Optional"}
    )
    return union and re.search(r"\b\w*Response\b", ast.unparse(annotation)) is not None


def _mixed_routes(view: View) -> list[tuple[ast.Call, int, str]]:
    routes = []
    for function in view.functions():
        call = route_call(function)
        if call is None or function.returns is None or not _mixes_response(function.returns):
            continue
        if not any(keyword.arg == "response_model" for keyword in call.keywords):
            routes.append((call, function.returns.lineno, function.name))
    return routes


def _find_annotation(view: View) -> Sequence[ReviewRemark]:
    return [
        ReviewRemark(
            line,
            f"FastAPI cannot import this module: the return annotation of {name} mixes a "
            "response class with another type (Invalid args for response field); "
            "set response_model=None.",
        )
        for _, line, name in _mixed_routes(view)
    ]


def _fix_annotation(view: View) -> str:
    lines = view.lines
    for call, _, _ in reversed(_mixed_routes(view)):
        row, column = (call.end_lineno or 1) - 1, (call.end_col_offset or 1) - 1
        before = lines[row][:column]
        comma = "" if not before.strip() and lines[row - 1].rstrip().endswith(",") else ", "
        if not before.strip():
            before = before + "    " if not comma else before
        lines[row] = f"{before}{comma}response_model=None{lines[row][column:]}"
    return "\n".join(lines)


def _inject_broad_except(code: str, _: Shape, __: Rng) -> str:
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
        code = replace_lines(code, first.lineno, last, ["    try:", *body, *handler])
    return code


def _broad_handlers(view: View) -> list[ast.ExceptHandler]:
    handlers = []
    for function in view.functions():
        if not route_method(function):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Try):
                handled = [ast.unparse(h.type) if h.type else "" for h in node.handlers]
                broad = [n for n, name in enumerate(handled) if name in {"", "Exception"}]
                reraised = any("HTTPException" in name for name in handled)
                if broad and not reraised and not _raises_again(node.handlers[broad[0]]):
                    handlers.append(node.handlers[broad[0]])
    return handlers


def _raises_again(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(n, ast.Raise) and n.exc is None for n in ast.walk(handler))


def _find_not_found(view: View) -> Sequence[ReviewRemark]:
    return [
        ReviewRemark(
            handler.lineno,
            "The broad except swallows the HTTPException: a missing row is "
            "answered 500 where 404 is due.",
        )
        for handler in _broad_handlers(view)
    ]


def _fix_not_found(view: View) -> str:
    code = view.code
    for handler in sorted(_broad_handlers(view), key=lambda handler: -handler.lineno):
        space = " " * handler.col_offset
        new = [f"{space}except HTTPException:", f"{space}    raise"]
        code = replace_lines(code, handler.lineno, handler.lineno - 1, new)
    return code


_REFUSAL = re.compile(r"^( +)if (?:row is None|not row):\n(?:\1 +[^\n]*\n)+", re.MULTILINE)
_ANNOUNCED = re.compile(r" or answer 404|; raises a 404 when there is none")


def _forget_404(code: str, _: Shape, __: Rng) -> str:
    return _ANNOUNCED.sub("", _REFUSAL.sub("", code))


def _find_no_404(view: View) -> Sequence[ReviewRemark]:
    if view.tree is None or re.search("404|NOT_FOUND", view.code):
        return ()
    return (ReviewRemark(view.line_with("def get"), "No handler answers 404 for an unknown id."),)


BAD_RETURN_ANNOTATION = Defect(
    name="bad_return_annotation",
    rates={"backend": 0.068},
    source=f"{EXPERIMENT}: 41 (6.8 %) cannot be imported",
    sensitivity=0.8,
    sensitivity_source="assumption; after the experiment's own review 6.8 % were still there",
    words=re.compile(
        r"response field|response_model|return annotation|return type|cannot (?:be )?import"
    ),
    inject=_inject_annotation,
    find=_find_annotation,
    fix=_fix_annotation,
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
    inject=_inject_broad_except,
    find=_find_not_found,
    fix=_fix_not_found,
)
NO_404 = Defect(
    name="no_404",
    rates={"backend": 0.0},
    source=f"{EXPERIMENT}: 0 never answer 404; for scenarios that set a rate",
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"answers? 404 for an unknown|no 404|must answer 404"),
    inject=_forget_404,
    find=_find_no_404,
)
