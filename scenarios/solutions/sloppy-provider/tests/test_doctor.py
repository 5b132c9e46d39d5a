"""Doctors and the patients that they treat, as a client uses them."""

import pytest

ELIZABETH = {"name": "Elizabeth Blackwell", "speciality": "Hygiene"}
HENRY = {"name": "Henry Gray", "speciality": "Anatomy"}


@pytest.fixture
def elizabeth(client):
    """A doctor without patients."""
    response = client.post("/doctors", json=ELIZABETH)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def patient_ids(client):
    """The ids of two patients."""
    bodies = [
        {"name": "Ada Lovelace", "birth_date": "1815-12-10"},
        {"name": "Alan Turing", "birth_date": "1912-06-23"},
    ]
    return [client.post("/patients", json=one).json()["id"] for one in bodies]


def test_create_answers_the_stored_doctor(elizabeth):
    assert elizabeth == {**ELIZABETH, "patient_ids": [], "id": elizabeth["id"]}
    assert isinstance(elizabeth["id"], int)


def test_no_doctors_at_first(client):
    response = client.get("/doctors")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_doctor(client, elizabeth):
    henry = client.post("/doctors", json=HENRY).json()
    response = client.get("/doctors")
    assert (response.status_code, response.json()) == (200, [elizabeth, henry])


def test_read_answers_the_doctor(client, elizabeth):
    response = client.get(f"/doctors/{elizabeth['id']}")
    assert (response.status_code, response.json()) == (200, elizabeth)


def test_update_replaces_the_values_of_one_doctor(client, elizabeth):
    target, last = [
        client.post("/doctors", json=ELIZABETH).json() for _ in range(2)
    ]
    changed = {**HENRY, "patient_ids": [], "id": target["id"]}
    response = client.put(f"/doctors/{target['id']}", json=HENRY)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/doctors").json() == [elizabeth, changed, last]


def test_delete_removes_one_doctor(client, elizabeth):
    target, last = [
        client.post("/doctors", json=HENRY).json() for _ in range(2)
    ]
    response = client.delete(f"/doctors/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/doctors/{target['id']}").status_code == 404
    assert client.get("/doctors").json() == [elizabeth, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_doctor_is_not_found(client, elizabeth, method):
    body = HENRY if method == "PUT" else None
    response = client.request(
        method, f"/doctors/{elizabeth['id'] + 1}", json=body
    )
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Elizabeth Blackwell"},
        {"speciality": "Hygiene"},
        {**ELIZABETH, "name": ["Elizabeth"]},
        {**ELIZABETH, "speciality": ["Hygiene"]},
        {**ELIZABETH, "patient_ids": "all"},
        {**ELIZABETH, "patient_ids": [99]},
    ],
)
def test_invalid_body_is_refused(client, elizabeth, body):
    assert client.post("/doctors", json=body).status_code == 422
    url = f"/doctors/{elizabeth['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/doctors").json() == [elizabeth]


def test_patients_are_set_and_replaced(client, patient_ids):
    body = {**ELIZABETH, "patient_ids": patient_ids}
    doctor = client.post("/doctors", json=body).json()
    assert doctor["patient_ids"] == patient_ids
    url = f"/doctors/{doctor['id']}"
    assert client.get(url).json() == doctor
    assert client.get("/doctors").json() == [doctor]
    for changed in (patient_ids[1:], []):
        client.put(url, json={**ELIZABETH, "patient_ids": changed})
        assert client.get(url).json()["patient_ids"] == changed


def test_a_deleted_patient_leaves_its_doctors(client, patient_ids):
    body = {**ELIZABETH, "patient_ids": patient_ids}
    doctor = client.post("/doctors", json=body).json()
    client.delete(f"/patients/{patient_ids[0]}")
    left = client.get(f"/doctors/{doctor['id']}").json()
    assert left == {**doctor, "patient_ids": patient_ids[1:]}


def test_every_doctor_has_patients_of_its_own(client, patient_ids):
    links = [patient_ids[:1], patient_ids, patient_ids[1:]]
    doctors = [
        client.post("/doctors", json={**ELIZABETH, "patient_ids": ids}).json()
        for ids in links
    ]
    assert [one["patient_ids"] for one in doctors] == links
    client.put(f"/doctors/{doctors[1]['id']}", json=ELIZABETH)
    left = client.get("/doctors").json()
    assert [one["patient_ids"] for one in left] == [links[0], [], links[2]]


def test_missing_doctor_gets_no_patients(client, patient_ids):
    body = {**ELIZABETH, "patient_ids": patient_ids}
    assert client.put("/doctors/1", json=body).status_code == 404


def test_a_doctor_with_patients_can_be_deleted(client, patient_ids):
    body = {**ELIZABETH, "patient_ids": patient_ids}
    doctor = client.post("/doctors", json=body).json()
    assert client.delete(f"/doctors/{doctor['id']}").status_code == 204
    assert len(client.get("/patients").json()) == len(patient_ids)
