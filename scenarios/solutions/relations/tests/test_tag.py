"""Tags over HTTP, as a client uses them."""

import pytest

FRAGILE = {"label": "fragile"}
HEAVY = {"label": "heavy"}


@pytest.fixture
def fragile(client):
    """A tag that is stored."""
    response = client.post("/tags", json=FRAGILE)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_tag(fragile):
    assert fragile == {**FRAGILE, "id": fragile["id"]}
    assert isinstance(fragile["id"], int)


def test_no_tags_at_first(client):
    response = client.get("/tags")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_tag(client, fragile):
    heavy = client.post("/tags", json=HEAVY).json()
    response = client.get("/tags")
    assert (response.status_code, response.json()) == (200, [fragile, heavy])


def test_read_answers_the_tag(client, fragile):
    response = client.get(f"/tags/{fragile['id']}")
    assert (response.status_code, response.json()) == (200, fragile)


def test_update_replaces_the_values_of_one_tag(client, fragile):
    target, last = [
        client.post("/tags", json=FRAGILE).json() for _ in range(2)
    ]
    changed = {**HEAVY, "id": target["id"]}
    response = client.put(f"/tags/{target['id']}", json=HEAVY)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/tags").json() == [fragile, changed, last]


def test_delete_removes_one_tag(client, fragile):
    target, last = [client.post("/tags", json=HEAVY).json() for _ in range(2)]
    response = client.delete(f"/tags/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/tags/{target['id']}").status_code == 404
    assert client.get("/tags").json() == [fragile, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_tag_is_not_found(client, fragile, method):
    body = HEAVY if method == "PUT" else None
    response = client.request(method, f"/tags/{fragile['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize("body", [{}, {"label": None}, {"label": ["heavy"]}])
def test_invalid_body_is_refused(client, fragile, body):
    assert client.post("/tags", json=body).status_code == 422
    url = f"/tags/{fragile['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/tags").json() == [fragile]
