"""Students over HTTP, as a client uses them."""

import pytest

ADA = {"name": "Ada Lovelace"}
ALAN = {"name": "Alan Turing"}


@pytest.fixture
def ada(client):
    """A student that is stored."""
    response = client.post("/students", json=ADA)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_student(ada):
    assert ada == {**ADA, "id": ada["id"]}
    assert isinstance(ada["id"], int)


def test_no_students_at_first(client):
    response = client.get("/students")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_student(client, ada):
    alan = client.post("/students", json=ALAN).json()
    response = client.get("/students")
    assert (response.status_code, response.json()) == (200, [ada, alan])


def test_read_answers_the_student(client, ada):
    response = client.get(f"/students/{ada['id']}")
    assert (response.status_code, response.json()) == (200, ada)


def test_update_replaces_the_values_of_one_student(client, ada):
    target, last = [
        client.post("/students", json=ADA).json() for _ in range(2)
    ]
    changed = {**ALAN, "id": target["id"]}
    response = client.put(f"/students/{target['id']}", json=ALAN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/students").json() == [ada, changed, last]


def test_delete_removes_one_student(client, ada):
    target, last = [
        client.post("/students", json=ALAN).json() for _ in range(2)
    ]
    response = client.delete(f"/students/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/students/{target['id']}").status_code == 404
    assert client.get("/students").json() == [ada, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_student_is_not_found(client, ada, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/students/{ada['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize("body", [{}, {"name": None}, {"name": ["Ada"]}])
def test_invalid_body_is_refused(client, ada, body):
    assert client.post("/students", json=body).status_code == 422
    url = f"/students/{ada['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/students").json() == [ada]
