"""Authors, what they post, and what readers say to it."""

from django.db import models


class Author(models.Model):
    """Somebody who writes."""

    name = models.CharField(max_length=80)
    email = models.EmailField(unique=True)
    website = models.URLField(null=True, blank=True)
    biography = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


class Category(models.Model):
    """A shelf for posts."""

    title = models.CharField(max_length=60, unique=True)
    description = models.TextField(null=True, blank=True)

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "categories"

    def __str__(self):
        return self.title


class Tag(models.Model):
    """A word under which posts are found."""

    label = models.CharField(max_length=40, unique=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.label


class Post(models.Model):
    """An article."""

    class Status(models.TextChoices):
        """How far it is."""

        DRAFT = "draft"
        REVIEW = "review"
        PUBLISHED = "published"

    title = models.CharField(max_length=120)
    slug = models.CharField(max_length=120, unique=True)
    body = models.TextField()
    status = models.CharField(
        max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    published_at = models.DateTimeField(null=True, blank=True)
    is_featured = models.BooleanField(default=False)
    author = models.ForeignKey(
        Author, on_delete=models.PROTECT, related_name="posts"
    )
    category = models.ForeignKey(
        Category,
        on_delete=models.SET_NULL,
        related_name="posts",
        null=True,
        blank=True,
    )
    tags = models.ManyToManyField(Tag, related_name="posts", blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.title


class Comment(models.Model):
    """What a reader says."""

    reader = models.CharField(max_length=80)
    email = models.EmailField(null=True, blank=True)
    body = models.TextField()
    is_approved = models.BooleanField(default=False)
    post = models.ForeignKey(
        Post, on_delete=models.CASCADE, related_name="comments"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.reader} on {self.post}"
