"""Departments and employees as JSON."""

from rest_framework import serializers

from api import models


class DepartmentSerializer(serializers.ModelSerializer):
    """A department."""

    class Meta:
        model = models.Department
        fields = ["id", "title", "cost_centre", "mailbox", "head"]


class EmployeeSerializer(serializers.ModelSerializer):
    """An employee; people and skills are told by their ids."""

    class Meta:
        model = models.Employee
        fields = [
            "id",
            "badge",
            "name",
            "email",
            "hired_on",
            "left_on",
            "weekly_hours",
            "department",
            "manager",
            "mentors",
            "skills",
        ]


class SkillSerializer(serializers.ModelSerializer):
    """A skill."""

    class Meta:
        model = models.Skill
        fields = ["id", "title", "level"]


class ContractSerializer(serializers.ModelSerializer):
    """A contract."""

    class Meta:
        model = models.Contract
        fields = ["id", "salary", "kind", "ends_on", "employee"]


class LeaveSerializer(serializers.ModelSerializer):
    """A leave."""

    class Meta:
        model = models.Leave
        fields = [
            "id",
            "first_day",
            "last_day",
            "reason",
            "is_granted",
            "employee",
            "decided_by",
        ]
