"""Addresses of the project: the API is all there is."""

from django.urls import include, path

urlpatterns = [path("api/", include("api.urls"))]
