"""The services, without the web framework."""

import pytest

from core.services import services

CUSTOMER = {"name": "Ada", "email": "ada@example.org"}
PRODUCT = {"name": "Pen", "price": 2.5, "stock": 10}


def test_create_stores_a_row() -> None:
    row = services.create_row("customers", CUSTOMER)
    assert services.get_row("customers", row["id"]) == {**CUSTOMER, **row}


def test_list_holds_every_row() -> None:
    rows = [services.create_row("products", PRODUCT) for _ in range(2)]
    assert services.list_rows("products") == rows


def test_update_changes_a_row() -> None:
    row = services.create_row("products", PRODUCT)
    services.update_row("products", row["id"], {**PRODUCT, "stock": 9})
    assert services.get_row("products", row["id"])["stock"] == 9


def test_delete_removes_a_row() -> None:
    row = services.create_row("products", PRODUCT)
    services.delete_row("products", row["id"])
    with pytest.raises(services.NotFound):
        services.get_row("products", row["id"])


@pytest.mark.parametrize(
    "values", [{"name": "Ada"}, {"name": 1, "email": "a@b.org"}, []]
)
def test_invalid_values_are_refused(values: object) -> None:
    with pytest.raises(services.Invalid):
        services.create_row("customers", values)


def test_an_address_is_used_once() -> None:
    services.create_row("customers", CUSTOMER)
    with pytest.raises(services.Conflict):
        services.create_row("customers", CUSTOMER)


def test_an_order_refers_to_rows_that_exist() -> None:
    values = {"customer_id": 1, "product_id": 1, "quantity": 1}
    with pytest.raises(services.Invalid):
        services.create_row("orders", values)
