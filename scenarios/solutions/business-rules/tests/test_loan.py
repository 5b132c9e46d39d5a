"""Loans over HTTP, as a client uses them."""

import pytest

DUNE = {"book_title": "Dune", "borrower": "Ada Lovelace", "days": 7}
EMMA = {"book_title": "Emma", "borrower": "Alan Turing", "days": 14}


@pytest.fixture
def dune(client):
    """A loan that is stored."""
    response = client.post("/loans", json=DUNE)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_loan(dune):
    assert dune == {**DUNE, "id": dune["id"]}
    assert isinstance(dune["id"], int)


def test_no_loans_at_first(client):
    response = client.get("/loans")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_loan(client, dune):
    emma = client.post("/loans", json=EMMA).json()
    response = client.get("/loans")
    assert (response.status_code, response.json()) == (200, [dune, emma])


def test_read_answers_the_loan(client, dune):
    response = client.get(f"/loans/{dune['id']}")
    assert (response.status_code, response.json()) == (200, dune)


def test_update_replaces_the_values_of_one_loan(client, dune):
    target, last = [client.post("/loans", json=DUNE).json() for _ in range(2)]
    changed = {**EMMA, "id": target["id"]}
    response = client.put(f"/loans/{target['id']}", json=EMMA)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/loans").json() == [dune, changed, last]


def test_delete_removes_one_loan(client, dune):
    target, last = [client.post("/loans", json=EMMA).json() for _ in range(2)]
    response = client.delete(f"/loans/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/loans/{target['id']}").status_code == 404
    assert client.get("/loans").json() == [dune, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_loan_is_not_found(client, dune, method):
    body = EMMA if method == "PUT" else None
    response = client.request(method, f"/loans/{dune['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"borrower": "Ada Lovelace", "days": 7},
        {"book_title": "Dune", "days": 7},
        {"book_title": "Dune", "borrower": "Ada Lovelace"},
        {**DUNE, "book_title": None},
        {**DUNE, "borrower": ["Ada Lovelace"]},
        {**DUNE, "days": "a week"},
    ],
)
def test_invalid_body_is_refused(client, dune, body):
    assert client.post("/loans", json=body).status_code == 422
    url = f"/loans/{dune['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/loans").json() == [dune]


@pytest.mark.parametrize("days", [15, 365])
def test_a_loan_lasts_at_most_14_days(client, dune, days):
    url = f"/loans/{dune['id']}"
    for method, path in (("POST", "/loans"), ("PUT", url)):
        response = client.request(method, path, json={**DUNE, "days": days})
        assert response.status_code == 422
        assert "a loan lasts at most 14 days" in response.text
    assert client.get("/loans").json() == [dune]


def test_a_loan_may_last_14_days(client):
    response = client.post("/loans", json={**DUNE, "days": 14})
    assert response.status_code == 201
