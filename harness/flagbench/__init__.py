"""Flagbench: optimisation flags of an LLM code generator, replayed, measured and judged.

What a user writes against is here: the contract of a subject (`Subject`, `Outcome`, `Artifact`,
`Event`, `Factor`), scenarios (`load_scenario`, `Scenario`), results (`load_cells`, `CellResult`),
and what is asked of them (`compare`, `attribute`). Errors that a user can fix are `FlagbenchError`.
Names are imported when they are used: pytest imports this package in every run.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flagbench.analysis.attribution.effects import Attribution
    from flagbench.analysis.comparison.comparison import Comparison
    from flagbench.api import attribute, compare, load_cells
    from flagbench.errors import CouldNotRun, FlagbenchError, InputError, Problem
    from flagbench.measurement.cell_result import CellResult
    from flagbench.scenario.loading import Scenario
    from flagbench.scenario.loading import load as load_scenario
    from flagbench.subject import Artifact, Event, Factor, Metric, Outcome, Subject

__all__ = [
    "Artifact",
    "Attribution",
    "CellResult",
    "Comparison",
    "CouldNotRun",
    "Event",
    "Factor",
    "FlagbenchError",
    "InputError",
    "Metric",
    "Outcome",
    "Problem",
    "Scenario",
    "Subject",
    "attribute",
    "compare",
    "load_cells",
    "load_scenario",
]

_MODULES = {
    "flagbench.analysis.attribution.effects": ("Attribution",),
    "flagbench.analysis.comparison.comparison": ("Comparison",),
    "flagbench.api": ("attribute", "compare", "load_cells"),
    "flagbench.errors": ("CouldNotRun", "FlagbenchError", "InputError", "Problem"),
    "flagbench.measurement.cell_result": ("CellResult",),
    "flagbench.scenario.loading": ("Scenario",),
    "flagbench.subject": ("Artifact", "Event", "Factor", "Metric", "Outcome", "Subject"),
}
_PLACES = {name: (module, name) for module, names in _MODULES.items() for name in names}
_PLACES["load_scenario"] = ("flagbench.scenario.loading", "load")


def __getattr__(name: str) -> object:
    """Import a public name when it is first used (PEP 562)."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, attribute = _PLACES[name]
    return getattr(import_module(module), attribute)


def __dir__() -> list[str]:
    """List the public names."""
    return sorted([*globals(), *__all__])
