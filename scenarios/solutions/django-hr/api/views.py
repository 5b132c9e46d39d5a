"""Departments and employees over HTTP."""

from django.db.models import ProtectedError
from rest_framework import exceptions, viewsets

from api import models, serializers
from api.auth import ModelPermissions


class Conflict(exceptions.APIException):
    """What others refer to stays."""

    status_code = 409
    default_detail = "Others still refer to it."
    default_code = "conflict"


class KeepsReferenced:
    """Deletes what nothing refers to."""

    def perform_destroy(self, instance):
        """Delete the row, or say why not."""
        try:
            super().perform_destroy(instance)
        except ProtectedError as error:
            raise Conflict from error


class DepartmentViewSet(KeepsReferenced, viewsets.ModelViewSet):
    """Departments."""

    queryset = models.Department.objects.select_related("head")
    serializer_class = serializers.DepartmentSerializer
    permission_classes = [ModelPermissions]


class EmployeeViewSet(viewsets.ModelViewSet):
    """Employees."""

    queryset = models.Employee.objects.select_related(
        "department", "manager"
    ).prefetch_related("mentors", "skills")
    serializer_class = serializers.EmployeeSerializer
    permission_classes = [ModelPermissions]


class SkillViewSet(viewsets.ModelViewSet):
    """Skills."""

    queryset = models.Skill.objects.all()
    serializer_class = serializers.SkillSerializer
    permission_classes = [ModelPermissions]


class ContractViewSet(viewsets.ModelViewSet):
    """Contracts."""

    queryset = models.Contract.objects.select_related("employee")
    serializer_class = serializers.ContractSerializer
    permission_classes = [ModelPermissions]


class LeaveViewSet(viewsets.ModelViewSet):
    """Leaves."""

    queryset = models.Leave.objects.select_related("employee", "decided_by")
    serializer_class = serializers.LeaveSerializer
    permission_classes = [ModelPermissions]
