"""Relations over REST, before an API in memory that is right, or wrong in one thing."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from scripted_child import Api, probe_client

from flagbench.acceptance.crud import fastapi_routes
from flagbench.acceptance.crud import relations as links
from flagbench.acceptance.crud.rest_client import MISSING_ID
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import ALL
from flagbench.scenario.specification import Entity, closure

Right = tuple[int, Any]


def entity(name: str, **relations: dict[str, Any]) -> Entity:
    """An entity with a label and relations."""
    return Entity.model_validate(
        {"entity": name, "attributes": {"label": "string"}, "relations": relations}
    )


def to(target: str, kind: str = "many_to_one", *, required: bool = False) -> dict[str, Any]:
    """A relation."""
    return {"kind": kind, "target": target, "required": required}


CITY, TAG = entity("City"), entity("BookTag")
HOUSE = entity("House", city=to("City", required=True))
BOOK = entity(
    "Book",
    house=to("House", required=True),
    sequel=to("Book"),
    tags=to("BookTag", "many_to_many"),
    lines={"kind": "one_to_many", "attributes": {"text": "string", "number": "optional integer"}},
)
KNOWN = {one.entity: one for one in (CITY, TAG, HOUSE, BOOK)}
CASE = Case("fastapi-routes", "app/routes/book.py", BOOK, closure(BOOK, KNOWN), None, {})
# The tables in an order in which each points at those before it.
RELATED = (CITY, HOUSE, TAG)


def told(api: Api) -> str:
    """The check that fails, with its message; empty if none does."""
    try:
        fastapi_routes.judge(CASE, probe_client(api), {}, ALL)
    except Refuted as refuted:
        return f"{refuted.check}: {refuted.message}"
    return ""


def books(mend: Callable[..., Right] | None = None, **scripts: Any) -> Api:
    """The API of books, with its answers mended."""
    return Api(BOOK, RELATED, mend=mend, **scripts)


def test_a_right_api_is_accepted() -> None:
    """Every kind of relation, one to itself, and one to what needs another one in its turn."""
    assert told(books()) == ""


def test_values_that_must_differ_do_not_meet() -> None:
    """No request of the relations repeats a unique value of a row that is there."""
    book = BOOK.model_copy(update={"unique": ["label"], "attributes": {
        "label": "string", "note": "optional string"}})  # fmt: skip
    conflicts = []

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        taken = [row["label"] for row in api.rows.values() if path != f"/books/{row['id']}"]
        if right[0] == 422 and body.get("label") in taken:
            conflicts.append(body)
            return 409, None
        return right

    api = Api(book, RELATED, mend=mend)
    case = replace(CASE, entity=book)
    fastapi_routes.judge(case, probe_client(api), {}, ALL)
    assert len(conflicts) == 2  # those of the rule itself


def test_an_entity_with_rows_to_point_at() -> None:
    """Two each, made in the order in which they need each other; the second row's id is told."""
    api = books()
    api.boot()
    assert links.target_rows(CASE, probe_client(api)) == {"City": 2, "House": 2, "BookTag": 2}
    assert api.query("SELECT city_id FROM houses ORDER BY id") == [{"city_id": 2}, {"city_id": 2}]
    assert links.required_relations(BOOK, {"House": 2, "BookTag": 2}) == {"house_id": 2}


def on_books(change: Callable[[str, Any, Any], Right | None]) -> Callable[..., Right]:
    """An API that answers otherwise where `change` says so."""

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        return change(method, body, right) or right

    return mend


def answering(method: str, **changed: Callable[[Any], Any]) -> Callable[..., Right]:
    """An API that answers otherwise to a method, in a list too."""

    def changing(row: dict[str, Any]) -> dict[str, Any]:
        return {**row, **{name: new(row[name]) for name, new in changed.items()}}

    def change(asked: str, body: Any, right: Right) -> Right | None:
        status, found = right
        if asked != method or status not in (200, 201):
            return None
        is_list = isinstance(found, list)
        if method == "GET" and not is_list:
            return None
        return status, [changing(row) for row in found] if is_list else changing(found)

    return on_books(change)


def reading(**changed: Callable[[Any], Any]) -> Callable[..., Right]:
    """An API that reads some fields otherwise."""

    def change(method: str, body: Any, right: Right) -> Right | None:
        if method != "GET" or right[0] != 200 or not isinstance(right[1], dict):
            return None
        found = right[1]
        others = {name: new(found[name]) for name, new in changed.items() if name in found}
        return 200, {**found, **others}

    return on_books(change)


def lenient(field: str, value: Any, asked: str = "POST") -> Callable[..., Right]:
    """An API that takes a link to nothing."""

    def change(method: str, body: Any, right: Right) -> Right | None:
        is_it = method == asked and right[0] == 422 and body.get(field) == value
        return (201 if asked == "POST" else 200, {"id": 1}) if is_it else None

    return on_books(change)


@pytest.mark.parametrize(
    ("mend", "words"),
    [
        (reading(sequel_id=lambda _: 1), "sequel_id is 1; expected: 2"),
        (reading(book_tag_ids=lambda _: []), "book_tag_ids is []; expected: [1, 2]"),
        (reading(book_tag_ids=lambda ids: ids[:1]), "book_tag_ids is [1]; expected: [1, 2]"),
        (reading(book_tag_ids=lambda ids: ids * 2), "expected: [1, 2]"),
        (reading(book_tag_ids=lambda _: "12"), "book_tag_ids is '12'"),
        (reading(book_tag_ids=lambda ids: [{"id": one} for one in ids]), "[{'id': 1}, {'id': 2}]"),
        (reading(lines=lambda _: []), "lines is []; expected: [{'text'"),
        (reading(lines=lambda rows: rows[::-1]), "lines is [{'text': 'Text 6101"),
        (reading(lines=lambda rows: sorted(rows, key=str)), "lines is [{'text': 'Text 6101"),
        (reading(lines=lambda rows: [{**one, "number": None} for one in rows]), "'number': None"),
        (reading(lines=lambda rows: [None for _ in rows]), "lines is [None, None]"),
        (answering("GET", lines=lambda _: []), "GET /books: lines is []; expected: [{'text'"),
        (answering("POST", lines=lambda _: []), "POST /books: lines is []; expected: [{'text'"),
        (answering("PUT", sequel_id=lambda _: 5), "sequel_id is 5; expected: None"),
        (lenient("house_id", MISSING_ID), "POST /books answers 201; expected: 422"),
        (lenient("house_id", MISSING_ID, "PUT"), "PUT /books/4 answers 200; expected: 422"),
        (lenient("house_id", "not an id"), "POST /books answers 201; expected: 422"),
        (lenient("book_tag_ids", [MISSING_ID], "PUT"), "answers 200; expected: 422"),
        (lenient("lines", [{"text": {"not": "a text"}, "number": 4}]), "answers 201; expected:"),
        (lenient("lines", [{"number": 4}]), "POST /books answers 201; expected: 422"),
        (lenient("sequel_id", MISSING_ID), "POST /books answers 201; expected: 422"),
        (lenient("book_tag_ids", [MISSING_ID]), "POST /books answers 201; expected: 422"),
    ],
)  # fmt: skip
def test_a_relation_that_is_wrong_is_refuted(mend: Callable[..., Right], words: str) -> None:
    """Lost, of another type, in part, twice, in another order, or to nothing."""
    found = told(books(mend))
    assert found.startswith("relations: ")
    assert words in found


def named_twice(status: int, kept: list[int]) -> Callable[..., Right]:
    """An API that answers this where an id is named twice, and then has these links."""
    linked: list[int] = []

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        if method == "PUT":
            linked[:] = kept if body.get("book_tag_ids") == [1, 1] else []
            return (status, None) if linked else right
        if method == "GET" and linked and isinstance(right[1], dict):
            return right[0], {**right[1], "book_tag_ids": list(linked)}
        return right

    return mend


@pytest.mark.parametrize(
    ("status", "kept", "words"),
    [
        (200, [1], ""),
        (422, [1, 2], ""),
        (500, [1, 2], "with an id twice in book_tag_ids answers 500; expected: 200 or 422"),
        (200, [1, 1], "an id twice in book_tag_ids: book_tag_ids is [1, 1]; expected: [1]"),
    ],
)
def test_an_id_that_is_named_twice_is_one_link(status: int, kept: list[int], words: str) -> None:
    """Or it is refused; it is neither two links nor an internal error."""
    found = told(books(named_twice(status, kept)))
    assert words in found
    assert bool(found) is bool(words)


@pytest.mark.parametrize("change", [lambda _: None, str, lambda one: one + 1])
def test_a_required_link_is_read_with_the_values(change: Callable[[Any], Any]) -> None:
    """Every body has it."""
    assert told(books(reading(house_id=change))).startswith("read: GET /books/1: house_id is ")


@pytest.mark.parametrize(
    "mend",
    [reading(book_tag_ids=lambda ids: ids[::-1]),
     reading(lines=lambda rows: [{"id": n, **one} for n, one in enumerate(rows)])],
    ids=["ids in another order", "children with ids"],
)  # fmt: skip
def test_what_the_contract_leaves_open_is_accepted(mend: Callable[..., Right]) -> None:
    """Ids are a set, and children may have more than was sent."""
    assert told(books(mend)) == ""


class Careless(Api):
    """An API of books that works otherwise than it should."""

    def __init__(self, fault: str) -> None:
        super().__init__(BOOK, RELATED)
        self._fault = fault

    def _answer(self, method: str, path: str, body: Any) -> Right:
        number = int(path.rpartition("/")[2]) if path.count("/") == 2 else 0
        before = self.rows.get(number, {})
        if method == "DELETE" and self._fault == "keeps" and before.get("lines"):
            return 500, None
        right = super()._answer(method, path, body)
        if method == "DELETE" and self._fault == "deletes all links":
            self.rows = {key: {**row, "book_tag_ids": []} for key, row in self.rows.items()}
        if method == "PUT" and right[0] == 200:
            if self._fault == "adds":
                old = before["book_tag_ids"]
                self.rows[number]["book_tag_ids"] = sorted({*old, *body.get("book_tag_ids", [])})
            if self._fault == "ignores":
                self.rows[number]["lines"] = before["lines"]
            if self._fault == "clears all" and not self.rows[number]["lines"]:
                self.rows = {key: {**row, "lines": []} for key, row in self.rows.items()}
            if self._fault == "no way back" and before["sequel_id"] is None:
                self.rows[number]["sequel_id"] = None
        return right


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("adds", "book_tag_ids is [1, 2]; expected: []"),
        ("ignores", "lines is [{'text': 'Text 6102"),
        ("clears all", "(another row): lines is []"),
        ("deletes all links", "(another row): book_tag_ids is []; expected: [1, 2]"),
        ("no way back", "sequel_id is None; expected: 2"),
        ("keeps", "(a row with relations) answers 500; expected: 204"),
    ],
)
def test_a_change_of_a_relation_is_read_again(fault: str, words: str) -> None:
    """It is cleared and set again, and its row deleted."""
    found = told(Careless(fault))
    assert found.startswith("relations: ")
    assert words in found


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Raised("OperationalError", "no such table: book_tags"),
         "boots: the table of BookTag rejects a valid row: "
         "OperationalError: no such table: book_tags"),
        ([{"id": None}], "boots: the rows of BookTag have id None; expected: an integer"),
        ([{"id": "1"}], "boots: the rows of BookTag have id '1'; expected: an integer"),
        ([], "boots: the rows of BookTag have id None; expected: an integer"),
        ([{"other": 1}], "boots: the rows of BookTag have id None; expected: an integer"),
    ],
)  # fmt: skip
def test_tables_to_point_at_that_take_no_rows_are_told(answer: Any, words: str) -> None:
    """Those of the scaffold around, which generated code may have broken."""

    def query(sql: str, values: list[Any]) -> Any:
        if isinstance(answer, Raised):
            raise answer
        return answer

    assert told(books(query=query)) == words


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_required_relation_may_not_be_left_out(method: str) -> None:
    """Neither of a new row nor of one that is there."""

    def takes_it(asked: str, body: Any, right: Right) -> Right | None:
        left_out = asked == method and right[0] == 422 and "house_id" not in body
        return (201 if method == "POST" else 200, {}) if left_out else None

    found = told(books(on_books(takes_it)))
    assert found.startswith(f"required: {method} /books")
    assert "without house_id answers 20" in found
