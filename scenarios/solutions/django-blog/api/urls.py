"""Where everything of the blog is."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import views

router = DefaultRouter()
router.register("authors", views.AuthorViewSet)
router.register("categories", views.CategoryViewSet)
router.register("tags", views.TagViewSet)
router.register("posts", views.PostViewSet)
router.register("comments", views.CommentViewSet)

urlpatterns = [
    path("auth/", include("api.auth")),
    path("", include(router.urls)),
]
