"""Conversions of names: snake_case and plural."""

import re

# Fields that cannot be columns: the key, and words that SQL keeps for itself.
_TAKEN = re.compile(
    "id|add|all|alter|and|as|autoincrement|between|by|case|cast|check|collate|commit|constraint"
    "|create|default|deferrable|delete|distinct|drop|else|escape|except|exists|foreign|from|group"
    "|having|if|in|index|insert|intersect|into|is|isnull|join|limit|not|nothing|notnull|null|on|or"
    "|order|primary|raise|references|returning|select|set|table|then|to|transaction|union|unique"
    "|update|using|values|when|where"
)


def snake_case(name: str) -> str:
    """Convert to snake_case: OrderLine -> order_line, APIKey -> api_key."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def plural(word: str) -> str:
    """Return the regular plural: student/students, category/categories, class/classes."""
    if re.search(r"[^aeiou]y\Z", word):
        return word[:-1] + "ies"
    return word + ("es" if re.search(r"(s|x|z|ch|sh)\Z", word) else "s")


def is_plain_column(name: str) -> bool:
    """Tell whether a field may be a column as it is."""
    return _TAKEN.fullmatch(name) is None
