"""The clinic over HTTP."""

from django.db.models import ProtectedError
from rest_framework.exceptions import ValidationError
from rest_framework.viewsets import ModelViewSet

from api import models, serializers
from api.auth import ModelPermissions


class PatientViewSet(ModelViewSet):
    """Patients."""

    queryset = models.Patient.objects.order_by("id")
    serializer_class = serializers.PatientSerializer
    permission_classes = [ModelPermissions]


class DoctorViewSet(ModelViewSet):
    """Doctors; one with appointments cannot leave."""

    queryset = models.Doctor.objects.order_by("id")
    serializer_class = serializers.DoctorSerializer
    permission_classes = [ModelPermissions]

    def perform_destroy(self, instance):
        """Delete a doctor."""
        try:
            instance.delete()
        except ProtectedError as error:
            told = {"detail": "The doctor has appointments."}
            raise ValidationError(told) from error


class ConsultingHourViewSet(ModelViewSet):
    """Consulting hours."""

    queryset = models.ConsultingHour.objects.select_related("doctor")
    serializer_class = serializers.ConsultingHourSerializer
    permission_classes = [ModelPermissions]


class AppointmentViewSet(ModelViewSet):
    """Appointments."""

    queryset = models.Appointment.objects.select_related("patient", "doctor")
    serializer_class = serializers.AppointmentSerializer
    permission_classes = [ModelPermissions]


class FindingViewSet(ModelViewSet):
    """Findings."""

    queryset = models.Finding.objects.select_related("appointment")
    serializer_class = serializers.FindingSerializer
    permission_classes = [ModelPermissions]
