"""ERDs with every option, and the texts and projects that are made of them."""

import functools
from pathlib import Path

import jinja2

from generator.erd import Erd
from generator.formatting import formatted

GENERATOR = Path(__file__).resolve().parents[2] / "generator"
KINDS = {
    "models": "api/models.py",
    "serializers": "api/serializers.py",
    "views": "api/views.py",
    "router": "api/urls.py",
    "auth": "api/auth.py",
}
LONG_TEXT = "Ask at the desk on the ground floor, where “Ø” is; bring a letter.\n" * 3

SHOP = Erd.model_validate(
    {
        "name": "shop",
        "entities": [
            {
                "name": "Customer",
                "fields": [
                    {"name": "email", "type": "email", "unique": True, "max_length": 120},
                    {"name": "full_name", "type": "string"},
                    {"name": "phone", "type": "string", "max_length": 30, "null": True},
                    {"name": "website", "type": "url", "null": True},
                    {"name": "born_on", "type": "date", "null": True},
                    {
                        "name": "status",
                        "type": "string",
                        "max_length": 20,
                        "choices": ["new", "regular", "gone_away"],
                        "default": "new",
                    },
                    {"name": "note", "type": "text", "null": True, "default": LONG_TEXT},
                    {"name": "newsletter", "type": "boolean", "default": False},
                ],
                "relations": [
                    {
                        "name": "referred_by",
                        "kind": "foreign_key",
                        "to": "Customer",
                        "null": True,
                        "on_delete": "set_null",
                    },
                    {"name": "favourites", "kind": "many_to_many", "to": "Product"},
                    {"name": "friends", "kind": "many_to_many", "to": "Customer"},
                ],
            },
            {
                "name": "Product",
                "fields": [
                    {"name": "code", "type": "uuid", "unique": True},
                    {"name": "title", "type": "string", "max_length": 80},
                    {
                        "name": "price",
                        "type": "decimal",
                        "max_digits": 8,
                        "decimal_places": 2,
                        "default": "9.90",
                    },
                    {"name": "weight", "type": "float", "null": True},
                    {"name": "stars", "type": "integer", "choices": [1, 2, 3], "null": True},
                    {"name": "on_sale_since", "type": "date", "default": "2024-01-31"},
                    {"name": "pickup_from", "type": "time", "default": "09:30:00"},
                ],
            },
            {
                "name": "Order",
                "fields": [
                    {"name": "placed_at", "type": "datetime"},
                    {
                        "name": "due_at",
                        "type": "datetime",
                        "default": "2031-01-31T09:30:00+02:00",
                    },
                    {
                        "name": "batch",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                ],
                "relations": [
                    {
                        "name": "customer",
                        "kind": "foreign_key",
                        "to": "Customer",
                        "on_delete": "protect",
                    },
                    {"name": "payer", "kind": "foreign_key", "to": "Customer", "null": True},
                    {
                        "name": "products",
                        "kind": "many_to_many",
                        "to": "Product",
                        "through": "OrderLine",
                    },
                ],
            },
            {
                "name": "OrderLine",
                "fields": [{"name": "quantity", "type": "integer", "default": 1}],
                "relations": [
                    {"name": "order", "kind": "foreign_key", "to": "Order"},
                    {
                        "name": "product",
                        "kind": "foreign_key",
                        "to": "Product",
                        "on_delete": "protect",
                    },
                ],
            },
            {
                "name": "Invoice",
                "fields": [
                    {"name": "number", "type": "string", "max_length": 20, "unique": True},
                    {"name": "rate", "type": "float", "default": 0.5},
                ],
                "relations": [{"name": "order", "kind": "one_to_one", "to": "Order"}],
            },
        ],
    }
)
# Names of fields that hide what the lines after them need, and the longest names there may be.
AWKWARD = Erd.model_validate(
    {
        "name": "a" * 60,
        "entities": [
            {
                "name": "ModelPermissions",
                "fields": [
                    {"name": "datetime", "type": "datetime", "default": "2031-01-31T09:30:00Z"},
                    {
                        "name": "decimal",
                        "type": "decimal",
                        "max_digits": 3,
                        "decimal_places": 1,
                        "default": -1,
                    },
                    {
                        "name": "uuid",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                    {"name": "date", "type": "date", "default": "2031-01-31"},
                    {
                        "name": "amount",
                        "type": "decimal",
                        "max_digits": 3,
                        "decimal_places": 1,
                        "default": 1,
                    },
                    {
                        "name": "token",
                        "type": "uuid",
                        "default": "123e4567-e89b-12d3-a456-426614174000",
                    },
                ],
                "relations": [
                    {"name": "models", "kind": "many_to_many", "to": "Class"},
                    {"name": "serializers", "kind": "foreign_key", "to": "Class"},
                ],
            },
            {"name": "Class", "fields": [{"name": "self", "type": "boolean"}]},
            {
                "name": "Ab" * 20 + "A",
                "fields": [
                    {
                        "name": "f" * 60,
                        "type": "string",
                        "choices": ["'\"\\{}%" * 12, "\u200b" * 70, "été " * 30 + "x"],
                        "default": "\u200b" * 70,
                    }
                ],
                "relations": [
                    {
                        "name": "r" * 60,
                        "kind": "foreign_key",
                        "to": "Ab" * 20 + "A",
                        "null": True,
                        "on_delete": "set_null",
                    },
                    {"name": "m" * 60, "kind": "many_to_many", "to": "Ab" * 20 + "A"},
                ],
            },
        ],
    }
)


def render(kind: str, erd: object) -> str:
    """What the template of a kind makes of an ERD, as the generator formats it."""
    return formatted(templates().get_template(f"{kind}.py.j2").render(erd=erd))


@functools.cache
def templates() -> jinja2.Environment:
    """The templates, read as the generator reads them."""
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(GENERATOR / "templates"),
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701  the output is Python
    )
