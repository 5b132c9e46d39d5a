"""CRUD, validation and error cases for Invoice."""

PATH = "/invoices"


def build(variant=1):
    """A valid body for a Invoice; variant 2 differs."""
    if variant == 2:
        return {
            "number": "Number 2",
            "line_items": [
                {
                    "description": "Description 2",
                    "quantity": 12,
                    "unit_price": 12.0,
                },
            ],
        }
    return {
        "number": "Number 1",
        "line_items": [
            {
                "description": "Description 1",
                "quantity": 11,
                "unit_price": 11.0,
            },
        ],
    }


class TestInvoiceApi:
    """What /invoices promises."""

    def test_create(self, client):
        """A Invoice is stored with its values."""
        values = build()
        response = client.post(PATH, json=values)
        assert response.status_code == 201
        body = response.json()
        assert isinstance(body["id"], int)
        assert body["number"] == values["number"]
        assert body["line_items"] == values["line_items"]

    def test_list(self, client):
        """The list holds what was created."""
        assert client.get(PATH).json() == []
        created = client.post(PATH, json=build()).json()
        response = client.get(PATH)
        assert response.status_code == 200
        assert [row["id"] for row in response.json()] == [created["id"]]

    def test_read(self, client):
        """A Invoice can be read by its id."""
        created = client.post(PATH, json=build()).json()
        response = client.get(f"{PATH}/{created['id']}")
        assert response.status_code == 200
        assert response.json() == created

    def test_update(self, client):
        """A Invoice is replaced."""
        created = client.post(PATH, json=build()).json()
        values = build(2)
        response = client.put(f"{PATH}/{created['id']}", json=values)
        assert response.status_code == 200
        body = response.json()
        assert body["id"] == created["id"]
        assert body["number"] == values["number"]

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
        del values["number"]
        response = client.post(PATH, json=values)
        assert response.status_code == 422

    def test_wrong_type(self, client):
        """A value of the wrong type is rejected."""
        values = build()
        values["number"] = {}
        response = client.post(PATH, json=values)
        assert response.status_code == 422
