"""CRUD, validation and error cases for Event."""

PATH = "/events"


def build(variant=1):
    """A valid body for a Event; variant 2 differs."""
    if variant == 2:
        return {
            "title": "Title 2",
            "date_time": "2024-03-02T10:00:00",
            "capacity": 2,
        }
    return {
        "title": "Title 1",
        "date_time": "2024-03-01T10:00:00",
        "capacity": 1,
    }


class TestEventApi:
    """What /events promises."""

    def test_create(self, client):
        """A Event is stored with its values."""
        values = build()
        response = client.post(PATH, json=values)
        assert response.status_code == 201
        body = response.json()
        assert isinstance(body["id"], int)
        assert body["title"] == values["title"]
        assert body["capacity"] == values["capacity"]

    def test_list(self, client):
        """The list holds what was created."""
        assert client.get(PATH).json() == []
        created = client.post(PATH, json=build()).json()
        response = client.get(PATH)
        assert response.status_code == 200
        assert [row["id"] for row in response.json()] == [created["id"]]

    def test_read(self, client):
        """A Event can be read by its id."""
        created = client.post(PATH, json=build()).json()
        response = client.get(f"{PATH}/{created['id']}")
        assert response.status_code == 200
        assert response.json() == created

    def test_update(self, client):
        """A Event is replaced."""
        created = client.post(PATH, json=build()).json()
        values = build(2)
        response = client.put(f"{PATH}/{created['id']}", json=values)
        assert response.status_code == 200
        body = response.json()
        assert body["id"] == created["id"]
        assert body["title"] == values["title"]
        assert body["capacity"] == values["capacity"]

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
        del values["title"]
        response = client.post(PATH, json=values)
        assert response.status_code == 422

    def test_wrong_type(self, client):
        """A value of the wrong type is rejected."""
        values = build()
        values["title"] = {}
        response = client.post(PATH, json=values)
        assert response.status_code == 422

    def test_rule_1(self, client):
        """Rule: capacity must be at least 1."""
        values = build()
        values["capacity"] = 0
        response = client.post(PATH, json=values)
        assert response.status_code == 422
