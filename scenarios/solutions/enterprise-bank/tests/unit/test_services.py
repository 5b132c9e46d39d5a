"""The services, without the web framework."""

import pytest

from core.services import services

PERSON = {"owner": "Ada", "email": "ada@example.org", "balance": 10.5}


def test_create_stores_a_row() -> None:
    row = services.create_row("accounts", PERSON)
    assert services.get_row("accounts", row["id"]) == {**PERSON, **row}


def test_list_holds_every_row() -> None:
    row = services.create_row("accounts", PERSON)
    assert services.list_rows("accounts") == [row]


def test_update_changes_a_row() -> None:
    row = services.create_row("accounts", PERSON)
    services.update_row("accounts", row["id"], {**PERSON, "owner": "Eva"})
    assert services.get_row("accounts", row["id"])["owner"] == "Eva"


def test_delete_removes_a_row() -> None:
    row = services.create_row("accounts", PERSON)
    services.delete_row("accounts", row["id"])
    with pytest.raises(services.NotFound):
        services.get_row("accounts", row["id"])


@pytest.mark.parametrize(
    "values", [{"owner": "Ada"}, {**PERSON, "owner": 1}, []]
)
def test_invalid_values_are_refused(values: object) -> None:
    with pytest.raises(services.Invalid):
        services.create_row("accounts", values)


def test_an_address_is_used_once() -> None:
    services.create_row("accounts", PERSON)
    with pytest.raises(services.Conflict):
        services.create_row("accounts", PERSON)


def test_a_row_refers_to_rows_that_exist() -> None:
    with pytest.raises(services.Invalid):
        services.create_row(
            "invoices", {"account_id": 1, "total": 2.5, "paid": False}
        )
