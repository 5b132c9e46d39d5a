"""The blog as JSON."""

from rest_framework import serializers

from api import models


class AuthorSerializer(serializers.ModelSerializer):
    """An author."""

    class Meta:
        model = models.Author
        fields = ["id", "name", "email", "website", "biography"]


class CategorySerializer(serializers.ModelSerializer):
    """A category."""

    class Meta:
        model = models.Category
        fields = ["id", "title", "description"]


class TagSerializer(serializers.ModelSerializer):
    """A tag."""

    class Meta:
        model = models.Tag
        fields = ["id", "label"]


class PostSerializer(serializers.ModelSerializer):
    """A post, with the ids of its author, category and tags."""

    class Meta:
        model = models.Post
        fields = [
            "id",
            "title",
            "slug",
            "body",
            "status",
            "published_at",
            "is_featured",
            "author",
            "category",
            "tags",
        ]


class CommentSerializer(serializers.ModelSerializer):
    """A comment, with the id of its post."""

    class Meta:
        model = models.Comment
        fields = ["id", "reader", "email", "body", "is_approved", "post"]
