"""Writes the code of an artifact by itself, in one of several styles."""

from collections.abc import Callable

from flagbench.simulator.crud.specification import Shape
from flagbench.simulator.crud.writer import page, routes, schema, tests
from flagbench.simulator.rng import Rng

STYLES: dict[str, tuple[Callable[[Shape], str], ...]] = {
    "database": schema.STYLES,
    "backend": routes.STYLES,
    "frontend": page.STYLES,
    "tests": tests.STYLES,
}
"""The styles of every kind of artifact; each takes the shape and returns a clean file."""


def write(kind: str, shape: Shape, draws: Rng) -> str:
    """The clean code of one artifact in a drawn style; raises KeyError for an unknown kind."""
    return draws.pick("style", STYLES[kind])(shape)
