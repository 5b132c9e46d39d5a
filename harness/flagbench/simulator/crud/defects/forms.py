"""Defects of a page: a submit button whose label does not name the entity."""

import re
from collections.abc import Sequence

from flagbench.simulator.crud.defects.defect import ASSUMPTION, Defect, ReviewRemark, View
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer.layout import quoted
from flagbench.simulator.names import words
from flagbench.simulator.rng import Rng

_BUTTON = re.compile(r"(form_submit_button\(\s*(?:label\s*=\s*)?)([\"'])(.*?)\2")


def _relabel(code: str, _: Shape, draws: Rng) -> str:
    label = draws.pick("label", ("Submit", "Save", "Add"))
    return _BUTTON.sub(lambda match: match.group(1) + quoted(label), code, count=1)


def _find(view: View) -> Sequence[ReviewRemark]:
    if view.tree is None:
        return ()
    due = f"Create {words(view.shape.entity)}"
    if due.lower() in view.code.lower():
        return ()
    line = view.line_with("form_submit_button")
    return (ReviewRemark(line, f'The submit button must be labelled "{due}".'),)


def _fix(view: View) -> str:
    due = quoted(f"Create {words(view.shape.entity)}")
    return _BUTTON.sub(lambda match: match.group(1) + due, view.code, count=1)


WRONG_BUTTON = Defect(
    name="wrong_button",
    rates={"frontend": 0.05},
    source=ASSUMPTION,
    sensitivity=0.6,
    sensitivity_source=ASSUMPTION,
    words=re.compile(r"button|submit"),
    inject=_relabel,
    find=_find,
    fix=_fix,
)
