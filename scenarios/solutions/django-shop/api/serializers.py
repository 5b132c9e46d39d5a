"""The shop as JSON."""

from rest_framework.serializers import ModelSerializer

from api.models import Address, Customer, Order, OrderLine, Payment, Product


class CustomerSerializer(ModelSerializer):
    """A customer."""

    class Meta:
        model = Customer
        fields = [
            "id",
            "name",
            "email",
            "phone",
            "takes_newsletter",
            "referred_by",
        ]


class AddressSerializer(ModelSerializer):
    """An address."""

    class Meta:
        model = Address
        fields = ["id", "street", "postcode", "city", "country", "customer"]


class ProductSerializer(ModelSerializer):
    """A product."""

    class Meta:
        model = Product
        fields = [
            "id",
            "article_number",
            "title",
            "description",
            "price",
            "tax_rate",
            "weight_kg",
            "stock",
            "picture",
        ]


class OrderSerializer(ModelSerializer):
    """An order; its products are told, and changed by its lines."""

    class Meta:
        model = Order
        fields = [
            "id",
            "number",
            "placed_at",
            "status",
            "note",
            "customer",
            "billed_to",
            "delivered_to",
            "products",
        ]
        read_only_fields = ["products"]


class OrderLineSerializer(ModelSerializer):
    """A line of an order."""

    class Meta:
        model = OrderLine
        fields = ["id", "quantity", "unit_price", "order", "product"]


class PaymentSerializer(ModelSerializer):
    """A payment."""

    class Meta:
        model = Payment
        fields = ["id", "amount", "method", "received_on", "order"]
