"""Patients and their doctors, as a client uses them."""

import pytest

ADA = {"name": "Ada Lovelace", "birth_date": "1815-12-10", "weight": 58.5}
ALAN = {"name": "Alan Turing", "birth_date": "1912-06-23"}
NOTHING = {"weight": None, "doctor_id": None}


@pytest.fixture
def ada(client):
    """A patient without a doctor."""
    response = client.post("/patients", json=ADA)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def doctor_id(client):
    """The id of a doctor."""
    body = {"name": "Elizabeth Blackwell", "speciality": "Hygiene"}
    return client.post("/doctors", json=body).json()["id"]


def test_create_answers_the_stored_patient(ada):
    assert ada == {**NOTHING, **ADA, "id": ada["id"]}
    assert isinstance(ada["id"], int)


def test_weight_is_optional(client):
    response = client.post("/patients", json=ALAN)
    assert response.status_code == 201
    assert response.json()["weight"] is None


def test_no_patients_at_first(client):
    response = client.get("/patients")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_patient(client, ada):
    alan = client.post("/patients", json=ALAN).json()
    response = client.get("/patients")
    assert (response.status_code, response.json()) == (200, [ada, alan])


def test_read_answers_the_patient(client, ada):
    response = client.get(f"/patients/{ada['id']}")
    assert (response.status_code, response.json()) == (200, ada)


def test_update_replaces_the_values_of_one_patient(client, ada):
    target, last = [
        client.post("/patients", json=ADA).json() for _ in range(2)
    ]
    changed = {**NOTHING, **ALAN, "id": target["id"]}
    response = client.put(f"/patients/{target['id']}", json=ALAN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/patients").json() == [ada, changed, last]


def test_delete_removes_one_patient(client, ada):
    target, last = [
        client.post("/patients", json=ALAN).json() for _ in range(2)
    ]
    response = client.delete(f"/patients/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/patients/{target['id']}").status_code == 404
    assert client.get("/patients").json() == [ada, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_patient_is_not_found(client, ada, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/patients/{ada['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ada Lovelace"},
        {"birth_date": "1815-12-10"},
        {**ADA, "name": ["Ada"]},
        {**ADA, "birth_date": "in December"},
        {**ADA, "weight": "light"},
        {**ADA, "doctor_id": "nobody"},
        {**ADA, "doctor_id": 99},
    ],
)
def test_invalid_body_is_refused(client, ada, body):
    assert client.post("/patients", json=body).status_code == 422
    url = f"/patients/{ada['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/patients").json() == [ada]


def test_doctor_is_set_and_cleared(client, doctor_id):
    body = {**ADA, "doctor_id": doctor_id}
    patient = client.post("/patients", json=body).json()
    url = f"/patients/{patient['id']}"
    assert patient["doctor_id"] == doctor_id
    assert client.get(url).json() == patient
    client.put(url, json={**ADA, "doctor_id": None})
    assert client.get(url).json()["doctor_id"] is None
    client.put(url, json=body)
    assert client.get(url).json() == patient


def test_a_patient_outlives_its_doctor(client, doctor_id):
    body = {**ADA, "doctor_id": doctor_id}
    patient = client.post("/patients", json=body).json()
    client.delete(f"/doctors/{doctor_id}")
    left = client.get(f"/patients/{patient['id']}").json()
    assert left == {**patient, "doctor_id": None}
