"""Vehicles over HTTP, as a client uses them."""

import pytest

REQUIRED = {
    "plate": "AB 12345",
    "brand": "Volvo",
    "model": "V60",
    "color": "green",
    "year": 2021,
    "mileage": 48200,
    "doors": 5,
    "seats": 4,
    "price": 21900.5,
    "weight": 1786.0,
    "length": 4.761,
    "width": 1.85,
    "height": 1.433,
    "engine_size": 1.969,
    "fuel_type": "petrol",
    "transmission": "manual",
    "drive": "front",
    "chassis_number": "YV1ZW25V1M2000000",
    "registration_date": "2021-03-15",
    "inspection_date": "2024-02-29",
    "purchase_date": "2021-03-01",
    "insured": True,
    "electric": False,
    "imported": True,
    "damaged": False,
    "owner_name": "Ada Lovelace",
    "owner_email": "ada@example.org",
    "country": "Norway",
    "city": "Oslo",
    "postal_code": "0150",
}
OPTIONAL = {
    "last_service_at": "2024-05-31T10:30:00",
    "sold_at": "2024-06-30T16:00:00",
    "owner_phone": "+47 22 00 00 00",
    "insurer": "North Insurance",
    "policy_number": "N-2021-77",
    "battery_capacity": 11.6,
    "range": 55,
    "tyre_size": "225/50 R17",
    "condition": "A scratch on the left door",
    "notes": "Winter tyres are stored in Oslo",
}
VOLVO = {**REQUIRED, **OPTIONAL}
NOTHING = dict.fromkeys(OPTIONAL)
# Differs from the other in every required value.
FIAT = {
    "plate": "XY 98765",
    "brand": "Fiat",
    "model": "500e",
    "color": "white",
    "year": 2023,
    "mileage": 9100,
    "doors": 3,
    "seats": 2,
    "price": 18000.0,
    "weight": 1365.0,
    "length": 3.632,
    "width": 1.683,
    "height": 1.527,
    "engine_size": 0.0,
    "fuel_type": "none",
    "transmission": "automatic",
    "drive": "rear",
    "chassis_number": "ZFA3120000J000000",
    "registration_date": "2023-07-01",
    "inspection_date": "2025-07-01",
    "purchase_date": "2023-06-20",
    "insured": False,
    "electric": True,
    "imported": False,
    "damaged": True,
    "owner_name": "Alan Turing",
    "owner_email": "alan@example.org",
    "country": "Italy",
    "city": "Turin",
    "postal_code": "10121",
}


@pytest.fixture
def volvo(client):
    """A vehicle of which everything is known."""
    response = client.post("/vehicles", json=VOLVO)
    assert response.status_code == 201
    return response.json()


def test_create_answers_the_stored_vehicle(volvo):
    assert volvo == {**VOLVO, "id": volvo["id"]}
    assert isinstance(volvo["id"], int)


def test_optional_values_may_be_left_out(client):
    response = client.post("/vehicles", json=FIAT)
    assert response.status_code == 201
    vehicle = response.json()
    assert vehicle == {**FIAT, **NOTHING, "id": vehicle["id"]}


def test_no_vehicles_at_first(client):
    response = client.get("/vehicles")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_vehicle(client, volvo):
    fiat = client.post("/vehicles", json=FIAT).json()
    response = client.get("/vehicles")
    assert (response.status_code, response.json()) == (200, [volvo, fiat])


def test_read_answers_the_vehicle(client, volvo):
    response = client.get(f"/vehicles/{volvo['id']}")
    assert (response.status_code, response.json()) == (200, volvo)


def test_update_replaces_the_values_of_one_vehicle(client, volvo):
    target, last = [
        client.post("/vehicles", json=VOLVO).json() for _ in range(2)
    ]
    changed = {**FIAT, **NOTHING, "id": target["id"]}
    response = client.put(f"/vehicles/{target['id']}", json=FIAT)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/vehicles").json() == [volvo, changed, last]


def test_delete_removes_one_vehicle(client, volvo):
    target, last = [
        client.post("/vehicles", json=FIAT).json() for _ in range(2)
    ]
    response = client.delete(f"/vehicles/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/vehicles/{target['id']}").status_code == 404
    assert client.get("/vehicles").json() == [volvo, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_vehicle_is_not_found(client, volvo, method):
    body = FIAT if method == "PUT" else None
    url = f"/vehicles/{volvo['id'] + 1}"
    assert client.request(method, url, json=body).status_code == 404


def test_required_values_are_required(client):
    for name in REQUIRED:
        body = {key: VOLVO[key] for key in VOLVO if key != name}
        response = client.post("/vehicles", json=body)
        assert response.status_code == 422, name
    assert client.get("/vehicles").json() == []


def test_values_of_another_type_are_refused(client, volvo):
    url = f"/vehicles/{volvo['id']}"
    for name in VOLVO:
        body = {**VOLVO, name: {"not": "a value"}}
        assert client.post("/vehicles", json=body).status_code == 422, name
        assert client.put(url, json=body).status_code == 422, name
    assert client.get("/vehicles").json() == [volvo]


@pytest.mark.parametrize(
    "wrong",
    [
        {"plate": None},
        {"year": "new"},
        {"mileage": 0.5},
        {"price": "cheap"},
        {"insured": "perhaps"},
        {"inspection_date": "2023-02-29"},
        {"sold_at": "yesterday"},
        {"range": "far"},
    ],
)
def test_invalid_body_is_refused(client, wrong):
    response = client.post("/vehicles", json={**VOLVO, **wrong})
    assert response.status_code == 422
