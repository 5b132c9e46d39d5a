"""Names: what is refused, and what is proposed in place of others."""

import keyword

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench_generators.django_rest.erd.names import (
    RESERVED,
    camel_case,
    field_case,
    is_field_name,
)


def test_every_name_of_a_django_model_is_reserved() -> None:
    """Whatever the installed version has; a field of that name would hide it."""
    models = pytest.importorskip("django.db.models")
    own = {one for one in dir(models.Model) if one[0].islower()}
    assert own | {"id", "pk", "objects"} == RESERVED


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("order_lines", "OrderLines"), ("LINE-ITEM", "LineItem"), ("OrderLine", "OrderLine"),
        ("APIKey", "APIKey"), ("delivery address", "DeliveryAddress"), ("2nd_try", "NdTry"),
        ("Straße", "Strasse"), ("Øre", "Ore"), ("客户", ""), ("", ""),
    ],
)  # fmt: skip
def test_names_of_entities(source: str, name: str) -> None:
    """CamelCase from whatever was written."""
    assert camel_case(source) == name


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("orderNumber", "order_number"), ("ORDER_NO", "order_no"), ("e-mail", "e_mail"),
        ("class", "class_value"), ("save", "save_value"), ("id", "number"), ("_x_", "x"),
        ("2nd", "nd"), ("Größe", "grosse"), ("客户", ""),
    ],
)  # fmt: skip
def test_names_of_fields(source: str, name: str) -> None:
    """snake_case from whatever was written."""
    assert field_case(source) == name


@given(st.text(max_size=80) | st.sampled_from([*keyword.kwlist, *RESERVED]))
def test_a_name_that_is_made_is_right(source: str) -> None:
    """Or empty, where no letter is left of it."""
    assert field_case(source) == "" or is_field_name(field_case(source))
