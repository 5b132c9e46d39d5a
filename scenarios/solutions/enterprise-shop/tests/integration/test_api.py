"""The API over HTTP, with users of each role."""

from collections.abc import Callable

from fastapi.testclient import TestClient

Headers = Callable[[str], dict[str, str]]
CUSTOMER = {"name": "Ada", "email": "ada@example.org"}
PRODUCT = {"name": "Pen", "price": 2.5, "stock": 10}


def test_health_and_metrics(client: TestClient) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    assert "http_requests_total" in client.get("/metrics").text


def test_a_token_is_needed(client: TestClient) -> None:
    assert client.get("/api/v1/customers").status_code == 401
    wrong = {"username": "alice", "password": "wrong"}
    assert client.post("/auth/token", json=wrong).status_code == 401


def test_rows_are_kept(client: TestClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/products"
    created = client.post(path, json=PRODUCT, headers=admin)
    assert created.status_code == 201
    row = created.json()
    assert client.get(path, headers=admin).json() == [row]
    one = f"{path}/{row['id']}"
    changed = client.put(one, json={**PRODUCT, "stock": 3}, headers=admin)
    assert changed.status_code == 200
    assert client.get(one, headers=admin).json() == {**row, "stock": 3}
    assert client.delete(one, headers=admin).status_code == 204
    assert client.get(one, headers=admin).status_code == 404


def test_errors(client: TestClient, headers: Headers) -> None:
    admin = headers("alice")
    path = "/api/v1/customers"
    assert client.post(path, json={}, headers=admin).status_code == 422
    assert client.post(path, json=CUSTOMER, headers=admin).status_code == 201
    assert client.post(path, json=CUSTOMER, headers=admin).status_code == 409


def test_roles(client: TestClient, headers: Headers) -> None:
    path = "/api/v1/products"
    clerk, auditor = headers("bob"), headers("eve")
    row = client.post(path, json=PRODUCT, headers=clerk).json()
    one = f"{path}/{row['id']}"
    assert client.delete(one, headers=clerk).status_code == 403
    assert client.get(path, headers=auditor).status_code == 200
    assert client.post(path, json={}, headers=auditor).status_code == 403


def test_a_person_is_exported_and_erased(
    client: TestClient, headers: Headers
) -> None:
    admin = headers("alice")
    customer = client.post("/api/v1/customers", json=CUSTOMER, headers=admin)
    product = client.post("/api/v1/products", json=PRODUCT, headers=admin)
    order = {
        "customer_id": customer.json()["id"],
        "product_id": product.json()["id"],
        "quantity": 2,
    }
    client.post("/api/v1/orders", json=order, headers=admin)
    address = f"/api/v1/privacy/{CUSTOMER['email']}"
    exported = client.get(f"{address}/export", headers=admin).json()
    assert exported["customers"] == [customer.json()]
    assert [row["quantity"] for row in exported["orders"]] == [2]
    assert client.delete(address, headers=headers("bob")).status_code == 403
    assert client.delete(address, headers=admin).status_code == 204
    assert client.get("/api/v1/orders", headers=admin).json() == []
    assert client.get("/api/v1/customers", headers=admin).json() == []
