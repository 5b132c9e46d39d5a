"""Where everything of the company is."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import views

router = DefaultRouter()
router.register("departments", views.DepartmentViewSet)
router.register("employees", views.EmployeeViewSet)
router.register("skills", views.SkillViewSet)
router.register("contracts", views.ContractViewSet)
router.register("leaves", views.LeaveViewSet)

urlpatterns = [
    path("auth/", include("api.auth")),
    path("", include(router.urls)),
]
