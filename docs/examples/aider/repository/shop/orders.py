"""Orders of the shop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Order:
    """Units of an article at a price in cents."""

    article: str
    units: int
    cents: int


def value(order):
    """The price of all units of an order, in cents."""
    return order.units * order.cents
