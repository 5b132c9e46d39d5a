"""Rooms over HTTP, as a client uses them."""

import pytest

SMALL = {"number": "A 101", "capacity": 30}
LARGE = {"number": "B 1.02", "capacity": 250}


@pytest.fixture
def small(client):
    """A room that is stored."""
    response = client.post("/rooms", json=SMALL)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_room(small):
    assert small == {**SMALL, "id": small["id"]}
    assert isinstance(small["id"], int)


def test_no_rooms_at_first(client):
    response = client.get("/rooms")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_room(client, small):
    large = client.post("/rooms", json=LARGE).json()
    response = client.get("/rooms")
    assert (response.status_code, response.json()) == (200, [small, large])


def test_read_answers_the_room(client, small):
    response = client.get(f"/rooms/{small['id']}")
    assert (response.status_code, response.json()) == (200, small)


def test_update_replaces_the_values_of_one_room(client, small):
    target, last = [client.post("/rooms", json=SMALL).json() for _ in range(2)]
    changed = {**LARGE, "id": target["id"]}
    response = client.put(f"/rooms/{target['id']}", json=LARGE)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/rooms").json() == [small, changed, last]


def test_delete_removes_one_room(client, small):
    target, last = [client.post("/rooms", json=LARGE).json() for _ in range(2)]
    response = client.delete(f"/rooms/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/rooms/{target['id']}").status_code == 404
    assert client.get("/rooms").json() == [small, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_room_is_not_found(client, small, method):
    body = LARGE if method == "PUT" else None
    response = client.request(method, f"/rooms/{small['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"number": "A 101"},
        {"capacity": 30},
        {**SMALL, "number": None},
        {**SMALL, "number": ["A 101"]},
        {**SMALL, "capacity": "thirty"},
        {**SMALL, "capacity": 30.5},
    ],
)
def test_invalid_body_is_refused(client, small, body):
    assert client.post("/rooms", json=body).status_code == 422
    url = f"/rooms/{small['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/rooms").json() == [small]
