"""Estudantes over HTTP, as a client uses them."""

import pytest

ANA = {"nome": "Ana Costa", "email": "ana@example.org"}
RUI = {"nome": "Rui Lopes", "email": "rui@example.org"}


@pytest.fixture
def ana(client):
    """An estudante that is stored."""
    response = client.post("/estudantes", json=ANA)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_estudante(ana):
    assert ana == {**ANA, "id": ana["id"]}
    assert isinstance(ana["id"], int)


def test_no_estudantes_at_first(client):
    response = client.get("/estudantes")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_estudante(client, ana):
    rui = client.post("/estudantes", json=RUI).json()
    response = client.get("/estudantes")
    assert (response.status_code, response.json()) == (200, [ana, rui])


def test_read_answers_the_estudante(client, ana):
    response = client.get(f"/estudantes/{ana['id']}")
    assert (response.status_code, response.json()) == (200, ana)


def test_update_replaces_the_values_of_one_estudante(client, ana):
    target, last = [
        client.post("/estudantes", json=ANA).json() for _ in range(2)
    ]
    changed = {**RUI, "id": target["id"]}
    response = client.put(f"/estudantes/{target['id']}", json=RUI)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/estudantes").json() == [ana, changed, last]


def test_delete_removes_one_estudante(client, ana):
    target, last = [
        client.post("/estudantes", json=RUI).json() for _ in range(2)
    ]
    response = client.delete(f"/estudantes/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/estudantes/{target['id']}").status_code == 404
    assert client.get("/estudantes").json() == [ana, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_estudante_is_not_found(client, ana, method):
    body = RUI if method == "PUT" else None
    response = client.request(
        method, f"/estudantes/{ana['id'] + 1}", json=body
    )
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"nome": "Ana Costa"},
        {"email": "ana@example.org"},
        {**ANA, "nome": None},
        {**ANA, "email": ["ana@example.org"]},
    ],
)
def test_invalid_body_is_refused(client, ana, body):
    assert client.post("/estudantes", json=body).status_code == 422
    url = f"/estudantes/{ana['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/estudantes").json() == [ana]
