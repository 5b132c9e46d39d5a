"""Products, their tags and their warehouse, as a client uses them."""

import pytest

LAMP = {"name": "Lamp", "price": 24.5, "description": "A warm light"}
DESK = {"name": "Desk", "price": 180.0}
NOTHING = {"description": None, "tag_ids": [], "warehouse_id": None}


@pytest.fixture
def lamp(client):
    """A product without tags and warehouse."""
    response = client.post("/products", json=LAMP)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def tag_ids(client):
    """The ids of two tags."""
    bodies = [{"label": "fragile"}, {"label": "new"}]
    return [client.post("/tags", json=one).json()["id"] for one in bodies]


@pytest.fixture
def warehouse_id(client):
    """The id of a warehouse."""
    body = {"name": "North dock", "city": "Oslo"}
    return client.post("/warehouses", json=body).json()["id"]


def test_create_answers_the_stored_product(lamp):
    assert lamp == {**NOTHING, **LAMP, "id": lamp["id"]}
    assert isinstance(lamp["id"], int)


def test_description_is_optional(client):
    response = client.post("/products", json=DESK)
    assert response.status_code == 201
    assert response.json()["description"] is None


def test_no_products_at_first(client):
    response = client.get("/products")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_product(client, lamp):
    desk = client.post("/products", json=DESK).json()
    response = client.get("/products")
    assert (response.status_code, response.json()) == (200, [lamp, desk])


def test_read_answers_the_product(client, lamp):
    response = client.get(f"/products/{lamp['id']}")
    assert (response.status_code, response.json()) == (200, lamp)


def test_update_replaces_the_values_of_one_product(client, lamp):
    target, last = [
        client.post("/products", json=LAMP).json() for _ in range(2)
    ]
    changed = {**NOTHING, **DESK, "id": target["id"]}
    response = client.put(f"/products/{target['id']}", json=DESK)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/products").json() == [lamp, changed, last]


def test_delete_removes_one_product(client, lamp):
    target, last = [
        client.post("/products", json=DESK).json() for _ in range(2)
    ]
    response = client.delete(f"/products/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/products/{target['id']}").status_code == 404
    assert client.get("/products").json() == [lamp, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_product_is_not_found(client, lamp, method):
    body = DESK if method == "PUT" else None
    response = client.request(method, f"/products/{lamp['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Lamp"},
        {"price": 24.5},
        {**LAMP, "name": ["Lamp"]},
        {**LAMP, "price": "cheap"},
        {**LAMP, "description": ["A warm light"]},
        {**LAMP, "tag_ids": [99]},
        {**LAMP, "tag_ids": None},
        {**LAMP, "warehouse_id": 99},
        {**LAMP, "warehouse_id": "north"},
    ],
)
def test_invalid_body_is_refused(client, lamp, body):
    assert client.post("/products", json=body).status_code == 422
    url = f"/products/{lamp['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/products").json() == [lamp]


def test_tags_are_set_and_replaced(client, tag_ids):
    body = {**LAMP, "tag_ids": tag_ids}
    product = client.post("/products", json=body).json()
    assert product["tag_ids"] == tag_ids
    url = f"/products/{product['id']}"
    assert client.get(url).json() == product
    assert client.get("/products").json() == [product]
    for changed in (tag_ids[1:], []):
        client.put(url, json={**LAMP, "tag_ids": changed})
        assert client.get(url).json()["tag_ids"] == changed


def test_warehouse_is_set_and_cleared(client, warehouse_id):
    body = {**LAMP, "warehouse_id": warehouse_id}
    product = client.post("/products", json=body).json()
    url = f"/products/{product['id']}"
    assert product["warehouse_id"] == warehouse_id
    assert client.get(url).json() == product
    client.put(url, json={**LAMP, "warehouse_id": None})
    assert client.get(url).json()["warehouse_id"] is None


def test_a_product_outlives_its_tags_and_its_warehouse(
    client, tag_ids, warehouse_id
):
    body = {**LAMP, "tag_ids": tag_ids, "warehouse_id": warehouse_id}
    product = client.post("/products", json=body).json()
    client.delete(f"/tags/{tag_ids[0]}")
    client.delete(f"/warehouses/{warehouse_id}")
    left = client.get(f"/products/{product['id']}").json()
    assert left == {**product, "tag_ids": tag_ids[1:], "warehouse_id": None}


def test_every_product_has_tags_of_its_own(client, tag_ids):
    links = [tag_ids[:1], tag_ids, tag_ids[1:]]
    products = [
        client.post("/products", json={**LAMP, "tag_ids": ids}).json()
        for ids in links
    ]
    assert [one["tag_ids"] for one in products] == links
    client.put(f"/products/{products[1]['id']}", json=LAMP)
    left = client.get("/products").json()
    assert [one["tag_ids"] for one in left] == [links[0], [], links[2]]


def test_missing_product_gets_no_tags(client, tag_ids):
    body = {**LAMP, "tag_ids": tag_ids}
    assert client.put("/products/1", json=body).status_code == 404


def test_a_product_with_tags_can_be_deleted(client, tag_ids):
    body = {**LAMP, "tag_ids": tag_ids}
    product = client.post("/products", json=body).json()
    assert client.delete(f"/products/{product['id']}").status_code == 204
    assert len(client.get("/tags").json()) == len(tag_ids)
