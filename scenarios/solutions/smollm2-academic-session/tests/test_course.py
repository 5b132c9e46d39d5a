"""Courses and their teachers, as a client uses them."""

import pytest

LOGIC = {"name": "Logic", "level": "beginner"}
SETS = {"name": "Set theory", "level": "advanced"}


@pytest.fixture
def logic(client):
    """A course without a teacher."""
    response = client.post("/courses", json=LOGIC)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def teacher_id(client):
    """The id of a teacher."""
    body = {"name": "Emmy Noether", "email": "emmy@example.org"}
    return client.post("/teachers", json=body).json()["id"]


def test_create_answers_the_stored_course(logic):
    assert logic == {**LOGIC, "teacher_id": None, "id": logic["id"]}
    assert isinstance(logic["id"], int)


def test_no_courses_at_first(client):
    response = client.get("/courses")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_course(client, logic):
    sets = client.post("/courses", json=SETS).json()
    response = client.get("/courses")
    assert (response.status_code, response.json()) == (200, [logic, sets])


def test_read_answers_the_course(client, logic):
    response = client.get(f"/courses/{logic['id']}")
    assert (response.status_code, response.json()) == (200, logic)


def test_update_replaces_the_values_of_one_course(client, logic):
    target, last = [
        client.post("/courses", json=LOGIC).json() for _ in range(2)
    ]
    changed = {**SETS, "teacher_id": None, "id": target["id"]}
    response = client.put(f"/courses/{target['id']}", json=SETS)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/courses").json() == [logic, changed, last]


def test_delete_removes_one_course(client, logic):
    target, last = [
        client.post("/courses", json=SETS).json() for _ in range(2)
    ]
    response = client.delete(f"/courses/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/courses/{target['id']}").status_code == 404
    assert client.get("/courses").json() == [logic, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_course_is_not_found(client, logic, method):
    body = SETS if method == "PUT" else None
    response = client.request(method, f"/courses/{logic['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Logic"},
        {"level": "beginner"},
        {**LOGIC, "name": ["Logic"]},
        {**LOGIC, "level": ["beginner"]},
        {**LOGIC, "teacher_id": "nobody"},
        {**LOGIC, "teacher_id": 99},
    ],
)
def test_invalid_body_is_refused(client, logic, body):
    assert client.post("/courses", json=body).status_code == 422
    url = f"/courses/{logic['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/courses").json() == [logic]


def test_teacher_is_set_and_cleared(client, teacher_id):
    body = {**LOGIC, "teacher_id": teacher_id}
    course = client.post("/courses", json=body).json()
    url = f"/courses/{course['id']}"
    assert course["teacher_id"] == teacher_id
    assert client.get(url).json() == course
    client.put(url, json={**LOGIC, "teacher_id": None})
    assert client.get(url).json()["teacher_id"] is None
    client.put(url, json=body)
    assert client.get(url).json() == course


def test_a_course_outlives_its_teacher(client, teacher_id):
    body = {**LOGIC, "teacher_id": teacher_id}
    course = client.post("/courses", json=body).json()
    client.delete(f"/teachers/{teacher_id}")
    left = client.get(f"/courses/{course['id']}").json()
    assert left == {**course, "teacher_id": None}
