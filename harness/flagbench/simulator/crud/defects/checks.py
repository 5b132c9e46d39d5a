"""Defects of a test module: an assertion of the wrong status, a missing case."""

import ast
import re
from collections.abc import Mapping, Sequence

from flagbench.simulator.crud.defects.defect import ASSUMPTION, Defect, ReviewRemark, View
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.rng import Rng

_ALLOWED: Mapping[str, frozenset[int]] = {
    "post": frozenset({201, 422, 404, 409}),
    "get": frozenset({200, 404, 422}),
    "put": frozenset({200, 404, 422, 409}),
    "delete": frozenset({204, 404, 409, 422}),
}
_RIGHT: Mapping[str, int] = {"post": 201, "get": 200, "put": 200, "delete": 204}
_WRONG: Mapping[str, str] = {"201": "200", "204": "200", "422": "400"}
_INVALID = re.compile(r"missing|invalid|wrong|unknown|rule|reject|unique|without|required|bad")


def _inject_wrong_status(code: str, _: Shape, draws: Rng) -> str:
    assertions = list(re.finditer(r"(?<=status_code == )(201|204|422)", code))
    if not assertions:
        return code
    match = draws.pick("assertion", assertions)
    return code[: match.start()] + _WRONG[match.group(1)] + code[match.end() :]


def _method_of(node: ast.expr, last: Mapping[str, str]) -> str:
    """HTTP method of `client.post(...)` or of a name that holds its response, "" for others."""
    if isinstance(node, ast.Name):
        return last.get(node.id, "")
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        owner = ast.unparse(node.func.value)
        if node.func.attr in _ALLOWED and "client" in owner:
            return node.func.attr
    return ""


def _wrong_statuses(view: View) -> list[tuple[ast.Constant, int]]:
    wrong_statuses = []
    for function in view.functions():
        last: dict[str, str] = {}
        for node in sorted(
            (n for n in ast.walk(function) if isinstance(n, ast.Assign | ast.Compare)),
            key=lambda n: n.lineno,
        ):
            if isinstance(node, ast.Assign):
                method = _method_of(node.value, last)
                if method and isinstance(node.targets[0], ast.Name):
                    last[node.targets[0].id] = method
                continue
            left, right = node.left, node.comparators[0]
            if not (isinstance(left, ast.Attribute) and left.attr == "status_code"):
                continue
            method = _method_of(left.value, last)
            number = right.value if isinstance(right, ast.Constant) else None
            if not method or not isinstance(number, int) or not isinstance(right, ast.Constant):
                continue
            if number not in _ALLOWED[method]:
                invalid = method in {"post", "put"} and _INVALID.search(function.name)
                wrong_statuses.append((right, 422 if invalid else _RIGHT[method]))
    return wrong_statuses


def _find(view: View) -> Sequence[ReviewRemark]:
    return [
        ReviewRemark(
            constant.lineno,
            f"The assertion expects {constant.value!r} where the contract says {right}.",
        )
        for constant, right in _wrong_statuses(view)
    ]


def _fix(view: View) -> str:
    lines = view.lines
    for constant, right in _wrong_statuses(view):
        line = lines[constant.lineno - 1]
        start, end = constant.col_offset, constant.end_col_offset or constant.col_offset
        lines[constant.lineno - 1] = line[:start] + str(right) + line[end:]
    return "\n".join(lines)


_MISSING_CASE = re.compile(r"\n+( *)def test_missing\(.*?(?=\n+ *def |\Z)", re.DOTALL)


def _drop_case(code: str, _: Shape, __: Rng) -> str:
    return _MISSING_CASE.sub("", code, count=1).rstrip("\n") + "\n"


_UNKNOWN = re.compile(r"missing|unknown|not_found|404|absent|exist", re.I)


def _find_case(view: View) -> Sequence[ReviewRemark]:
    if view.tree is None:
        return ()
    for function in view.functions():
        text = "\n".join(view.lines[function.lineno - 1 : function.end_lineno])
        elsewhere = ".delete(" not in text or re.search(r"(?<!\d)(?:9{2,}|\d{4,}|0)(?!\d)", text)
        if "404" in text and (elsewhere or _UNKNOWN.search(function.name)):
            return ()
    return (ReviewRemark(len(view.lines), "No test asks for an id that does not exist (404)."),)


WRONG_ASSERTION = Defect(
    name="wrong_assertion",
    rates={"tests": 0.08},
    source=ASSUMPTION,
    sensitivity=0.7,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"assert|expects|contract says"),
    inject=_inject_wrong_status,
    find=_find,
    fix=_fix,
)
MISSING_CASE = Defect(
    name="missing_case",
    rates={"tests": 0.05},
    source=ASSUMPTION,
    sensitivity=0.5,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"no test|test is missing|missing test|404"),
    inject=_drop_case,
    find=_find_case,
)
