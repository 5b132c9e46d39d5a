"""The application, as Django knows it."""

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Models, serializers, view sets and addresses of the API."""

    name = "api"
    verbose_name = "API"
