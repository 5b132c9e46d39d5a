"""The shop over HTTP."""

from django.db.models import ProtectedError
from rest_framework import status
from rest_framework.response import Response
from rest_framework.viewsets import ModelViewSet

from api import models, serializers
from api.auth import ModelPermissions


class ShopViewSet(ModelViewSet):
    """Whatever the shop offers."""

    permission_classes = [ModelPermissions]

    def destroy(self, request, *args, **kwargs):
        """Delete a row, unless others need it."""
        try:
            return super().destroy(request, *args, **kwargs)
        except ProtectedError:
            told = {"detail": "This is still needed elsewhere."}
            return Response(told, status=status.HTTP_409_CONFLICT)


class CustomerViewSet(ShopViewSet):
    """Customers."""

    queryset = models.Customer.objects.select_related("referred_by")
    serializer_class = serializers.CustomerSerializer


class AddressViewSet(ShopViewSet):
    """Addresses."""

    queryset = models.Address.objects.select_related("customer")
    serializer_class = serializers.AddressSerializer


class ProductViewSet(ShopViewSet):
    """Products."""

    queryset = models.Product.objects.all()
    serializer_class = serializers.ProductSerializer


class OrderViewSet(ShopViewSet):
    """Orders."""

    queryset = models.Order.objects.select_related(
        "customer", "billed_to", "delivered_to"
    ).prefetch_related("products")
    serializer_class = serializers.OrderSerializer


class OrderLineViewSet(ShopViewSet):
    """Lines of orders."""

    queryset = models.OrderLine.objects.select_related("order", "product")
    serializer_class = serializers.OrderLineSerializer


class PaymentViewSet(ShopViewSet):
    """Payments."""

    queryset = models.Payment.objects.select_related("order")
    serializer_class = serializers.PaymentSerializer
