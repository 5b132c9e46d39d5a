"""shop/report.py has the function of the first request, and what it had."""

from shop.orders import Order
from shop.report import listing, total

ORDERS = [Order("tea", 2, 350), Order("cup", 1, 899)]


def test_total():
    """The total counts units; without orders it is nothing."""
    assert total(ORDERS) == 1599
    assert total([]) == 0


def test_the_rest():
    """What was there is as it was."""
    assert [row.split()[0] for row in listing(ORDERS).splitlines()] == ["cup", "tea"]
