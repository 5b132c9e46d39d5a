"""Code of an artifact in one of several styles, written from its specification alone."""

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
"""Styles of each kind of artifact; a style returns a file without defects for a shape."""


def write(kind: str, shape: Shape, draws: Rng) -> str:
    """One artifact without defects, in a drawn style; raises KeyError for an unknown kind."""
    return draws.pick("style", STYLES[kind])(shape)
