"""Integration tests of the alunos API."""

PATH = "/alunos"


def build(variant=1):
    """A valid body for a Aluno; variant 2 differs."""
    if variant == 2:
        return {
            "nome": "Nome 2",
            "numero_de_matricula": 12,
        }
    return {
        "nome": "Nome 1",
        "numero_de_matricula": 11,
    }


def test_create_aluno(client):
    """A Aluno is stored with its values."""
    values = build()
    response = client.post(PATH, json=values)
    assert response.status_code == 201
    body = response.json()
    assert isinstance(body["id"], int)
    assert body["nome"] == values["nome"]
    assert body["numero_de_matricula"] == values["numero_de_matricula"]


def test_list(client):
    """The list holds what was created."""
    assert client.get(PATH).json() == []
    created = client.post(PATH, json=build()).json()
    response = client.get(PATH)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == [created["id"]]


def test_read_aluno(client):
    """A Aluno can be read by its id."""
    created = client.post(PATH, json=build()).json()
    response = client.get(f"{PATH}/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_update_aluno(client):
    """A Aluno is replaced."""
    created = client.post(PATH, json=build()).json()
    values = build(2)
    response = client.put(f"{PATH}/{created['id']}", json=values)
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == created["id"]
    assert body["nome"] == values["nome"]
    assert body["numero_de_matricula"] == values["numero_de_matricula"]


def test_delete_aluno(client):
    """A deleted row is gone."""
    created = client.post(PATH, json=build()).json()
    address = f"{PATH}/{created['id']}"
    assert client.delete(address).status_code == 204
    assert client.get(address).status_code == 404


def test_missing(client):
    """Unknown ids are answered 404."""
    address = f"{PATH}/999999"
    assert client.get(address).status_code == 404
    assert client.put(address, json=build()).status_code == 404
    assert client.delete(address).status_code == 404


def test_missing_field(client):
    """A body without a required field is rejected."""
    values = build()
    del values["nome"]
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_wrong_type(client):
    """A value of the wrong type is rejected."""
    values = build()
    values["nome"] = {}
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_rule_1(client):
    """Rule: numero_de_matricula must be unique."""
    assert client.post(PATH, json=build()).status_code == 201
    response = client.post(PATH, json=build())
    assert response.status_code == 422
