"""Customers, what they order, and how they pay."""

from decimal import Decimal

from django.db import models

COUNTRIES = ["AT", "CH", "DE", "FR", "GB", "IE"]
STATUSES = ["new", "paid", "packed", "shipped", "cancelled"]
METHODS = ["card", "transfer", "invoice"]


def choices(values):
    """Pairs of what is stored and what people read."""
    return [(value, value.capitalize()) for value in values]


class Base(models.Model):
    """Rows in the order of their ids."""

    class Meta:
        abstract = True
        ordering = ["id"]


class Customer(Base):
    """Somebody who buys."""

    name = models.CharField(max_length=100)
    email = models.EmailField(max_length=150, unique=True)
    phone = models.CharField(max_length=30, null=True, blank=True)
    takes_newsletter = models.BooleanField(default=False)
    referred_by = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        related_name="referred",
        null=True,
        blank=True,
    )

    def __str__(self):
        return self.name


class Address(Base):
    """Where a customer is."""

    street = models.CharField(max_length=120)
    postcode = models.CharField(max_length=12)
    city = models.CharField(max_length=80)
    country = models.CharField(
        max_length=2,
        choices=[(code, code) for code in COUNTRIES],
        default="GB",
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="addresses"
    )

    def __str__(self):
        return f"{self.street}, {self.postcode} {self.city}"


class Product(Base):
    """What is sold."""

    article_number = models.CharField(max_length=20, unique=True)
    title = models.CharField(max_length=120)
    description = models.TextField(null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2)
    tax_rate = models.DecimalField(
        max_digits=4, decimal_places=2, default=Decimal("20.00")
    )
    weight_kg = models.FloatField(null=True, blank=True)
    stock = models.IntegerField(default=0)
    picture = models.URLField(
        max_length=300, default="https://shop.example/pictures/none.png"
    )

    def __str__(self):
        return f"{self.article_number} {self.title}"


class Order(Base):
    """What a customer ordered."""

    number = models.UUIDField(unique=True)
    placed_at = models.DateTimeField()
    status = models.CharField(
        max_length=10, choices=choices(STATUSES), default="new"
    )
    note = models.TextField(default="", blank=True)
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="orders"
    )
    billed_to = models.ForeignKey(
        Address, on_delete=models.PROTECT, related_name="billed_orders"
    )
    delivered_to = models.ForeignKey(
        Address,
        on_delete=models.SET_NULL,
        related_name="delivered_orders",
        null=True,
        blank=True,
    )
    products = models.ManyToManyField(
        Product, through="OrderLine", related_name="orders"
    )

    def __str__(self):
        return f"Order {self.number}"


class OrderLine(Base):
    """How much of a product, at which price."""

    quantity = models.IntegerField(default=1)
    unit_price = models.DecimalField(max_digits=10, decimal_places=2)
    order = models.ForeignKey(
        Order, on_delete=models.CASCADE, related_name="lines"
    )
    product = models.ForeignKey(
        Product, on_delete=models.PROTECT, related_name="lines"
    )

    def __str__(self):
        return f"{self.quantity} of {self.product}"


class Payment(Base):
    """What was paid for an order."""

    amount = models.DecimalField(max_digits=10, decimal_places=2)
    method = models.CharField(max_length=12, choices=choices(METHODS))
    received_on = models.DateField(null=True, blank=True)
    order = models.OneToOneField(
        Order, on_delete=models.CASCADE, related_name="payment"
    )

    def __str__(self):
        return f"{self.amount} by {self.method}"
