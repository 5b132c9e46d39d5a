"""Where everything of the shop is."""

from django.urls import include, path
from rest_framework.routers import DefaultRouter

from api import views

ROUTES = {
    "customers": views.CustomerViewSet,
    "addresses": views.AddressViewSet,
    "products": views.ProductViewSet,
    "orders": views.OrderViewSet,
    "order-lines": views.OrderLineViewSet,
    "payments": views.PaymentViewSet,
}

router = DefaultRouter()
for prefix, view_set in ROUTES.items():
    router.register(prefix, view_set)

urlpatterns = [
    path("auth/", include("api.auth")),
    *router.urls,
]
