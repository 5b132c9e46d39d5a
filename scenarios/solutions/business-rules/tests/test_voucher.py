"""Vouchers over HTTP, as a client uses them."""

import pytest

SPRING = {"code": "SPRING", "discount": 12.5}
AUTUMN = {"code": "AUTUMN", "discount": 0.5}


@pytest.fixture
def spring(client):
    """A voucher that is stored."""
    response = client.post("/vouchers", json=SPRING)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_voucher(spring):
    assert spring == {**SPRING, "id": spring["id"]}
    assert isinstance(spring["id"], int)


def test_no_vouchers_at_first(client):
    response = client.get("/vouchers")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_voucher(client, spring):
    autumn = client.post("/vouchers", json=AUTUMN).json()
    response = client.get("/vouchers")
    assert (response.status_code, response.json()) == (200, [spring, autumn])


def test_read_answers_the_voucher(client, spring):
    response = client.get(f"/vouchers/{spring['id']}")
    assert (response.status_code, response.json()) == (200, spring)


def test_update_replaces_the_values_of_one_voucher(client, spring):
    target, last = [
        client.post("/vouchers", json={**SPRING, "code": code}).json()
        for code in ("MAY", "JUNE")
    ]
    changed = {**AUTUMN, "id": target["id"]}
    response = client.put(f"/vouchers/{target['id']}", json=AUTUMN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/vouchers").json() == [spring, changed, last]


def test_delete_removes_one_voucher(client, spring):
    target, last = [
        client.post("/vouchers", json={**SPRING, "code": code}).json()
        for code in ("MAY", "JUNE")
    ]
    response = client.delete(f"/vouchers/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/vouchers/{target['id']}").status_code == 404
    assert client.get("/vouchers").json() == [spring, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_voucher_is_not_found(client, spring, method):
    body = AUTUMN if method == "PUT" else None
    url = f"/vouchers/{spring['id'] + 1}"
    assert client.request(method, url, json=body).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"code": "AUTUMN"},
        {"discount": 0.5},
        {**AUTUMN, "code": None},
        {**AUTUMN, "code": ["AUTUMN"]},
        {**AUTUMN, "discount": "half"},
    ],
)
def test_invalid_body_is_refused(client, spring, body):
    assert client.post("/vouchers", json=body).status_code == 422
    url = f"/vouchers/{spring['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/vouchers").json() == [spring]


@pytest.mark.parametrize("discount", [0, -5])
def test_the_discount_must_be_positive(client, spring, discount):
    body = {**AUTUMN, "discount": discount}
    url = f"/vouchers/{spring['id']}"
    for method, path in (("POST", "/vouchers"), ("PUT", url)):
        response = client.request(method, path, json=body)
        assert response.status_code == 422
        assert "the discount must be positive" in response.text
    assert client.get("/vouchers").json() == [spring]


def test_the_code_must_be_unique(client, spring):
    autumn = client.post("/vouchers", json=AUTUMN).json()
    url = f"/vouchers/{autumn['id']}"
    for method, path in (("POST", "/vouchers"), ("PUT", url)):
        response = client.request(method, path, json=SPRING)
        assert response.status_code == 422
        assert response.json()["detail"] == "The code must be unique"
    assert client.get("/vouchers").json() == [spring, autumn]


def test_a_voucher_keeps_its_code(client, spring):
    body = {**SPRING, "discount": 20.0}
    response = client.put(f"/vouchers/{spring['id']}", json=body)
    assert (response.status_code, response.json()["discount"]) == (200, 20.0)
