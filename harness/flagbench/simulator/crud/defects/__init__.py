"""Defects of written code: a registry with rates, and drafts that have them."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from flagbench.simulator.crud.defects.checks import MISSING_CASE, WRONG_ASSERTION
from flagbench.simulator.crud.defects.contract import CONTRACT
from flagbench.simulator.crud.defects.coverage import MISSING_FIELD, MISSING_RULE
from flagbench.simulator.crud.defects.defect import Defect, ReviewRemark, View
from flagbench.simulator.crud.defects.forms import WRONG_BUTTON
from flagbench.simulator.crud.defects.lint import LONG_LINES, TIGHT_SPACING, UNUSED_IMPORTS
from flagbench.simulator.crud.defects.optional import ALL_OPTIONAL
from flagbench.simulator.crud.defects.references import UNKNOWN_TARGET
from flagbench.simulator.crud.defects.routes import BAD_RETURN_ANNOTATION, NO_404, SWALLOWED_404
from flagbench.simulator.crud.defects.syntax import DOES_NOT_PARSE
from flagbench.simulator.crud.defects.tables import MIGRATION_ADDS_NOTHING, MISSING_NOT_NULL
from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer import write
from flagbench.simulator.rng import Rng

__all__ = [
    "DEFECTS",
    "FIXED",
    "Chances",
    "Defect",
    "ReviewRemark",
    "View",
    "draft",
    "named_in",
    "present_in",
]

DEFECTS: tuple[Defect, ...] = (
    MISSING_FIELD,
    MISSING_RULE,
    MISSING_NOT_NULL,
    MIGRATION_ADDS_NOTHING,
    CONTRACT,
    UNKNOWN_TARGET,
    ALL_OPTIONAL,
    BAD_RETURN_ANNOTATION,
    SWALLOWED_404,
    NO_404,
    WRONG_ASSERTION,
    MISSING_CASE,
    WRONG_BUTTON,
    TIGHT_SPACING,
    LONG_LINES,
    UNUSED_IMPORTS,
    DOES_NOT_PARSE,
)
"""Defects in the order in which they are injected; what breaks the parsing comes last."""

FIXED = 0.9
"""Chance that an issue named in the prompt is really fixed; an assumption."""


def named_in(issue: str, kind: str) -> Defect | None:
    """The defect that an issue in words names, None where it names none."""
    low = re.sub(r"^(?:line|linha)\s+\d+\s*:?", "", issue.strip().lower())
    order = (DOES_NOT_PARSE, BAD_RETURN_ANNOTATION, SWALLOWED_404, *DEFECTS[1:], MISSING_FIELD)
    return next((d for d in order if kind in d.rates and d.words.search(low)), None)


@dataclass(frozen=True, slots=True)
class Chances:
    """Circumstances that decide how likely the defects of a draft are.

    `multiplier` scales every rate; `rates` replaces documented ones by name; `orders` are those of
    the prompt; `named` are the defects that its issues name.
    """

    multiplier: float
    rates: Mapping[str, float]
    orders: str
    named: Collection[str] = ()

    def of(self, defect: Defect, kind: str) -> float:
        """The chance of a defect, 1 - FIXED times the multiplier for one that an issue names."""
        if defect.name in self.named:
            rate = 1.0 - FIXED
        else:
            rate = self.rates.get(defect.name, defect.rate(kind, self.orders))
        return min(1.0, rate * self.multiplier)


def present_in(kind: str, draws: Rng, chances: Chances) -> tuple[Defect, ...]:
    """Draw the defects of a draft of this kind."""
    return tuple(
        d for d in DEFECTS if kind in d.rates and draws.chance(d.name, chances.of(d, kind))
    )


def draft(kind: str, shape: Shape, draws: Rng, chances: Chances) -> str:
    """A file in a drawn style with drawn defects."""
    present = present_in(kind, draws.within("defects"), chances)
    understood = shape
    for defect in present:
        understood = defect.misread(understood, draws.within(defect.name))
    code = write(kind, understood, draws)
    for defect in present:
        code = defect.inject(code, shape, draws.within(defect.name))
    return code
