"""Teachers over HTTP, as a client uses them."""

import pytest

EMMY = {"name": "Emmy Noether", "email": "emmy@example.org"}
DAVID = {"name": "David Hilbert", "email": "david@example.org"}


@pytest.fixture
def emmy(client):
    """A teacher that is stored."""
    response = client.post("/teachers", json=EMMY)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_teacher(emmy):
    assert emmy == {**EMMY, "id": emmy["id"]}
    assert isinstance(emmy["id"], int)


def test_no_teachers_at_first(client):
    response = client.get("/teachers")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_teacher(client, emmy):
    david = client.post("/teachers", json=DAVID).json()
    response = client.get("/teachers")
    assert (response.status_code, response.json()) == (200, [emmy, david])


def test_read_answers_the_teacher(client, emmy):
    response = client.get(f"/teachers/{emmy['id']}")
    assert (response.status_code, response.json()) == (200, emmy)


def test_update_replaces_the_values_of_one_teacher(client, emmy):
    target, last = [
        client.post("/teachers", json=EMMY).json() for _ in range(2)
    ]
    changed = {**DAVID, "id": target["id"]}
    response = client.put(f"/teachers/{target['id']}", json=DAVID)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/teachers").json() == [emmy, changed, last]


def test_delete_removes_one_teacher(client, emmy):
    target, last = [
        client.post("/teachers", json=DAVID).json() for _ in range(2)
    ]
    response = client.delete(f"/teachers/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/teachers/{target['id']}").status_code == 404
    assert client.get("/teachers").json() == [emmy, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_teacher_is_not_found(client, emmy, method):
    body = DAVID if method == "PUT" else None
    response = client.request(method, f"/teachers/{emmy['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Emmy Noether"},
        {"email": "emmy@example.org"},
        {**EMMY, "name": None},
        {**EMMY, "email": ["emmy@example.org"]},
    ],
)
def test_invalid_body_is_refused(client, emmy, body):
    assert client.post("/teachers", json=body).status_code == 422
    url = f"/teachers/{emmy['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/teachers").json() == [emmy]
