"""CRUD, validation and error cases for Pedido."""

PATH = "/pedidos"


def build(variant=1):
    """A valid body for a Pedido; variant 2 differs."""
    if variant == 2:
        return {
            "cliente": "Cliente 2",
            "itens": [
                {
                    "descricao": "Descricao 2",
                    "quantidade": 12,
                },
            ],
        }
    return {
        "cliente": "Cliente 1",
        "itens": [
            {
                "descricao": "Descricao 1",
                "quantidade": 11,
            },
        ],
    }


class TestPedidoApi:
    """What /pedidos promises."""

    def test_create(self, client):
        """A Pedido is stored with its values."""
        values = build()
        response = client.post(PATH, json=values)
        assert response.status_code == 201
        body = response.json()
        assert isinstance(body["id"], int)
        assert body["cliente"] == values["cliente"]
        assert body["itens"] == values["itens"]

    def test_list(self, client):
        """The list holds what was created."""
        assert client.get(PATH).json() == []
        created = client.post(PATH, json=build()).json()
        response = client.get(PATH)
        assert response.status_code == 200
        assert [row["id"] for row in response.json()] == [created["id"]]

    def test_read(self, client):
        """A Pedido can be read by its id."""
        created = client.post(PATH, json=build()).json()
        response = client.get(f"{PATH}/{created['id']}")
        assert response.status_code == 200
        assert response.json() == created

    def test_update(self, client):
        """A Pedido is replaced."""
        created = client.post(PATH, json=build()).json()
        values = build(2)
        response = client.put(f"{PATH}/{created['id']}", json=values)
        assert response.status_code == 200
        body = response.json()
        assert body["id"] == created["id"]
        assert body["cliente"] == values["cliente"]

    def test_delete(self, client):
        """A deleted row is gone."""
        created = client.post(PATH, json=build()).json()
        address = f"{PATH}/{created['id']}"
        assert client.delete(address).status_code == 204
        assert client.get(address).status_code == 404

    def test_missing(self, client):
        """Unknown ids are answered 404."""
        address = f"{PATH}/999999"
        assert client.get(address).status_code == 404
        assert client.put(address, json=build()).status_code == 404
        assert client.delete(address).status_code == 404

    def test_missing_field(self, client):
        """A body without a required field is rejected."""
        values = build()
        del values["cliente"]
        response = client.post(PATH, json=values)
        assert response.status_code == 422

    def test_wrong_type(self, client):
        """A value of the wrong type is rejected."""
        values = build()
        values["cliente"] = {}
        response = client.post(PATH, json=values)
        assert response.status_code == 422
