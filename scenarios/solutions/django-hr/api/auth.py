"""Accounts: what they may do, and how they prove who they are."""

from django.urls import include, path
from rest_framework.authtoken.views import ObtainAuthToken
from rest_framework.permissions import SAFE_METHODS, DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading needs a permission as well: the one to view the model."""

    def get_required_permissions(self, method, model_cls):
        """The permissions that a method needs."""
        required = super().get_required_permissions(method, model_cls)
        if method in SAFE_METHODS:
            options = model_cls._meta
            required = [
                *required,
                f"{options.app_label}.view_{options.model_name}",
            ]
        return required


urlpatterns = [
    path("token/", ObtainAuthToken.as_view(), name="token"),
    path("session/", include("rest_framework.urls")),
]
