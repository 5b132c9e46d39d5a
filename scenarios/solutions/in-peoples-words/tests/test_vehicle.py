"""Integration tests of the vehicles API."""

PATH = "/vehicles"


def build(variant=1):
    """A valid body for a Vehicle; variant 2 differs."""
    if variant == 2:
        return {
            "plate": "Plate 2",
            "brand": "Brand 2",
            "year": 12,
        }
    return {
        "plate": "Plate 1",
        "brand": "Brand 1",
        "year": 11,
    }


def test_create_vehicle(client):
    """A Vehicle is stored with its values."""
    values = build()
    response = client.post(PATH, json=values)
    assert response.status_code == 201
    body = response.json()
    assert isinstance(body["id"], int)
    assert body["plate"] == values["plate"]
    assert body["brand"] == values["brand"]
    assert body["year"] == values["year"]


def test_list(client):
    """The list holds what was created."""
    assert client.get(PATH).json() == []
    created = client.post(PATH, json=build()).json()
    response = client.get(PATH)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == [created["id"]]


def test_read_vehicle(client):
    """A Vehicle can be read by its id."""
    created = client.post(PATH, json=build()).json()
    response = client.get(f"{PATH}/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_update_vehicle(client):
    """A Vehicle is replaced."""
    created = client.post(PATH, json=build()).json()
    values = build(2)
    response = client.put(f"{PATH}/{created['id']}", json=values)
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == created["id"]
    assert body["plate"] == values["plate"]
    assert body["brand"] == values["brand"]
    assert body["year"] == values["year"]


def test_delete_vehicle(client):
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
    del values["plate"]
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_wrong_type(client):
    """A value of the wrong type is rejected."""
    values = build()
    values["plate"] = {}
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_rule_1(client):
    """Rule: plate must be unique."""
    assert client.post(PATH, json=build()).status_code == 201
    response = client.post(PATH, json=build())
    assert response.status_code == 422
