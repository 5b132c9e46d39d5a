"""What a slip is: how often it happens, what it does to a plan or a text, which words name it."""

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
"""Source of the rates that together are one entity's share of what was measured."""

Strike = Callable[[Plan, Project, str, Rng], Plan]
"""Changes the plan of a file at one entity ("" for the whole file); the same plan where it has no
place for the slip."""


def leave(plan: Plan, _: Project, __: str, ___: Rng) -> Plan:
    """Changes no plan."""
    return plan


def keep(code: str, _: str, __: Rng) -> str:
    """Changes no text."""
    return code


@dataclass(frozen=True, slots=True)
class Defect:
    """A class of mistakes.

    `rates` is the chance for each kind of file, per entity or per file, in a first draft;
    `source` says where it comes from. `words` recognises an issue that names it, in lower case.
    A slip strikes a plan (`strike`), or the text with the kind of file (`spoil`).
    """

    name: str
    rates: Mapping[str, float]
    per: Literal["entity", "file"]
    source: str
    words: re.Pattern[str]
    strike: Strike = leave
    spoil: Callable[[str, str, Rng], str] = keep
