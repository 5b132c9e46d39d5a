"""The judge of routes, before an API in memory that is right, or wrong in one thing."""

from collections.abc import Callable
from typing import Any

import pytest
from scripted_child import Api, probe_client

from flagbench.acceptance.crud import fastapi_routes
from flagbench.acceptance.crud.rest_client import MISSING_ID
from flagbench.acceptance.proof import Case, Refuted
from flagbench.acceptance.sandbox.sandbox import Raised
from flagbench.acceptance.selection import ALL
from flagbench.scenario.specification import TYPES, Entity

LOAN = Entity.model_validate(
    {
        "entity": "Loan",
        "attributes": {"title": "string", "days": "integer", "note": "optional text"},
        "unique": ["title"],
        "rules": [
            {"rule": "a loan lasts at most 14 days", "refused": {"days": 15},
             "accepted": {"days": 14}},
        ],
    }
)  # fmt: skip
Right = tuple[int, Any]
Mend = Callable[[str, str, Any, Right], Right]


def short(body: dict[str, Any]) -> bool:
    """The rule of loans."""
    return bool(body["days"] <= 14)


def told(api: Api) -> str:
    """The check that fails, with its message; empty if none does."""
    case = Case("fastapi-routes", "app/routes/x.py", api.entity, (), None, {})
    try:
        fastapi_routes.judge(case, probe_client(api), {}, ALL)
    except Refuted as refuted:
        return f"{refuted.check}: {refuted.message}"
    return ""


def loans(mend: Mend | None = None, **scripts: Callable[..., Any]) -> Api:
    """The API of loans, with its answers mended."""
    return Api(LOAN, keeps_rules=short, mend=mend, **scripts)


def test_a_right_api_is_accepted() -> None:
    """It was booted twice, which is a restart."""
    api = loans()
    assert told(api) == ""
    assert api.boots == 2


def test_a_right_api_of_every_type_is_accepted() -> None:
    """Required and optional."""
    attributes = {name: name for name in TYPES} | {
        f"{name}_b": f"optional {name}" for name in TYPES
    }
    assert told(Api(Entity.model_validate({"entity": "Thing", "attributes": attributes}))) == ""


def on(method: str, *, row: bool, status: int | None = None) -> Callable[..., bool]:
    """Tells the exchanges of a method on a row or on the collection."""

    def is_it(asked: str, path: str, right: Right) -> bool:
        same = asked == method and (path != LOAN.collection_address) is row
        return same and status in (None, right[0])

    return is_it


def mending(is_it: Callable[..., bool], change: Callable[[Right], Right]) -> Mend:
    """An API that answers otherwise on some exchanges."""

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        return change(right) if is_it(method, path, right) else right

    return mend


def but(**values: Any) -> Callable[[Right], Right]:
    """The same answer with other values in its object."""
    return lambda right: (right[0], {**right[1], **values})


def status(code: int, body: Any = None) -> Callable[[Right], Right]:
    """Another answer."""
    return lambda right: (code, right[1] if body is None else body)


def without(name: str) -> Callable[[Right], Right]:
    """The same answer without one key."""
    return lambda right: (right[0], {key: right[1][key] for key in right[1] if key != name})


WRONG: dict[str, tuple[Mend, str]] = {
    "created is 200": (mending(on("POST", row=False, status=201), status(200)),
                       "create: POST /loans answers 200; expected: 201"),
    "no id": (mending(on("POST", row=False, status=201), without("id")),
              "create: POST /loans answers without an id"),
    "the id is a text": (mending(on("POST", row=False, status=201), but(id="1")),
                         "create: POST /loans answers without an id"),
    "an attribute is lost": (mending(on("POST", row=False, status=201), without("days")),
                             "create: POST /loans: days is 'nothing'"),
    "an attribute is a text": (mending(on("POST", row=False, status=201), but(days="3")),
                               "create: POST /loans: days is '3'"),
    "created is no object": (mending(on("POST", row=False, status=201), status(201, [1])),
                             "create: POST /loans answers [1]; expected: an object"),
    "the list is empty": (mending(on("GET", row=False), status(200, [])),
                          "list: GET /loans does not list {"),
    "the list is an object": (mending(on("GET", row=False), status(200, {"items": []})),
                              "list: the list is \"{'items': []}\""),
    "the list is of ids": (mending(on("GET", row=False), status(200, [1, 2])),
                           "list: the list is '[1, 2]'"),
    "the list has unhashable ids": (mending(on("GET", row=False), status(200, [{"id": []}])),
                                    "list: GET /loans does not list {"),
    "the list has the first alone": (
        mending(on("GET", row=False), lambda right: (200, right[1][:1])), "list: GET /loans does"),
    "the list is long": (
        mending(on("GET", row=False), status(200, "x" * 5_000_000)), "list: the list is 'xxx"),
    "a row is not found": (mending(on("GET", row=True, status=200), status(404)),
                           "read: GET /loans/1 answers 404; expected: 200"),
    "another row is read": (mending(on("GET", row=True, status=200), but(title="Other")),
                            "read: GET /loans/1: title is 'Other'"),
    "an update lacks its id": (mending(on("PUT", row=True, status=200), without("id")),
                               "update: PUT /loans/2: id is 'nothing'"),
    "an update is 204": (mending(on("PUT", row=True, status=200), status(204)),
                         "update: PUT /loans/2 answers 204; expected: 200"),
    "a delete is 200": (mending(on("DELETE", row=True, status=204), status(200)),
                        "delete: DELETE /loans/3 answers 200; expected: 204"),
    "a missing row is found": (mending(on("GET", row=True, status=404), status(200, {})),
                               "delete: GET /loans/3 answers 200; expected: 404"),
    "a missing update is found": (mending(on("PUT", row=True, status=404), status(200, {})),
                                  f"missing: PUT /loans/{MISSING_ID} answers 200"),
    "a missing delete is done": (mending(on("DELETE", row=True, status=404), status(204)),
                                 f"missing: DELETE /loans/{MISSING_ID} answers 204"),
    "a refusal is 400": (mending(on("POST", row=False, status=422), status(400)),
                         "required: POST /loans without title answers 400; expected: 422"),
}  # fmt: skip


@pytest.mark.parametrize(("mend", "words"), WRONG.values(), ids=WRONG)
def test_an_api_that_answers_otherwise_is_refuted(mend: Mend, words: str) -> None:
    """By the check of that route, with what would be right."""
    assert told(loans(mend)).startswith(words)


class Careless(Api):
    """An API of loans that works otherwise than it should."""

    def __init__(self, fault: str) -> None:
        super().__init__(LOAN, keeps_rules=short)
        self._fault = fault

    def boot(self) -> None:
        """Forgets its rows, if that is the fault."""
        if self._fault == "forgets":
            self.rows.clear()
        if self._fault == "forgets changes" and self.boots:
            self.rows[2] = {**self.rows[2], "days": 1}
        super().boot()

    def _answer(self, method: str, path: str, body: Any) -> Right:
        right = super()._answer(method, path, body)
        if method == "PUT" and right[0] == 200:
            if self._fault == "changes nothing":
                self.rows[2] = {**self.rows[2], "days": 1}
            if self._fault == "changes every row":
                self.rows = {key: {**right[1], "id": key} for key in self.rows}
        if method == "PUT" and right[0] == 422 and self._fault == "changes what it refuses":
            self.rows[1] = {**self.rows[1], "days": 1}
        if method == "DELETE" and right[0] == 204 and self._fault == "hides":
            self.rows[0] = {"id": int(path.rpartition("/")[2])}
        if method == "DELETE" and right[0] == 204 and self._fault == "deletes every row":
            self.rows.clear()
        if method == "DELETE" and right[0] == 204 and self._fault == "deletes the last row":
            self.rows.popitem()
        return right

    def _is_valid(self, body: dict[str, Any], number: int) -> bool:
        is_valid = super()._is_valid(body, number)
        title, is_wrong = body.get("title", 1), isinstance(body.get("title"), dict)
        is_change = number in self.rows
        if self._fault == "takes a taken title" or (
            is_change and self._fault == "changes to a taken title"
        ):
            taken = self.entity
            self.entity = taken.model_copy(update={"unique": []})
            is_valid = super()._is_valid(body, number)
            self.entity = taken
        others = [row["title"] for row in self.rows.values()]
        refused = {
            "demands all": body.get("note") is None,
            "demands all of a change": is_change and body.get("note", 1) is None,
            "refuses its own title": is_change and body.get("title") in others,
            "refuses long loans": body.get("days") == 14,
        }
        taken_too = {
            "takes too long loans": body.get("days") == 15,
            "takes no title": "title" not in body,
            "takes no title for null": title is None,
            "takes a wrong title": is_wrong,
            "takes parts of days": body.get("days") == 1.5,
            "changes to no title": is_change and "title" not in body,
            "changes to a wrong title": is_change and is_wrong,
            "changes to too long loans": is_change and body.get("days") == 15,
        }
        is_refused = refused.get(self._fault, False)
        return (is_valid and not is_refused) or taken_too.get(self._fault, False)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("none", ""),
        ("forgets", "survives-restart: GET /loans/1 answers 404"),
        ("changes nothing", "update: GET /loans/2: days is 1"),
        ("changes every row", "update: GET /loans/1 (another row): title is"),
        ("forgets changes", "survives-restart: GET /loans/2: days is 1"),
        ("takes parts of days", "wrong-type: POST /loans answers 201; expected: 422"),
        ("changes to a taken title", "rules: PUT /loans/7 with a title that is taken answers 200"),
        ("refuses its own title", "required: PUT /loans/4 answers 422; expected: 200"),
        ("demands all of a change", "required: PUT /loans/4 answers 422; expected: 200"),
        ("hides", "delete: row 3 was deleted and is still in the list"),
        ("deletes every row", "delete: after row 3 was deleted, GET /loans does not list {'title'"),
        ("deletes the last row", "delete: after row 3 was deleted, GET /loans does not list"),
        ("takes no title", "required: POST /loans without title answers 201"),
        ("takes a wrong title", "wrong-type: POST /loans answers 201; expected: 422"),
        ("takes no title for null", "required: POST /loans with title null answers 201"),
        ("changes to no title", "required: PUT /loans/1 without title answers 200; expected:"),
        ("changes to a wrong title", "wrong-type: PUT /loans/1 answers 200; expected: 422"),
        ("changes what it refuses", "required: GET /loans/1 (every change refused): days is 1"),
        ("changes to too long loans",
         "rules: PUT /loans/1 against the rule that a loan lasts at most 14 days answers 200"),
        ("demands all", "required: POST /loans answers 422; expected: 201"),
        ("takes too long loans",
         "rules: POST /loans against the rule that a loan lasts at most 14 days answers 201"),
        ("refuses long loans",
         "rules: POST /loans, which keeps the rule that a loan lasts at most 14 days answers 422"),
        ("takes a taken title",
         "rules: POST /loans with a title that is taken answers 201; expected: 409 or 422"),
    ],
)  # fmt: skip
def test_an_api_that_works_otherwise_is_refuted(fault: str, words: str) -> None:
    """What it answered is not believed: it is asked for what it holds."""
    found = told(Careless(fault))
    assert found.startswith(words)
    assert bool(found) is bool(words)


def test_two_rows_may_have_the_same_values() -> None:
    """Unless the specification says that they are unique: nobody asked for a refusal."""

    class Strict(Api):
        def _is_valid(self, body: dict[str, Any], number: int) -> bool:
            taken = [row["title"] for key, row in self.rows.items() if key != number]
            return super()._is_valid(body, number) and body["title"] not in taken

    book = Entity.model_validate({"entity": "Loan", "attributes": {"title": "string"}})
    assert told(Strict(book)).startswith("create: POST /loans answers 422; expected: 201")
    assert told(Strict(book.model_copy(update={"unique": ["title"]}))) == ""


@pytest.mark.parametrize(
    ("answer", "words"),
    [((201, MISSING_ID), "create: POST /loans with an id in its body takes it for the row's; exp"),
     ((500, 1), "create: POST /loans with an id in its body answers 500; expected: 201 or 422"),
     ((422, None), "")],
)  # fmt: skip
def test_an_id_is_that_of_the_database(answer: tuple[int, Any], words: str) -> None:
    """One in a body is ignored or refused."""

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        if method == "POST" and "id" in body:
            status, number = answer
            del api.rows[right[1]["id"]]
            return status, {"id": number} if number else {"detail": "no"}
        return right

    api = loans(mend)
    found = told(api)
    assert found.startswith(words)
    assert bool(found) is bool(words)


class Stored(Api):
    """An API of loans that keeps its rows in the table, too, and lists those of a query."""

    def __init__(self, listed: str, entity: Entity = LOAN) -> None:
        super().__init__(entity, keeps_rules=short)
        self._listed = listed

    def _answer(self, method: str, path: str, body: Any) -> Right:
        right = super()._answer(method, path, body)
        if method in ("POST", "PUT") and right[0] in (200, 201):
            self.query("INSERT OR REPLACE INTO loans VALUES (?, ?, ?, ?)", list(right[1].values()))
        if method == "DELETE" and right[0] == 204:
            self.query("DELETE FROM loans WHERE id = ?", [int(path.rpartition("/")[2])])
        return (
            (200, self.query(self._listed)) if right == (200, list(self.rows.values())) else right
        )


@pytest.mark.parametrize(
    ("listed", "words"),
    [
        ("SELECT * FROM loans ORDER BY id", ""),
        ("SELECT * FROM loans ORDER BY id LIMIT 10", "list: GET /loans lists 10 of 104 rows; exp"),
        ("SELECT * FROM loans ORDER BY id LIMIT 100", "list: GET /loans lists 100 of 104 rows"),
        ("SELECT * FROM loans ORDER BY title", "list: GET /loans lists the ids ["),
        ("SELECT * FROM loans ORDER BY id DESC", "list: GET /loans lists the ids [105, 104"),
        ("SELECT * FROM loans WHERE id > 1", "list: GET /loans does not list {"),
    ],
)
@pytest.mark.parametrize("unique", [["title"], ["days"], []], ids=str)
def test_a_list_has_all_rows_in_their_order(listed: str, words: str, unique: list[str]) -> None:
    """However many there are, and whatever their values are; the copies are gone after it."""
    api = Stored(listed, LOAN.model_copy(update={"unique": unique}))
    found = told(api)
    assert found.startswith(words)
    assert bool(found) is bool(words)
    if not words:
        assert len(api.query("SELECT * FROM loans")) < 10


def test_a_form_that_an_example_has_is_not_made_up() -> None:
    """An API may refuse to read what is not of that form."""
    titles = [f"978-{number}" for number in range(9)]
    loan = LOAN.model_copy(update={"examples": {"title": titles}})
    api = Stored("SELECT * FROM loans LIMIT 10", loan)
    assert told(api) == ""


def test_a_taken_value_may_be_a_conflict() -> None:
    """409 is as right as 422."""

    def mend(method: str, path: str, body: Any, right: Right) -> Right:
        is_taken = method == "POST" and right[0] == 422 and short_and_whole(body)
        return (409, None) if is_taken else right

    def short_and_whole(body: dict[str, Any]) -> bool:
        is_text = all(isinstance(body.get(name), str) for name in ("title", "note"))
        return is_text and body.get("days") in range(15)

    assert told(loans(mend)) == ""


def test_an_application_that_does_not_start_is_refuted() -> None:
    """At its first start, and at a restart."""
    boots = []

    def boot(after: int) -> Callable[[], None]:
        def start() -> None:
            boots.append(1)
            if len(boots) > after:
                raise Raised("SyntaxError", "invalid syntax")

        return start

    message = "the application does not start: SyntaxError: invalid syntax"
    assert told(loans(boot=boot(0))) == f"boots: {message}"
    boots.clear()
    assert told(loans(boot=boot(1))) == f"survives-restart: {message}"


def test_what_an_application_lets_out_is_told() -> None:
    """The exception stands in the message."""
    answer = {"status": 500, "body": None, "raised": "OperationalError: no such table: loans"}
    words = "create: POST /loans answers 500 (OperationalError: no such table: loans)"
    assert told(loans(request=lambda **_: answer)).startswith(words)
