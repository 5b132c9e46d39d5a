"""Warehouses over HTTP, as a client uses them."""

import pytest

NORTH = {"name": "North dock", "city": "Oslo"}
SOUTH = {"name": "South dock", "city": "Porto"}


@pytest.fixture
def north(client):
    """A warehouse that is stored."""
    response = client.post("/warehouses", json=NORTH)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_warehouse(north):
    assert north == {**NORTH, "id": north["id"]}
    assert isinstance(north["id"], int)


def test_no_warehouses_at_first(client):
    response = client.get("/warehouses")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_warehouse(client, north):
    south = client.post("/warehouses", json=SOUTH).json()
    response = client.get("/warehouses")
    assert (response.status_code, response.json()) == (200, [north, south])


def test_read_answers_the_warehouse(client, north):
    response = client.get(f"/warehouses/{north['id']}")
    assert (response.status_code, response.json()) == (200, north)


def test_update_replaces_the_values_of_one_warehouse(client, north):
    target, last = [
        client.post("/warehouses", json=NORTH).json() for _ in range(2)
    ]
    changed = {**SOUTH, "id": target["id"]}
    response = client.put(f"/warehouses/{target['id']}", json=SOUTH)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/warehouses").json() == [north, changed, last]


def test_delete_removes_one_warehouse(client, north):
    target, last = [
        client.post("/warehouses", json=SOUTH).json() for _ in range(2)
    ]
    response = client.delete(f"/warehouses/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/warehouses/{target['id']}").status_code == 404
    assert client.get("/warehouses").json() == [north, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_warehouse_is_not_found(client, north, method):
    body = SOUTH if method == "PUT" else None
    url = f"/warehouses/{north['id'] + 1}"
    response = client.request(method, url, json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "North dock"},
        {"city": "Oslo"},
        {**NORTH, "name": None},
        {**NORTH, "city": ["Oslo"]},
    ],
)
def test_invalid_body_is_refused(client, north, body):
    assert client.post("/warehouses", json=body).status_code == 422
    url = f"/warehouses/{north['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/warehouses").json() == [north]
