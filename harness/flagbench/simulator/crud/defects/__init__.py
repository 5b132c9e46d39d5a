"""What is wrong with written code: a registry of defects with rates, and how drafts get them."""

import re
from collections.abc import Collection

from flagbench.simulator.crud.defects.checks import MISSING_CASE, WRONG_ASSERTION
from flagbench.simulator.crud.defects.contract import CONTRACT
from flagbench.simulator.crud.defects.coverage import MISSING_FIELD, MISSING_RULE
from flagbench.simulator.crud.defects.defect import Defect, ReviewRemark, View
from flagbench.simulator.crud.defects.forms import WRONG_BUTTON
from flagbench.simulator.crud.defects.lint import LONG_LINES, TIGHT_SPACING, UNUSED_IMPORTS
from flagbench.simulator.crud.defects.optional import ALL_OPTIONAL
from flagbench.simulator.crud.defects.routes import FAILS_IN_FASTAPI, SWALLOWED_404
from flagbench.simulator.crud.defects.syntax import NOT_PYTHON
from flagbench.simulator.crud.defects.tables import MISSING_NOT_NULL, NO_GROWTH
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer import write
from flagbench.simulator.rng import Rng

__all__ = ["DEFECTS", "FIXED", "Defect", "ReviewRemark", "View", "draft", "named_in", "present_in"]

DEFECTS: tuple[Defect, ...] = (
    MISSING_FIELD,
    MISSING_RULE,
    MISSING_NOT_NULL,
    NO_GROWTH,
    CONTRACT,
    ALL_OPTIONAL,
    FAILS_IN_FASTAPI,
    SWALLOWED_404,
    WRONG_ASSERTION,
    MISSING_CASE,
    WRONG_BUTTON,
    TIGHT_SPACING,
    LONG_LINES,
    UNUSED_IMPORTS,
    NOT_PYTHON,
)
"""In the order in which they are put into code; what breaks the parsing comes last."""

FIXED = 0.9
"""Chance that an issue named in the prompt is really fixed; an assumption."""


def named_in(issue: str, kind: str) -> Defect | None:
    """The defect that an issue in words is about, None when it is about something else."""
    low = re.sub(r"^(?:line|linha)\s+\d+\s*:?", "", issue.strip().lower())
    order = (NOT_PYTHON, FAILS_IN_FASTAPI, SWALLOWED_404, *DEFECTS[1:], MISSING_FIELD)
    return next((d for d in order if kind in d.rates and d.words.search(low)), None)


def present_in(
    kind: str, draws: Rng, multiplier: float, named: Collection[str] = ()
) -> tuple[Defect, ...]:
    """The defects that a draft of this kind has.

    One that the prompt names stays with probability 1 - FIXED, whatever its own rate.
    """

    def rate(defect: Defect) -> float:
        own = 1.0 - FIXED if defect.name in named else defect.rates[kind]
        return min(1.0, own * multiplier)

    return tuple(d for d in DEFECTS if kind in d.rates and draws.chance(d.name, rate(d)))


def draft(
    kind: str, shape: Shape, draws: Rng, multiplier: float, named: Collection[str] = ()
) -> str:
    """A file as the model writes it: its style and its defects are drawn."""
    present = present_in(kind, draws.within("defects"), multiplier, named)
    understood = shape
    for defect in present:
        understood = defect.misread(understood, draws.within(defect.name))
    code = write(kind, understood, draws)
    for defect in present:
        code = defect.inject(code, shape, draws.within(defect.name))
    return code
