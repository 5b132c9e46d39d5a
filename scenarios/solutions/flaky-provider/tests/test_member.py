"""Members and the books that they have, as a client uses them."""

import pytest

ADA = {
    "name": "Ada Lovelace",
    "email": "ada@example.org",
    "joining_date": "2024-02-29",
    "phone": "+44 20 7946 0000",
}
ALAN = {
    "name": "Alan Turing",
    "email": "alan@example.org",
    "joining_date": "1999-12-31",
}
NOTHING = {"phone": None, "book_ids": []}


@pytest.fixture
def ada(client):
    """A member without books."""
    response = client.post("/members", json=ADA)
    assert response.status_code == 201
    return response.json()


@pytest.fixture
def book_ids(client):
    """The ids of two books."""
    bodies = [
        {"title": title, "author": "Jane Austen", "number_of_pages": 474}
        for title in ("Emma", "Persuasion")
    ]
    return [client.post("/books", json=one).json()["id"] for one in bodies]


def test_create_answers_the_stored_member(ada):
    assert ada == {**NOTHING, **ADA, "id": ada["id"]}
    assert isinstance(ada["id"], int)


def test_phone_is_optional(client):
    response = client.post("/members", json=ALAN)
    assert response.status_code == 201
    assert response.json()["phone"] is None


def test_no_members_at_first(client):
    response = client.get("/members")
    assert (response.status_code, response.json()) == (200, [])


def test_list_holds_every_member(client, ada):
    alan = client.post("/members", json=ALAN).json()
    response = client.get("/members")
    assert (response.status_code, response.json()) == (200, [ada, alan])


def test_read_answers_the_member(client, ada):
    response = client.get(f"/members/{ada['id']}")
    assert (response.status_code, response.json()) == (200, ada)


def test_update_replaces_the_values_of_one_member(client, ada):
    target, last = [client.post("/members", json=ADA).json() for _ in range(2)]
    changed = {**NOTHING, **ALAN, "id": target["id"]}
    response = client.put(f"/members/{target['id']}", json=ALAN)
    assert (response.status_code, response.json()) == (200, changed)
    assert client.get("/members").json() == [ada, changed, last]


def test_delete_removes_one_member(client, ada):
    target, last = [
        client.post("/members", json=ALAN).json() for _ in range(2)
    ]
    response = client.delete(f"/members/{target['id']}")
    assert (response.status_code, response.content) == (204, b"")
    assert client.get(f"/members/{target['id']}").status_code == 404
    assert client.get("/members").json() == [ada, last]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_missing_member_is_not_found(client, ada, method):
    body = ALAN if method == "PUT" else None
    response = client.request(method, f"/members/{ada['id'] + 1}", json=body)
    assert response.status_code == 404


@pytest.mark.parametrize("name", ["name", "email", "joining_date"])
def test_required_values_are_required(client, name):
    body = {key: ADA[key] for key in ADA if key != name}
    assert client.post("/members", json=body).status_code == 422


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ["Ada"]},
        {"email": ["ada@example.org"]},
        {"joining_date": "2023-02-29"},
        {"phone": 442079460000},
        {"book_ids": "all"},
        {"book_ids": [99]},
    ],
)
def test_invalid_body_is_refused(client, ada, wrong):
    body = {**ADA, **wrong}
    assert client.post("/members", json=body).status_code == 422
    url = f"/members/{ada['id']}"
    assert client.put(url, json=body).status_code == 422
    assert client.get("/members").json() == [ada]


def test_books_are_set_and_replaced(client, book_ids):
    body = {**ADA, "book_ids": book_ids}
    member = client.post("/members", json=body).json()
    assert member["book_ids"] == book_ids
    url = f"/members/{member['id']}"
    assert client.get(url).json() == member
    assert client.get("/members").json() == [member]
    for changed in (book_ids[1:], []):
        client.put(url, json={**ADA, "book_ids": changed})
        assert client.get(url).json()["book_ids"] == changed


def test_a_deleted_book_leaves_its_members(client, book_ids):
    body = {**ADA, "book_ids": book_ids}
    member = client.post("/members", json=body).json()
    client.delete(f"/books/{book_ids[0]}")
    left = client.get(f"/members/{member['id']}").json()
    assert left == {**member, "book_ids": book_ids[1:]}


def test_every_member_has_books_of_its_own(client, book_ids):
    links = [book_ids[:1], book_ids, book_ids[1:]]
    members = [
        client.post("/members", json={**ADA, "book_ids": ids}).json()
        for ids in links
    ]
    assert [one["book_ids"] for one in members] == links
    client.put(f"/members/{members[1]['id']}", json=ADA)
    left = client.get("/members").json()
    assert [one["book_ids"] for one in left] == [links[0], [], links[2]]


def test_missing_member_gets_no_books(client, book_ids):
    body = {**ADA, "book_ids": book_ids}
    assert client.put("/members/1", json=body).status_code == 404


def test_a_member_with_books_can_be_deleted(client, book_ids):
    body = {**ADA, "book_ids": book_ids}
    member = client.post("/members", json=body).json()
    assert client.delete(f"/members/{member['id']}").status_code == 204
    assert len(client.get("/books").json()) == len(book_ids)
