"""The tech lead: sees each real problem with a documented chance, and sometimes one that is not."""

import json
import re

from flagbench.simulator.crud.defects import DEFECTS, Defect, ReviewRemark, View
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

MOST_ISSUES = 6
"""A review names at most so many issues; an assumption about patience."""

_FALSE_ALARMS = (
    "{name} should have a docstring that describes its parameters.",
    "{name} does too much; split it into smaller functions.",
    "Add logging to {name} so that failures can be traced.",
    "The naming in {name} is not consistent with the standard.",
    "{name} should validate its input more strictly.",
)


def review(view: View, draws: Rng, settings: ProviderSettings) -> str:
    """The JSON answer of a review of one file."""
    seen: list[ReviewRemark] = []
    for defect in DEFECTS:
        if view.kind in defect.rates:
            seen += _seen(defect, view, draws.within(defect.name), settings.oversights)
    if not seen and draws.chance("false alarm", settings.false_alarms):
        seen = [_false_alarm(view, draws)]
    seen.sort(key=lambda finding: finding.line)
    issues = [{"line": f.line, "message": f.message} for f in seen[:MOST_ISSUES]]
    return json.dumps({"approved": not issues, "issues": issues}, ensure_ascii=False)


def _seen(defect: Defect, view: View, draws: Rng, oversights: float) -> list[ReviewRemark]:
    """Findings of one class; a class is seen or overlooked as a whole."""
    missed = min(1.0, (1.0 - defect.sensitivity) * oversights)
    return [] if draws.chance("missed", missed) else list(defect.find(view))


def _false_alarm(view: View, draws: Rng) -> ReviewRemark:
    names = re.findall(r"^(?:def|class) (\w+)", view.code, re.MULTILINE) or ["the module"]
    name = draws.pick("name", names)
    line = view.line_with(f" {name}")
    message = draws.pick("words", _FALSE_ALARMS).format(name=name)
    return ReviewRemark(line, message[0].upper() + message[1:] if name == "the module" else message)
