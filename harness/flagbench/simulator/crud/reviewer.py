"""Reviews: each real problem is reported with a documented chance, and rarely a false one."""

import json
import re

from flagbench.simulator.crud.defects import DEFECTS, Defect, ReviewRemark, View
from flagbench.simulator.rng import Rng

MOST_ISSUES = 6
"""Most issues of one review; an assumption."""

_FALSE_ALARMS = (
    "{name} should have a docstring that describes its parameters.",
    "{name} does too much; split it into smaller functions.",
    "Add logging to {name} so that failures can be traced.",
    "The naming in {name} is not consistent with the standard.",
    "{name} should validate its input more strictly.",
)


def review(view: View, orders: str, draws: Rng, *, oversights: float, false_alarms: float) -> str:
    """The review of one file as JSON: `approved` and `issues` with line and message.

    The reviewer accepts whatever the prompt orders. Oversights and false alarms as in
    `ProviderSettings`.
    """
    remarks: list[ReviewRemark] = []
    for defect in DEFECTS:
        if view.kind in defect.rates and not defect.is_ordered(orders):
            remarks += _remarks(defect, view, draws.within(defect.name), oversights)
    if not remarks and draws.chance("false alarm", false_alarms):
        remarks = [_false_alarm(view, draws)]
    remarks.sort(key=lambda remark: remark.line)
    issues = [{"line": r.line, "message": r.message} for r in remarks[:MOST_ISSUES]]
    return json.dumps({"approved": not issues, "issues": issues}, ensure_ascii=False)


def _remarks(defect: Defect, view: View, draws: Rng, oversights: float) -> list[ReviewRemark]:
    """Remarks on one class of defects; a class is reported or overlooked as a whole."""
    missed = min(1.0, (1.0 - defect.sensitivity) * oversights)
    return [] if draws.chance("missed", missed) else list(defect.find(view))


def _false_alarm(view: View, draws: Rng) -> ReviewRemark:
    names = re.findall(r"^(?:def|class) (\w+)", view.code, re.MULTILINE) or ["the module"]
    name = draws.pick("name", names)
    line = view.line_with(f" {name}")
    message = draws.pick("words", _FALSE_ALARMS).format(name=name)
    return ReviewRemark(line, message[0].upper() + message[1:] if name == "the module" else message)
