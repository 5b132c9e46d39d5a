"""Protocol of a defect of a Django file: rates, change of a plan or a text, words of issues."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from flagbench.simulator.crud.defects.defect import ASSUMPTION, EXPERIMENT
from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.rng import Rng

__all__ = ["ASSUMPTION", "EXPERIMENT", "SHARE", "Defect", "Strike"]

SHARE = (
    f"{EXPERIMENT}: 11.8 % (41 + 30) of one-entity modules break the contract; "
    "how it is divided is an assumption"
)
"""Source of rates whose sum for one entity is the measured share."""

Strike = Callable[[Plan, Project, str, Rng], Plan]
"""Change of the plan of a file at one entity ("" for the whole file); returns the same plan where
the defect does not apply."""


def same_plan(plan: Plan, _: Project, __: str, ___: Rng) -> Plan:
    """Return the same plan."""
    return plan


def same_text(code: str, _: str, __: Rng) -> str:
    """Return the same text."""
    return code


@dataclass(frozen=True, slots=True)
class Defect:
    """A class of errors in a Django file.

    `rates` gives the chance in a first draft for each kind of file, per entity or per file, with
    its `source`. `words` matches an issue in lower case that names it. A defect changes the plan
    (`strike`), or the text of a kind of file (`spoil`).
    """

    name: str
    rates: Mapping[str, float]
    per: Literal["entity", "file"]
    source: str
    words: re.Pattern[str]
    strike: Strike = same_plan
    spoil: Callable[[str, str, Rng], str] = same_text
