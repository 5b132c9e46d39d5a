"""What the specification asks for and the code lacks: fields, rules, NOT NULL, the migration."""

import re
from collections.abc import Sequence
from dataclasses import replace

from harness.provider.defects.defect import (
    ASSUMPTION,
    KINDS,
    Defect,
    Finding,
    View,
    body_parameters,
    route_method,
)
from harness.provider.defects.editing import body_start, replaced_lines, with_import
from harness.provider.draws import Draws
from harness.provider.names import quoted_column, words
from harness.provider.rules import Check, checks_of
from harness.provider.shape import Column, Shape
from harness.provider.writer.checking import rule_lines


def _without_field(shape: Shape, draws: Draws) -> Shape:
    if len(shape.fields) < 2:
        return shape
    gone = draws.pick("field", shape.fields)
    return replace(
        shape,
        columns=tuple(column for column in shape.columns if column.name != gone),
        links=tuple(link for link in shape.links if link.field != gone),
        children=tuple(child for child in shape.children if child.field != gone),
    )


def _names_due(view: View) -> list[str]:
    """What a file of this kind must mention."""
    shape = view.shape
    if view.kind == "database":
        tables = [x.table for x in (*shape.links, *shape.children)]
        return [*(column.name for column in shape.columns), *tables]
    if view.kind == "tests":
        return [column.name for column in shape.columns if column.required]
    return list(shape.fields)


def _find_fields(view: View) -> Sequence[Finding]:
    if view.tree is None:
        return ()
    missing = [
        name
        for name in _names_due(view)
        if not re.search(rf"\b{re.escape(name)}(?:_input)?\b", view.code)
        and not (view.kind == "frontend" and words(name) in view.code)
    ]
    line = max(1, view.line_with("class ") if view.kind == "backend" else 1)
    return [
        Finding(line, f"The specification asks for {name}, which is missing here.")
        for name in missing
    ]


def _without_rule(shape: Shape, draws: Draws) -> Shape:
    understood = [check.rule for check in checks_of(shape) if check.kind != "words"]
    if not understood:
        return shape
    gone = draws.pick("rule", understood)
    return replace(shape, rules=tuple(rule for rule in shape.rules if rule != gone))


def _enforced(check: Check, code: str) -> bool:
    """Whether something in the code looks like this rule."""
    low = code.lower()
    if check.rule.lower() in low or check.kind == "words" or check.column is None:
        return True
    if check.kind in {"range", "length"}:
        numbers = [number for number in (check.low, check.high) if number]
        return all(re.search(rf"(?<![\w.]){re.escape(n)}(?:\.0)?(?![\w.])", code) for n in numbers)
    if check.kind == "one_of":
        return all(option.lower() in low for option in check.options)
    cues = {"unique": r"unique|taken|already", "past": r"today|now\(", "future": r"today|now\(",
            "not_empty": r"strip\(|min_length", "after": r"[<>]", "days": r"days"}  # fmt: skip
    return re.search(cues[check.kind], low) is not None


def _missing_rules(view: View) -> list[Check]:
    if view.tree is None:
        return []
    return [check for check in checks_of(view.shape) if not _enforced(check, view.code)]


def _find_rules(view: View) -> Sequence[Finding]:
    line = view.line_with(".post(")
    return [
        Finding(line, f"Business rule is not enforced: {check.rule}.".replace("..", "."))
        for check in _missing_rules(view)
    ]


def _mend_rules(view: View) -> str:
    """Put the checks at the beginning of the POST and PUT routes."""
    missing = tuple(check.rule for check in _missing_rules(view))
    lines = rule_lines(replace(view.shape, rules=missing))
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
        code = replaced_lines(code, first.lineno, first.lineno - 1, indented)
        changed = True
    if not changed:
        return ""
    return with_import(code, "import datetime") if "datetime." in "".join(lines) else code


def _nullable(shape: Shape, draws: Draws) -> Shape:
    required = [column for column in shape.columns if column.required and not column.target]
    if not required:
        return shape
    gone = draws.pick("column", required)
    columns = [replace(c, required=False) if c == gone else c for c in shape.columns]
    return replace(shape, columns=tuple(columns))


def _lenient_columns(view: View) -> list[tuple[int, Column]]:
    found = []
    for column in view.shape.columns:
        if column.required and not column.target:
            name = re.escape(quoted_column(column.name))
            pattern = re.compile(rf"^\s*[\"']?{name}[\"']?:?\s+[\"'(]*{column.sql}\b", re.I)
            for number, line in enumerate(view.lines, 1):
                if pattern.match(line) and "NOT NULL" not in line.upper():
                    found.append((number, column))
                    break
    return found


def _find_nullable(view: View) -> Sequence[Finding]:
    return [
        Finding(number, f"Column {column.name} is required and lacks NOT NULL.")
        for number, column in _lenient_columns(view)
    ]


def _mend_nullable(view: View) -> str:
    lines = view.lines
    for number, column in _lenient_columns(view):
        text = lines[number - 1]
        lines[number - 1] = re.sub(rf"\b{column.sql}\b", f"{column.sql} NOT NULL", text, count=1)
    code = "\n".join(lines)
    for _, column in _lenient_columns(view):
        bare = rf"(ADD COLUMN \"?{re.escape(column.name)}\"? {column.sql})(?=[\"'])"
        code = re.sub(bare, rf"\1 NOT NULL DEFAULT {column.neutral}", code)
    return code


def _forget_growth(code: str, _: Shape, __: Draws) -> str:
    head, found, tail = code.partition("def migrate(")
    start = re.search(r"^    (?:for table|existing =)", tail, re.MULTILINE)
    end = tail.rfind("    connection.commit()")
    if not found or not start or end < start.start():
        return code
    return head + found + tail[: start.start()] + tail[end:]


def _find_growth(view: View) -> Sequence[Finding]:
    if view.tree is None or re.search(r"ADD\s+COLUMN|ALTER\s+TABLE", view.code, re.I):
        return ()
    return (Finding(view.line_with("def migrate"), "migrate does not add columns that an older "
                    "table lacks (no ALTER TABLE)."),)  # fmt: skip


MISSING_FIELD = Defect(
    name="missing_field",
    rates={**dict.fromkeys(KINDS, 0.0), "frontend": 0.06},
    source=f"{ASSUMPTION}; 0 of the 600 route modules lacked one",
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(
        r"missing (?:here|field|column|input|attribute)|is missing|not mentioned|lacks "
    ),
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
    mend=_mend_rules,
)
MISSING_NOT_NULL = Defect(
    name="missing_not_null",
    rates={"database": 0.08},
    source=ASSUMPTION,
    sensitivity=0.7,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"not null|nullable column"),
    misread=_nullable,
    find=_find_nullable,
    mend=_mend_nullable,
)
NO_GROWTH = Defect(
    name="migration_adds_nothing",
    rates={"database": 0.04},
    source=ASSUMPTION,
    sensitivity=0.8,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"add(?:s|ing)? columns|alter table|migrat"),
    inject=_forget_growth,
    find=_find_growth,
)
