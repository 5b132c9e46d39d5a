"""Defects of the contract of routes: path, method and status. Found in review, never injected.

None of the experiment's 600 modules lacked a route or answered with another success status, hence
the rate of zero.
"""

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

_DUE = ("post", "get", "put", "delete")


def _find(view: View) -> Sequence[ReviewRemark]:
    if view.tree is None:
        return ()
    functions = [function for function in view.functions() if route_method(function)]
    present = {route_method(function) for function in functions}
    remarks = [
        ReviewRemark(
            view.line_with("router"), f"The route {method.upper()} {view.shape.path} is not there."
        )
        for method in _DUE
        if method not in present
    ]
    for function in functions:
        call, method = route_call(function), route_method(function)
        due = {"post": "201", "delete": "204"}.get(method)
        if call and due and not _has_status(call, due, view.code):
            remarks.append(ReviewRemark(function.lineno, f"{method.upper()} must answer {due}."))
    if functions and not re.search(rf"[\"']{re.escape(view.shape.path)}\b", view.code):
        remarks.append(ReviewRemark(functions[0].lineno, f"The path must be {view.shape.path}."))
    return remarks


def _has_status(call: ast.Call, due: str, code: str) -> bool:
    for keyword in call.keywords:
        if keyword.arg == "status_code":
            return due in ast.unparse(keyword.value)
    return re.search(rf"status_code\s*=\s*(?:\w+\.)*\w*{due}", code) is not None


CONTRACT = Defect(
    name="contract",
    rates={"backend": 0.0},
    source=f"{EXPERIMENT}: 0 lacked a route or had another success status",
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(
        r"route .* not there|missing route|must answer|path must be|status code|endpoint"
    ),
    find=_find,
)
