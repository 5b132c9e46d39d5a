"""Turns a plan into the text of a file, in one of the styles of its kind."""

from collections.abc import Callable

from harness.provider.django.look import Look
from harness.provider.django.plan import Plan
from harness.provider.django.project import Project
from harness.provider.django.writing import auth, models, router, serializers, views

Style = Callable[[Plan, Project, Look], str]

STYLES: dict[str, tuple[Style, ...]] = {
    "models": models.STYLES,
    "serializers": serializers.STYLES,
    "views": views.STYLES,
    "router": router.STYLES,
    "auth": auth.STYLES,
}
"""The styles of every kind of file; without slips each writes what the contract asks for."""
