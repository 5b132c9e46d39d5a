"""Integration tests of the coupons API."""

PATH = "/coupons"


def build(variant=1):
    """A valid body for a Coupon; variant 2 differs."""
    if variant == 2:
        return {
            "code": "Code 2",
            "percentage": 2.0,
        }
    return {
        "code": "Code 1",
        "percentage": 1.0,
    }


def test_create_coupon(client):
    """A Coupon is stored with its values."""
    values = build()
    response = client.post(PATH, json=values)
    assert response.status_code == 201
    body = response.json()
    assert isinstance(body["id"], int)
    assert body["code"] == values["code"]
    assert body["percentage"] == values["percentage"]


def test_list(client):
    """The list holds what was created."""
    assert client.get(PATH).json() == []
    created = client.post(PATH, json=build()).json()
    response = client.get(PATH)
    assert response.status_code == 200
    assert [row["id"] for row in response.json()] == [created["id"]]


def test_read_coupon(client):
    """A Coupon can be read by its id."""
    created = client.post(PATH, json=build()).json()
    response = client.get(f"{PATH}/{created['id']}")
    assert response.status_code == 200
    assert response.json() == created


def test_update_coupon(client):
    """A Coupon is replaced."""
    created = client.post(PATH, json=build()).json()
    values = build(2)
    response = client.put(f"{PATH}/{created['id']}", json=values)
    assert response.status_code == 200
    body = response.json()
    assert body["id"] == created["id"]
    assert body["code"] == values["code"]
    assert body["percentage"] == values["percentage"]


def test_delete_coupon(client):
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
    del values["code"]
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_wrong_type(client):
    """A value of the wrong type is rejected."""
    values = build()
    values["code"] = {}
    response = client.post(PATH, json=values)
    assert response.status_code == 422


def test_rule_1(client):
    """Rule: percentage must be between 1 and 100."""
    values = build()
    values["percentage"] = 0.0
    response = client.post(PATH, json=values)
    assert response.status_code == 422
