"""Reports about orders, as plain text."""

from shop.orders import value


def line(order):
    """An order in a line of 40 characters."""
    return f"{order.article:<20}{order.units:>6}{euros(value(order)):>14}"


def euros(cents):
    """Cents as euros with two digits, such as 1,234.50."""
    return f"{cents / 100:,.2f}"


def listing(orders):
    """All orders, in a line each, by article."""
    return "\n".join(line(order) for order in sorted(orders, key=_article))


def articles(orders):
    """The articles that were ordered, by name, each once."""
    return sorted({order.article for order in orders})


def largest(orders):
    """The order of the greatest value; of equal ones the first."""
    return max(orders, key=value)


def _article(order):
    return order.article
