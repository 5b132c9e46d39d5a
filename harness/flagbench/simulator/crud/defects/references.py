"""Defect of routes: an id of another entity is stored without a look at whether it exists."""

import re
from collections.abc import Sequence
from dataclasses import replace

from flagbench.simulator.crud.defects.defect import (
    ASSUMPTION,
    EXPERIMENT,
    Defect,
    ReviewRemark,
    Told,
    View,
)
from flagbench.simulator.crud.defects.editing import with_checks
from flagbench.simulator.crud.specification import Shape, table_of
from flagbench.simulator.crud.writer.checking import reference_lines
from flagbench.simulator.rng import Rng


def _without_targets(shape: Shape, _: Rng) -> Shape:
    """The shape whose ids of other entities are plain numbers."""
    columns = tuple(replace(column, target="") for column in shape.columns)
    return replace(shape, columns=columns, links=tuple(replace(x, target="") for x in shape.links))


def _unchecked(view: View) -> list[str]:
    """Fields whose target the code never looks up; one that refers to its own table is not told."""
    if view.tree is None or "IntegrityError" in _without_delete(view):
        return []
    pairs = [(column.name, column.target) for column in view.shape.references]
    pairs += [(link.field, link.target) for link in view.shape.links]
    return [
        field
        for field, target in pairs
        if not re.search(rf"\b{re.escape(table_of(target))}\b", _sql(view))
        and target != view.shape.entity
    ]


def _sql(view: View) -> str:
    """The code without its routes' addresses, which name tables too."""
    return re.sub(r"[\"']/[^\"']*[\"']", "", view.code)


def _without_delete(view: View) -> str:
    """The code without the functions that delete, whose IntegrityError is about something else."""
    lines = view.lines
    for function in view.functions():
        text = "\n".join(lines[function.lineno - 1 : function.end_lineno])
        if re.search(r"delete|remove", function.name) or "DELETE FROM" in text:
            for number in range(function.lineno - 1, function.end_lineno or function.lineno):
                lines[number] = ""
    return "\n".join(lines)


def _find(view: View) -> Sequence[ReviewRemark]:
    line = view.line_with(".post(")
    return [
        ReviewRemark(
            line, f"{field} is stored unchecked: an id to which nothing belongs is not refused."
        )
        for field in _unchecked(view)
    ]


def _fix(view: View) -> str:
    """Put the checks at the beginning of the POST and PUT routes."""
    missing = _unchecked(view)
    columns = tuple(c for c in view.shape.columns if c.name in missing)
    links = tuple(link for link in view.shape.links if link.field in missing)
    return with_checks(view, reference_lines(replace(view.shape, columns=columns, links=links)))


UNKNOWN_TARGET = Defect(
    name="unknown_target",
    rates={"backend": 0.1},
    source=f"{ASSUMPTION}: as for a rule that the prompt gives",
    told=Told(
        re.compile(
            r"(?:referenc|refer|relat|foreign)\w*[^.\n]{0,60}(?:exist|check|422)|does not exist",
            re.I,
        ),
        rate=1.0,
        source=f"{EXPERIMENT}: all 200 with a relation store an unknown id; its prompt did not ask "
        "for the check",
        absent=True,
    ),
    sensitivity=0.6,
    sensitivity_source=f"{ASSUMPTION}: as for a missing rule",
    words=re.compile(r"stored unchecked|not refused|unknown (?:id|target|reference)|dangl"),
    misread=_without_targets,
    find=_find,
    fix=_fix,
)
