"""Books over HTTP, as a client uses them."""

import pytest

DUNE = {"title": "Dune", "author": "Frank Herbert", "number_of_pages": 612}
EMMA = {"title": "Emma", "author": "Jane Austen", "number_of_pages": 474}


@pytest.fixture
def dune(client):
    """A book that is stored."""
    response = client.post("/books", json=DUNE)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_book(dune):
    assert dune == {**DUNE, "id": dune["id"]}
    assert isinstance(dune["id"], int)


def test_no_books_at_first(client):
    response = client.get("/books")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_book(client, dune):
    emma = client.post("/books", json=EMMA).json()
    response = client.get("/books")
    assert (response.status_code, response.json()) == (200, [dune, emma])


def test_read_answers_the_book(client, dune):
    response = client.get(f"/books/{dune['id']}")
    assert (response.status_code, response.json()) == (200, dune)


def test_update_replaces_the_values_of_one_book(client, dune):
    target, last = [client.post("/books", json=DUNE).json() for _ in range(2)]
    changed = {**EMMA, "id": target["id"]}
    response = client.put(f"/books/{target['id']}", json=EMMA)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/books").json() == [dune, changed, last]


def test_delete_removes_one_book(client, dune):
    target, last = [client.post("/books", json=EMMA).json() for _ in range(2)]
    response = client.delete(f"/books/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/books/{target['id']}").status_code == 404
    assert client.get("/books").json() == [dune, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_book_is_not_found(client, dune, method):
    body = EMMA if method == "PUT" else None
    response = client.request(method, f"/books/{dune['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"author": "Frank Herbert", "number_of_pages": 612},
        {"title": "Dune", "number_of_pages": 612},
        {"title": "Dune", "author": "Frank Herbert"},
        {**DUNE, "title": None},
        {**DUNE, "author": ["Frank Herbert"]},
        {**DUNE, "number_of_pages": "many"},
        {**DUNE, "number_of_pages": 0.5},
    ],
)
def test_invalid_body_is_refused(client, dune, body):
    assert client.post("/books", json=body).status_code == 422
    url = f"/books/{dune['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/books").json() == [dune]
