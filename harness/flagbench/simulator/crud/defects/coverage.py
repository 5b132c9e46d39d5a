"""Missing fields and business rules: parts of the specification that the code lacks."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flagbench.simulator.crud.business_rules import Check, checks_of
from flagbench.simulator.crud.defects.defect import (
    ASSUMPTION,
    KINDS,
    Defect,
    ReviewRemark,
    View,
)
from flagbench.simulator.crud.defects.editing import with_checks
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer.checking import rule_lines
from flagbench.simulator.names import words
from flagbench.simulator.rng import Rng


def _without_field(shape: Shape, draws: Rng) -> Shape:
    if len(shape.fields) < 2:
        return shape
    gone = draws.pick("field", shape.fields)
    return replace(
        shape,
        columns=tuple(column for column in shape.columns if column.name != gone),
        links=tuple(link for link in shape.links if link.field != gone),
        children=tuple(child for child in shape.children if child.field != gone),
    )


def _required_names(view: View) -> list[str]:
    """Names that a file of this kind must mention."""
    shape = view.shape
    if view.kind == "database":
        columns = [column.name for column in shape.columns]
        return columns + [x.table for x in shape.links] + [x.table for x in shape.children]
    if view.kind == "tests":
        return [column.name for column in shape.columns if column.required]
    return list(shape.fields)


def _find_fields(view: View) -> Sequence[ReviewRemark]:
    if view.tree is None:
        return ()
    missing = [
        name
        for name in _required_names(view)
        if not re.search(rf"\b{re.escape(name)}(?:_input)?\b", view.code)
        and not (view.kind == "frontend" and words(name) in view.code)
    ]
    line = max(1, view.line_with("class ") if view.kind == "backend" else 1)
    return [
        ReviewRemark(line, f"The specification asks for {name}, which is missing here.")
        for name in missing
    ]


def _without_rule(shape: Shape, draws: Rng) -> Shape:
    understood = [check.rule for check in checks_of(shape) if check.kind != "words"]
    if not understood:
        return shape
    gone = draws.pick("rule", understood)
    return replace(shape, rules=tuple(rule for rule in shape.rules if rule != gone))


def _enforced(check: Check, code: str) -> bool:
    """True when something in the code looks like this rule."""
    low = code.lower()
    if check.rule.lower() in low or check.kind == "words" or check.column is None:
        return True
    if check.kind in {"range", "length"}:
        near = "\n".join(x for x in code.split("\n") if re.search(rf"\b{check.column.name}\b", x))
        numbers = [number for number in (check.low, check.high) if number]
        return all(re.search(rf"(?<![\w.]){re.escape(n)}(?:\.0)?(?![\w.])", near) for n in numbers)
    if check.kind == "one_of":
        return all(option.lower() in low for option in check.options)
    cues = {"unique": r"unique|taken|already", "past": r"today|now\(", "future": r"today|now\(",
            "not_empty": r"strip\(|min_length", "after": r"[<>]", "days": r"days"}  # fmt: skip
    return re.search(cues[check.kind], low) is not None


def _missing_rules(view: View) -> list[Check]:
    if view.tree is None:
        return []
    return [check for check in checks_of(view.shape) if not _enforced(check, view.code)]


def _find_rules(view: View) -> Sequence[ReviewRemark]:
    line = view.line_with(".post(")
    return [
        ReviewRemark(line, f"Business rule is not enforced: {check.rule}.".replace("..", "."))
        for check in _missing_rules(view)
    ]


def _fix_rules(view: View) -> str:
    """Put the checks at the beginning of the POST and PUT routes."""
    missing = tuple(check.rule for check in _missing_rules(view))
    return with_checks(view, rule_lines(replace(view.shape, rules=missing)))


MISSING_FIELD = Defect(
    name="missing_field",
    rates={**dict.fromkeys(KINDS, 0.0), "frontend": 0.06},
    source=ASSUMPTION,
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"missing (?:here|field|column|input|attribute)|is missing|not mentioned"),
    misread=_without_field,
    find=_find_fields,
)
MISSING_RULE = Defect(
    name="missing_rule",
    rates={"backend": 0.1},
    source=f"{ASSUMPTION}; the experiment's requests had no rules",
    sensitivity=0.6,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"business rule|not enforced|\brule\b"),
    misread=_without_rule,
    find=_find_rules,
    fix=_fix_rules,
)
