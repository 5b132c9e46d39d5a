"""Integration tests of the funcionarios API."""

PATH = "/funcionarios"


def build(variant=1):
    """A valid body for a Funcionario; variant 2 differs."""
    if variant == 2:
        return {
            "nome": "Nome 2",
            "email": "email2@example.com",
            "salario": 12.0,
            "ativo": False,
        }
    return {
        "nome": "Nome 1",
        "email": "email1@example.com",
        "salario": 11.0,
        "ativo": True,
    }


def test_create_funcionario(client):
    """A Funcionario is stored with its values."""
    values = build()
    response = client.post(PATH, json=values)
    assert response.status_code == 201
    body = response.json()
    assert isinstance(body["id"], int)
    assert body["nome"] == values["nome"]
    assert body["email"] == values["email"]
    assert body["salario"] == values["salario"]
    assert body["ativo"] == values["ativo"]


def test_list(client):
    """The list holds what was created."""
    assert client.get(PATH).json() == []
    created = client.post(PATH, json=build()).json()
    response = client.get(PATH)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == [created["id"]]


def test_read_funcionario(client):
    """A Funcionario can be read by its id."""
    created = client.post(PATH, json=build()).json()
    response = client.get(f"{PATH}/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_update_funcionario(client):
    """A Funcionario is replaced."""
    created = client.post(PATH, json=build()).json()
    values = build(2)
    response = client.put(f"{PATH}/{created['id']}", json=values)
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == created["id"]
    assert body["nome"] == values["nome"]
    assert body["email"] == values["email"]
    assert body["salario"] == values["salario"]
    assert body["ativo"] == values["ativo"]


def test_delete_funcionario(client):
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
    """Rule: email must be unique."""
    assert client.post(PATH, json=build()).status_code == 201
    response = client.post(PATH, json=build())
    assert response.status_code == 422
