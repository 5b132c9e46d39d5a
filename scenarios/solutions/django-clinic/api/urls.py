"""Where everything of the clinic is."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api.views import (
    AppointmentViewSet,
    ConsultingHourViewSet,
    DoctorViewSet,
    FindingViewSet,
    PatientViewSet,
)

router = DefaultRouter()
router.register("patients", PatientViewSet)
router.register("doctors", DoctorViewSet)
router.register("consulting-hours", ConsultingHourViewSet)
router.register("appointments", AppointmentViewSet)
router.register("findings", FindingViewSet)

urlpatterns = [path("auth/", include("api.auth")), *router.urls]
