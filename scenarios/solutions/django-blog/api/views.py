"""The blog over HTTP."""

from django.db.models import ProtectedError
from rest_framework import viewsets
from rest_framework.exceptions import APIException

from api import models, serializers
from api.auth import ModelPermissions


class InUse(APIException):
    """A row that others need cannot go."""

    status_code = 409
    default_detail = "Other rows need this one."
    default_code = "in_use"


class AuthorViewSet(viewsets.ModelViewSet):
    """Authors; one who has posts stays."""

    queryset = models.Author.objects.all()
    serializer_class = serializers.AuthorSerializer
    permission_classes = [ModelPermissions]

    def perform_destroy(self, instance):
        """Delete the author."""
        try:
            instance.delete()
        except ProtectedError as error:
            raise InUse from error


class CategoryViewSet(viewsets.ModelViewSet):
    """Categories."""

    queryset = models.Category.objects.all()
    serializer_class = serializers.CategorySerializer
    permission_classes = [ModelPermissions]


class TagViewSet(viewsets.ModelViewSet):
    """Tags."""

    queryset = models.Tag.objects.all()
    serializer_class = serializers.TagSerializer
    permission_classes = [ModelPermissions]


class PostViewSet(viewsets.ModelViewSet):
    """Posts."""

    queryset = models.Post.objects.select_related(
        "author", "category"
    ).prefetch_related("tags")
    serializer_class = serializers.PostSerializer
    permission_classes = [ModelPermissions]


class CommentViewSet(viewsets.ModelViewSet):
    """Comments."""

    queryset = models.Comment.objects.select_related("post")
    serializer_class = serializers.CommentSerializer
    permission_classes = [ModelPermissions]
