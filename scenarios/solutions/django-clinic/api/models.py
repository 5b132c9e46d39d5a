"""Patients, doctors, and when they meet."""

import datetime as dt

from django.db import models
from django.db.models import CASCADE, PROTECT


class Patient(models.Model):
    """Somebody who is treated."""

    class BloodGroup(models.TextChoices):
        """By AB0 and Rhesus factor."""

        O_NEGATIVE = "0-", "0 negative"
        O_POSITIVE = "0+", "0 positive"
        A_NEGATIVE = "A-", "A negative"
        A_POSITIVE = "A+", "A positive"
        B_NEGATIVE = "B-", "B negative"
        B_POSITIVE = "B+", "B positive"
        AB_NEGATIVE = "AB-", "AB negative"
        AB_POSITIVE = "AB+", "AB positive"

    given_name = models.CharField(max_length=60)
    family_name = models.CharField(max_length=60)
    birth_date = models.DateField()
    blood_group = models.CharField(
        max_length=3, choices=BloodGroup.choices, null=True, blank=True
    )
    insurance_number = models.CharField(max_length=20, unique=True)
    insured_since = models.DateField(default=dt.date(2024, 1, 1))
    email = models.EmailField(null=True, blank=True)

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.given_name} {self.family_name}"


class Doctor(models.Model):
    """Somebody who treats."""

    class Speciality(models.TextChoices):
        """What a doctor is trained in."""

        GENERAL = "general"
        CARDIOLOGY = "cardiology"
        DERMATOLOGY = "dermatology"
        PAEDIATRICS = "paediatrics"
        ORTHOPAEDICS = "orthopaedics"

    name = models.CharField(max_length=120)
    licence_number = models.CharField(max_length=16, unique=True)
    speciality = models.CharField(
        max_length=20, choices=Speciality.choices, default=Speciality.GENERAL
    )
    joined_on = models.DateField()

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.name


class ConsultingHour(models.Model):
    """When a doctor is there."""

    class Weekday(models.IntegerChoices):
        """As ISO 8601 counts them."""

        MONDAY = 1
        TUESDAY = 2
        WEDNESDAY = 3
        THURSDAY = 4
        FRIDAY = 5
        SATURDAY = 6
        SUNDAY = 7

    weekday = models.IntegerField(choices=Weekday.choices)
    opens_at = models.TimeField(default=dt.time(8, 0))
    closes_at = models.TimeField(default=dt.time(12, 30))
    doctor = models.ForeignKey(
        Doctor, on_delete=CASCADE, related_name="consulting_hours"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.get_weekday_display()}, {self.doctor}"


class Appointment(models.Model):
    """A patient sees a doctor."""

    class Status(models.TextChoices):
        """What became of it."""

        BOOKED = "booked"
        ARRIVED = "arrived"
        TREATED = "treated"
        MISSED = "missed"
        CANCELLED = "cancelled"

    starts_at = models.DateTimeField()
    minutes = models.IntegerField(
        choices=[(length, f"{length} min") for length in (15, 30, 45, 60)],
        default=30,
    )
    status = models.CharField(
        max_length=12, choices=Status.choices, default=Status.BOOKED
    )
    reason = models.TextField(null=True, blank=True)
    patient = models.ForeignKey(
        Patient, on_delete=CASCADE, related_name="appointments"
    )
    doctor = models.ForeignKey(
        Doctor, on_delete=PROTECT, related_name="appointments"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return f"{self.patient} with {self.doctor}, {self.starts_at:%d %B}"


class Finding(models.Model):
    """What a doctor found."""

    summary = models.TextField()
    temperature = models.FloatField(null=True, blank=True)
    is_contagious = models.BooleanField(null=True, blank=True)
    recorded_at = models.DateTimeField(
        default=dt.datetime(2024, 1, 1, tzinfo=dt.timezone.utc)
    )
    appointment = models.OneToOneField(
        Appointment, on_delete=CASCADE, related_name="finding"
    )

    class Meta:
        ordering = ["id"]

    def __str__(self):
        return self.summary[:40]
