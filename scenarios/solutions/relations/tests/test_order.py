"""Orders with their lines, as a client uses them."""

import pytest

LAMPS = {"product_name": "Lamp", "quantity": 2, "price": 24.5}
DESK = {"product_name": "Desk", "quantity": 1, "price": 180.0}
ADA = {"customer_name": "Ada Lovelace", "lines": [LAMPS, DESK]}
ALAN = {"customer_name": "Alan Turing", "lines": [DESK]}


@pytest.fixture
def order(client):
    """An order of two lines."""
    response = client.post("/orders", json=ADA)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_order(order):
    assert order == {**ADA, "id": order["id"]}
    assert isinstance(order["id"], int)


def test_an_order_may_have_no_lines(client):
    response = client.post("/orders", json={"customer_name": "Ada"})
    assert response.status_code == 201
    assert response.json()["lines"] == []


def test_no_orders_at_first(client):
    response = client.get("/orders")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_order(client, order):
    other = client.post("/orders", json=ALAN).json()
    response = client.get("/orders")
    assert (response.status_code, response.json()) == (200, [order, other])


def test_read_answers_the_order(client, order):
    response = client.get(f"/orders/{order['id']}")
    assert (response.status_code, response.json()) == (200, order)


@pytest.mark.parametrize("lines", [[DESK], [DESK, LAMPS, LAMPS], []])
def test_update_replaces_one_order_and_its_lines(client, order, lines):
    target, last = [client.post("/orders", json=ADA).json() for _ in range(2)]
    body = {"customer_name": "Alan Turing", "lines": lines}
    changed = {**body, "id": target["id"]}
    response = client.put(f"/orders/{target['id']}", json=body)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/orders").json() == [order, changed, last]


def test_delete_removes_one_order(client, order):
    target, last = [client.post("/orders", json=ALAN).json() for _ in range(2)]
    response = client.delete(f"/orders/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/orders/{target['id']}").status_code == 404
    assert client.get("/orders").json() == [order, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_order_is_not_found(client, order, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/orders/{order['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"lines": []},
        {**ADA, "customer_name": None},
        {**ADA, "customer_name": ["Ada"]},
        {**ADA, "lines": LAMPS},
        {**ADA, "lines": [{"quantity": 2, "price": 24.5}]},
        {**ADA, "lines": [{"product_name": "Lamp", "price": 24.5}]},
        {**ADA, "lines": [{"product_name": "Lamp", "quantity": 2}]},
        {**ADA, "lines": [{**LAMPS, "product_name": ["Lamp"]}]},
        {**ADA, "lines": [{**LAMPS, "quantity": "two"}]},
        {**ADA, "lines": [LAMPS, {**DESK, "price": None}]},
    ],
)
def test_invalid_body_is_refused(client, order, body):
    assert client.post("/orders", json=body).status_code == 422
    url = f"/orders/{order['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/orders").json() == [order]
