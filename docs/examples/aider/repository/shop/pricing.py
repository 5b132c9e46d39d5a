"""Prices of the shop."""


def less_rebate(cents, percent):
    """A price less a rebate, rounded down to whole cents."""
    return cents * (100 - percent) // 100


def with_tax(cents, percent):
    """A price with its tax, rounded down to whole cents."""
    return cents * (100 + percent) // 100
