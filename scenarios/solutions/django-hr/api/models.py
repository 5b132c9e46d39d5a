"""Departments, and who works in them under which contract."""

from django.db import models


class Department(models.Model):
    """A part of the company."""

    title = models.CharField(max_length=80, unique=True)
    cost_centre = models.IntegerField(unique=True)
    mailbox = models.EmailField(default="office@example.org")
    head = models.OneToOneField(
        "Employee",
        on_delete=models.SET_NULL,
        related_name="headed_department",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.cost_centre} {self.title}"


class Employee(models.Model):
    """Somebody who works here."""

    badge = models.UUIDField(unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(unique=True)
    hired_on = models.DateField()
    left_on = models.DateField(null=True, blank=True)
    weekly_hours = models.FloatField(default=38.5)
    department = models.ForeignKey(
        Department, on_delete=models.PROTECT, related_name="employees"
    )
    manager = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        related_name="reports",
        null=True,
        blank=True,
    )
    mentors = models.ManyToManyField(
        "self", symmetrical=False, related_name="pupils", blank=True
    )
    skills = models.ManyToManyField(
        "Skill", related_name="employees", blank=True
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


class Skill(models.Model):
    """What somebody can do."""

    class Level(models.IntegerChoices):
        """From the beginning to mastery."""

        BEGINNER = 1
        ADVANCED = 2
        MASTER = 3

    title = models.CharField(max_length=60, unique=True)
    level = models.IntegerField(choices=Level.choices, default=Level.BEGINNER)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.title} ({self.get_level_display()})"


class Contract(models.Model):
    """What an employee is paid."""

    salary = models.DecimalField(max_digits=9, decimal_places=2)
    kind = models.CharField(
        max_length=12,
        choices=[
            ("permanent", "Permanent"),
            ("temporary", "Temporary"),
            ("apprentice", "Apprentice"),
        ],
        default="permanent",
    )
    ends_on = models.DateField(null=True, blank=True)
    employee = models.OneToOneField(
        Employee, on_delete=models.CASCADE, related_name="contract"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.kind.capitalize()} contract of {self.employee}"


class Leave(models.Model):
    """Days on which an employee is not here."""

    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(
        max_length=12,
        choices=[
            ("holiday", "Holiday"),
            ("illness", "Illness"),
            ("parental", "Parental"),
            ("training", "Training"),
        ],
    )
    is_granted = models.BooleanField(null=True, blank=True)
    employee = models.ForeignKey(
        Employee, on_delete=models.CASCADE, related_name="leaves"
    )
    decided_by = models.ForeignKey(
        Employee,
        on_delete=models.SET_NULL,
        related_name="decided_leaves",
        null=True,
        blank=True,
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.reason} from {self.first_day}"
