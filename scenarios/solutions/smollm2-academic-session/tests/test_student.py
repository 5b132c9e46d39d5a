"""Students and the courses that they take, as a client uses them."""

import pytest

ADA = {"name": "Ada Lovelace", "email": "ada@example.org"}
ALAN = {"name": "Alan Turing", "email": "alan@example.org"}


@pytest.fixture
def ada(client):
    """A student without courses."""
    response = client.post("/students", json=ADA)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def course_ids(client):
    """The ids of two courses."""
    bodies = [{"name": name, "level": "first"} for name in ("Logic", "Sets")]
    return [client.post("/courses", json=one).json()["id"] for one in bodies]


def test_create_answers_the_stored_student(ada):
    assert ada == {**ADA, "course_ids": [], "id": ada["id"]}
    assert isinstance(ada["id"], int)


def test_no_students_at_first(client):
    response = client.get("/students")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_student(client, ada):
    alan = client.post("/students", json=ALAN).json()
    response = client.get("/students")
    assert (response.status_code, response.json()) == (200, [ada, alan])


def test_read_answers_the_student(client, ada):
    response = client.get(f"/students/{ada['id']}")
    assert (response.status_code, response.json()) == (200, ada)


def test_update_replaces_the_values_of_one_student(client, ada):
    target, last = [
        client.post("/students", json=ADA).json() for _ in range(2)
    ]
    changed = {**ALAN, "course_ids": [], "id": target["id"]}
    response = client.put(f"/students/{target['id']}", json=ALAN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/students").json() == [ada, changed, last]


def test_delete_removes_one_student(client, ada):
    target, last = [
        client.post("/students", json=ALAN).json() for _ in range(2)
    ]
    response = client.delete(f"/students/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/students/{target['id']}").status_code == 404
    assert client.get("/students").json() == [ada, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_student_is_not_found(client, ada, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/students/{ada['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {"name": "Ada"},
        {"email": "ada@example.org"},
        {**ADA, "name": ["Ada"]},
        {**ADA, "email": ["ada@example.org"]},
        {**ADA, "course_ids": "all"},
        {**ADA, "course_ids": [99]},
    ],
)
def test_invalid_body_is_refused(client, ada, body):
    assert client.post("/students", json=body).status_code == 422
    url = f"/students/{ada['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/students").json() == [ada]


def test_courses_are_set_and_replaced(client, course_ids):
    body = {**ADA, "course_ids": course_ids}
    student = client.post("/students", json=body).json()
    assert student["course_ids"] == course_ids
    url = f"/students/{student['id']}"
    assert client.get(url).json() == student
    assert client.get("/students").json() == [student]
    for changed in (course_ids[1:], []):
        client.put(url, json={**ADA, "course_ids": changed})
        assert client.get(url).json()["course_ids"] == changed


def test_a_deleted_course_leaves_its_students(client, course_ids):
    body = {**ADA, "course_ids": course_ids}
    student = client.post("/students", json=body).json()
    client.delete(f"/courses/{course_ids[0]}")
    left = client.get(f"/students/{student['id']}").json()
    assert left == {**student, "course_ids": course_ids[1:]}


def test_every_student_has_courses_of_its_own(client, course_ids):
    links = [course_ids[:1], course_ids, course_ids[1:]]
    students = [
        client.post("/students", json={**ADA, "course_ids": ids}).json()
        for ids in links
    ]
    assert [one["course_ids"] for one in students] == links
    client.put(f"/students/{students[1]['id']}", json=ADA)
    left = client.get("/students").json()
    assert [one["course_ids"] for one in left] == [links[0], [], links[2]]


def test_missing_student_gets_no_courses(client, course_ids):
    body = {**ADA, "course_ids": course_ids}
    assert client.put("/students/1", json=body).status_code == 404


def test_a_student_with_courses_can_be_deleted(client, course_ids):
    body = {**ADA, "course_ids": course_ids}
    student = client.post("/students", json=body).json()
    assert client.delete(f"/students/{student['id']}").status_code == 204
    assert len(client.get("/courses").json()) == len(course_ids)
