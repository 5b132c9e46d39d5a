"""Conversions of names: snake_case and plural."""

import re


def snake_case(name: str) -> str:
    """Convert to snake_case: OrderLine -> order_line, APIKey -> api_key."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def plural(word: str) -> str:
    """Return the regular plural: student/students, category/categories, class/classes."""
    if re.search(r"[^aeiou]y\Z", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)\Z", word) else "s")
