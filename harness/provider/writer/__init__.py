"""Writes the code of an artifact by itself, in one of several styles."""

from collections.abc import Callable

from harness.provider.draws import Draws
from harness.provider.shape import Shape
from harness.provider.writer import page, routes, schema, tests

STYLES: dict[str, tuple[Callable[[Shape], str], ...]] = {
    "database": schema.STYLES,
    "backend": routes.STYLES,
    "frontend": page.STYLES,
    "tests": tests.STYLES,
}
"""The styles of every kind of artifact; each takes the shape and returns a clean file."""


def write(kind: str, shape: Shape, draws: Draws) -> str:
    """The clean code of one artifact in a drawn style; raises KeyError for an unknown kind."""
    return draws.pick("style", STYLES[kind])(shape)
