"""shop/invoice.py has the function of the second request."""

from shop.invoice import due
from shop.orders import Order


def test_due():
    """The total less the rebate, rounded down as the shop does."""
    assert due([Order("tea", 2, 350), Order("cup", 1, 899)], 3) == 1551
