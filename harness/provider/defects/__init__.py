"""What is wrong with written code: a registry of defects with rates, and how drafts get them."""

import re
from collections.abc import Collection

from harness.provider.defects.checks import MISSING_CASE, WRONG_ASSERTION
from harness.provider.defects.contract import CONTRACT
from harness.provider.defects.coverage import MISSING_FIELD, MISSING_RULE
from harness.provider.defects.defect import Defect, Finding, View
from harness.provider.defects.forms import WRONG_BUTTON
from harness.provider.defects.lint import LONG_LINES, TIGHT_SPACING, UNUSED_IMPORTS
from harness.provider.defects.optional import ALL_OPTIONAL
from harness.provider.defects.routes import FAILS_IN_FASTAPI, SWALLOWED_404
from harness.provider.defects.syntax import NOT_PYTHON
from harness.provider.defects.tables import MISSING_NOT_NULL, NO_GROWTH
from harness.provider.draws import Draws
from harness.provider.shape import Shape
from harness.provider.writer import write

__all__ = ["DEFECTS", "FIXED", "Defect", "Finding", "View", "draft", "named_in", "present_in"]

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
    kind: str, draws: Draws, multiplier: float, named: Collection[str] = ()
) -> tuple[Defect, ...]:
    """The defects that a draft of this kind has.

    One that the prompt names stays with probability 1 - FIXED, whatever its own rate.
    """

    def rate(defect: Defect) -> float:
        own = 1.0 - FIXED if defect.name in named else defect.rates[kind]
        return min(1.0, own * multiplier)

    return tuple(d for d in DEFECTS if kind in d.rates and draws.chance(d.name, rate(d)))


def draft(
    kind: str, shape: Shape, draws: Draws, multiplier: float, named: Collection[str] = ()
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
