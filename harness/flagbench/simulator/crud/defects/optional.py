"""Defect that the experiment's prompt ordered: every field is Optional although required."""

import ast
import re
from collections.abc import Sequence

from flagbench.simulator.crud.defects.defect import (
    ASSUMPTION,
    EXPERIMENT,
    OTHER_GENERATORS,
    Defect,
    ReviewRemark,
    Told,
    View,
)
from flagbench.simulator.crud.defects.editing import (
    model_classes,
    replace_lines,
    with_import,
    without_unused_optional,
)
from flagbench.simulator.crud.specification import Column, Shape
from flagbench.simulator.rng import Rng

_PARTIAL = re.compile(r"Patch|Partial|Update|Read|Response|Out\b")
"""Names of models whose fields may be absent by design, and of models of responses."""


def _required(shape: Shape) -> dict[str, Column]:
    return {column.name: column for column in shape.columns if column.required}


def _make_optional(code: str, shape: Shape, _: Rng) -> str:
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
    required, fields = _required(view.shape), []
    for model in model_classes(view):
        if _PARTIAL.search(model.name):
            continue
        for node in model.body:
            if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                text = ast.unparse(node.annotation)
                nullable = "Optional[" in text or re.search(r"\bNone\b", text)
                default = isinstance(node.value, ast.Constant) and node.value.value is None
                if node.target.id in required and (nullable or default):
                    fields.append(node)
    return fields


def _find_optional(view: View) -> Sequence[ReviewRemark]:
    fields = _optional_fields(view)
    if not fields:
        return ()
    names = sorted({field.target.id for field in fields if isinstance(field.target, ast.Name)})
    return (
        ReviewRemark(
            fields[0].lineno,
            f"Required fields are declared Optional: {', '.join(names)}; "
            "an empty body would be accepted.",
        ),
    )


def _fix_optional(view: View) -> str:
    code, required = view.code, _required(view.shape)
    for field in sorted(_optional_fields(view), key=lambda field: -field.lineno):
        if isinstance(field.target, ast.Name):
            column = required[field.target.id]
            annotation = ast.unparse(field.annotation)
            inner = re.fullmatch(r"(?:typing\.)?Optional\[(.+)\]", annotation)
            plain = inner.group(1) if inner else re.sub(r" \| None|None \| ", "", annotation)
            line = f"{' ' * field.col_offset}{column.name}: {plain}"
            code = replace_lines(code, field.lineno, field.end_lineno or field.lineno, [line])
    return without_unused_optional(code)


ALL_OPTIONAL = Defect(
    name="all_optional",
    rates={"backend": 0.0},
    source=f"{OTHER_GENERATORS}: 255 of 255 applications refuse an empty body (ChatDev 225, ghspec "
    "30), so at most 1.2 %",
    told=Told(
        re.compile(
            r"^(?![^\n]*\b(?:never|not|wrong)\b)[^\n]*\b(?:all|each|every)\b[^.;\n]{0,60}"
            r"\b(?:attribute|field)s?\b[^.;\n]{0,30}\bOptional\b",
            re.I | re.M,
        ),
        rate=1.0,
        source=f"{EXPERIMENT}: all 600 accept an empty body; its prompt ordered every attribute to "
        "be declared Optional",
    ),
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"optional|nullable|\brequired\b|empty body|none default|default of none"),
    inject=_make_optional,
    find=_find_optional,
    fix=_fix_optional,
)
