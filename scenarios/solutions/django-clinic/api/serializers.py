"""The clinic as JSON."""

from rest_framework import serializers

from api import models


class PatientSerializer(serializers.ModelSerializer):
    """A patient."""

    class Meta:
        model = models.Patient
        fields = (
            "id",
            "given_name",
            "family_name",
            "birth_date",
            "blood_group",
            "insurance_number",
            "insured_since",
            "email",
        )


class DoctorSerializer(serializers.ModelSerializer):
    """A doctor."""

    class Meta:
        model = models.Doctor
        fields = ("id", "name", "licence_number", "speciality", "joined_on")


class ConsultingHourSerializer(serializers.ModelSerializer):
    """A consulting hour."""

    class Meta:
        model = models.ConsultingHour
        fields = ("id", "weekday", "opens_at", "closes_at", "doctor")


class AppointmentSerializer(serializers.ModelSerializer):
    """An appointment."""

    class Meta:
        model = models.Appointment
        fields = (
            "id",
            "starts_at",
            "minutes",
            "status",
            "reason",
            "patient",
            "doctor",
        )


class FindingSerializer(serializers.ModelSerializer):
    """A finding."""

    class Meta:
        model = models.Finding
        fields = (
            "id",
            "summary",
            "temperature",
            "is_contagious",
            "recorded_at",
            "appointment",
        )
