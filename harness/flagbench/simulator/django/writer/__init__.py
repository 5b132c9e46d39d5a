"""Turns a plan into the text of a file, in one of the styles of its kind."""

from collections.abc import Callable

from flagbench.simulator.django.plan import Plan
from flagbench.simulator.django.specification import Project
from flagbench.simulator.django.style import CodeStyle
from flagbench.simulator.django.writer import auth, models, router, serializers, views

Style = Callable[[Plan, Project, CodeStyle], str]

STYLES: dict[str, tuple[Style, ...]] = {
    "models": models.STYLES,
    "serializers": serializers.STYLES,
    "views": views.STYLES,
    "router": router.STYLES,
    "auth": auth.STYLES,
}
"""The styles of every kind of file; without slips each writes what the contract asks for."""
