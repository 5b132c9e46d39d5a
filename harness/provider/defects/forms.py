"""Defects of a page: a submit button that does not say what it creates."""

import re
from collections.abc import Sequence

from harness.provider.defects.defect import ASSUMPTION, Defect, Finding, View
from harness.provider.draws import Draws
from harness.provider.names import words
from harness.provider.shape import Shape
from harness.provider.writer.layout import quoted

_BUTTON = re.compile(r"(form_submit_button\(\s*(?:label\s*=\s*)?)([\"'])(.*?)\2")


def _relabel(code: str, _: Shape, draws: Draws) -> str:
    label = draws.pick("label", ("Submit", "Save", "Add"))
    return _BUTTON.sub(lambda match: match.group(1) + quoted(label), code, count=1)


def _find(view: View) -> Sequence[Finding]:
    if view.tree is None:
        return ()
    due = f"Create {words(view.shape.entity)}"
    if due.lower() in view.code.lower():
        return ()
    line = view.line_with("form_submit_button")
    return (Finding(line, f'The submit button must be labelled "{due}".'),)


def _mend(view: View) -> str:
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
    mend=_mend,
)
