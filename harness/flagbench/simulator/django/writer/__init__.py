"""Text of a file from its plan, in one of the styles of its kind."""

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
"""Styles of each kind of file; for a plan without defects each fulfils the contract."""
