"""Agents of the Django pipeline: models, serializers, views, routes, authentication."""

from pathlib import Path

from flagbench_generators.kernel.pipeline import Agent, Pipeline

_TEAM = "of a team that builds REST backends with Django and Django REST framework."

DJANGO = Pipeline(
    name="django",
    root=Path(__file__).parent,
    template_variable="erd",
    agents=(
        Agent(
            kind="models",
            role=f"You are the data modeller {_TEAM} You write the models of an app.",
            task="with the Django models of the project",
            path="api/models.py",
            heading="Models module",
        ),
        Agent(
            kind="serializers",
            role=f"You are the API engineer {_TEAM} You write serializers for given models.",
            task="with the serializers of the project",
            path="api/serializers.py",
            heading="Serializers module",
            needs=("models",),
        ),
        Agent(
            kind="views",
            role=f"You are the API engineer {_TEAM} You write view sets for given models.",
            task="with the view sets of the project",
            path="api/views.py",
            heading="Views module",
            needs=("models",),
        ),
        Agent(
            kind="router",
            role=f"You are the API engineer {_TEAM} You write the routes of an app.",
            task="with the routes of the project",
            path="api/urls.py",
            heading="Routes module",
        ),
        Agent(
            kind="auth",
            role=f"You are the security engineer {_TEAM} You write authentication and permissions.",
            task="with the authentication and permissions of the project",
            path="api/auth.py",
            heading="Auth module",
        ),
    ),
)
