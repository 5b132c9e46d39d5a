"""Bookings over HTTP, as a client uses them."""

import pytest

ADA = {"room": "Blue room", "guest": "Ada Lovelace", "seats": 2}
ALAN = {"room": "Red room", "guest": "Alan Turing", "seats": 5}


@pytest.fixture
def ada(client):
    """A booking that is stored."""
    response = client.post("/bookings", json=ADA)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_booking(ada):
    assert ada == {**ADA, "id": ada["id"]}
    assert isinstance(ada["id"], int)


def test_no_bookings_at_first(client):
    response = client.get("/bookings")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_booking(client, ada):
    alan = client.post("/bookings", json=ALAN).json()
    response = client.get("/bookings")
    assert (response.status_code, response.json()) == (200, [ada, alan])


def test_read_answers_the_booking(client, ada):
    response = client.get(f"/bookings/{ada['id']}")
    assert (response.status_code, response.json()) == (200, ada)


def test_update_replaces_the_values_of_one_booking(client, ada):
    target, last = [
        client.post("/bookings", json=ADA).json() for _ in range(2)
    ]
    changed = {**ALAN, "id": target["id"]}
    response = client.put(f"/bookings/{target['id']}", json=ALAN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/bookings").json() == [ada, changed, last]


def test_delete_removes_one_booking(client, ada):
    target, last = [
        client.post("/bookings", json=ALAN).json() for _ in range(2)
    ]
    response = client.delete(f"/bookings/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/bookings/{target['id']}").status_code == 404
    assert client.get("/bookings").json() == [ada, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_booking_is_not_found(client, ada, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/bookings/{ada['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"guest": "Ada Lovelace", "seats": 2},
        {"room": "Blue room", "seats": 2},
        {"room": "Blue room", "guest": "Ada Lovelace"},
        {**ADA, "room": None},
        {**ADA, "guest": ["Ada Lovelace"]},
        {**ADA, "seats": "two"},
    ],
)
def test_invalid_body_is_refused(client, ada, body):
    assert client.post("/bookings", json=body).status_code == 422
    url = f"/bookings/{ada['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/bookings").json() == [ada]


@pytest.mark.parametrize("seats", [-1, 0, 9])
def test_too_few_and_too_many_seats_are_refused(client, ada, seats):
    url = f"/bookings/{ada['id']}"
    for method, path in (("POST", "/bookings"), ("PUT", url)):
        response = client.request(method, path, json={**ADA, "seats": seats})
        assert response.status_code == 422
        assert "seats must be between 1 and 8" in response.text
    assert client.get("/bookings").json() == [ada]


@pytest.mark.parametrize("seats", [1, 8])
def test_the_fewest_and_the_most_seats_are_taken(client, seats):
    response = client.post("/bookings", json={**ADA, "seats": seats})
    assert response.status_code == 201
