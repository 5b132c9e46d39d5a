"""Accounts: what they may do, and how they prove who they are."""

from django.urls import include, path
from rest_framework.authtoken.views import obtain_auth_token
from rest_framework.permissions import DjangoModelPermissions


class ModelPermissions(DjangoModelPermissions):
    """Reading needs a permission as well: the one to view the model."""

    perms_map = {
        **DjangoModelPermissions.perms_map,
        "GET": ["%(app_label)s.view_%(model_name)s"],
        "HEAD": ["%(app_label)s.view_%(model_name)s"],
    }


urlpatterns = [
    path("token/", obtain_auth_token, name="api-token"),
    path("session/", include("rest_framework.urls")),
]
