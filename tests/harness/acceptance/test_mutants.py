"""Routes broken on purpose: each mutant acts on the exchange that it should, and on no other."""

import json
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from flagbench.acceptance.mutants import (
    ANSWERS,
    MUTANTS,
    WORK,
    Exchange,
    MutatedRoutes,
    acting_on,
)
from flagbench.acceptance.sandbox.http_exchange import HttpRequest, HttpResponse

ROW = {"id": 7, "label": "x"}


def exchange(method: str, place: str, status: int, body: Any = None) -> Exchange:
    """An exchange with the collection or a row."""
    sent = b"" if body is None else json.dumps(body).encode()
    return Exchange(method, place == "collection", status, sent)


EXCHANGES = {
    "create": exchange("POST", "collection", 201, ROW),
    "create, refused": exchange("POST", "collection", 422, {"detail": []}),
    "create, broken": exchange("POST", "collection", 500),
    "list": exchange("GET", "collection", 200, [ROW]),
    "read": exchange("GET", "row", 200, ROW),
    "read, missing": exchange("GET", "row", 404, {"detail": "no"}),
    "update": exchange("PUT", "row", 200, ROW),
    "update, missing": exchange("PUT", "row", 404, {"detail": "no"}),
    "update, refused": exchange("PUT", "row", 422, {"detail": []}),
    "delete": exchange("DELETE", "row", 204),
    "delete, missing": exchange("DELETE", "row", 404, {"detail": "no"}),
    "patch": exchange("PATCH", "row", 200, ROW),
    "options": exchange("OPTIONS", "collection", 405, {"detail": "no"}),
}
ACTING = {
    "create": {"a created row answers 200", "a created row lacks its id"},
    "create, refused": {"an invalid body is accepted"},
    "list": {"the list is empty"},
    "read": {"an existing row is not found"},
    "read, missing": {"a missing row is found"},
    "update": {"an update changes nothing"},
    "update, missing": {"an update changes nothing", "a missing row is found"},
    "update, refused": {"an update changes nothing", "an invalid body is accepted"},
    "delete": {"a delete deletes nothing"},
    "delete, missing": {"a delete deletes nothing", "a missing row is found"},
}


@pytest.mark.parametrize("name", EXCHANGES)
def test_a_mutant_acts_on_its_own_exchanges(name: str) -> None:
    """And on no other."""
    assert set(acting_on(EXCHANGES[name])) == ACTING.get(name, set())


def test_every_mutant_acts_on_something() -> None:
    """There are eight, each with a name of its own."""
    assert set().union(*ACTING.values()) == set(MUTANTS)
    assert len(set(MUTANTS)) == len(MUTANTS) == 8


@pytest.mark.parametrize(
    "body",
    [b"", b"not json", b"[]", b"[1]", b"null", b"1", b'"id"', b'{"label": "x"}', b"\xff\xfe",
     b"[" * 100],
)  # fmt: skip
def test_what_is_created_without_an_id_is_left_as_it_is(body: bytes) -> None:
    """What a deeper address creates may have any body, or none."""
    one = Exchange("POST", False, 201, body)
    assert ANSWERS["a created row lacks its id"](one) is one


def test_each_answer_is_wrong_in_one_thing() -> None:
    """What the mutants make of an exchange."""

    def made(mutant: str, name: str) -> Exchange:
        return ANSWERS[mutant](EXCHANGES[name])

    create, read = EXCHANGES["create"], EXCHANGES["read"]
    assert made("a created row answers 200", "create") == replace(create, status=200)
    lacks = made("a created row lacks its id", "create")
    assert (lacks.status, json.loads(lacks.body)) == (201, {"label": "x"})
    assert made("the list is empty", "list") == replace(EXCHANGES["list"], body=b"[]")
    gone = made("an existing row is not found", "read")
    assert (gone.status, gone.method) == (404, read.method)
    found = made("a missing row is found", "read, missing")
    assert (found.status, found.body) == (200, b"{}")
    accepted = made("an invalid body is accepted", "create, refused")
    assert (accepted.status, json.loads(accepted.body)) == (201, {"id": 1})
    assert made("an invalid body is accepted", "update, refused").status == 200


def test_an_empty_list_is_empty_either_way() -> None:
    """The mutant does not act on it: no test could notice."""
    assert set(acting_on(exchange("GET", "collection", 200, []))) == set()


@dataclass
class Rows:
    """An application with a collection, which remembers what it did."""

    did: list[tuple[str, str]] = field(default_factory=list)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer as an API does."""
        self.did.append((request.method, request.target))
        status = {"POST": 201, "DELETE": 204}.get(request.method, 200)
        if request.target.endswith("9"):
            status = 404
        body = b"" if status == 204 else json.dumps(ROW).encode()
        return HttpResponse(status, HEADERS, body)


HEADERS = [(b"content-type", b"application/json"), (b"x-kept", b"yes")]


def asked(mutant: str, method: str, path: str) -> tuple[HttpResponse, Rows, set[str]]:
    """The answer, what the application did, and the mutants that act."""
    rows = Rows()
    routes = MutatedRoutes(rows, "/tags")
    routes.begin(mutant)
    return routes(HttpRequest(method, path)), rows, routes.acting


def test_without_a_mutant_the_answer_is_the_same() -> None:
    """Status, headers, body; it is known what would have acted, until the next run begins."""
    routes = MutatedRoutes(Rows(), "/tags")
    answer = routes(HttpRequest("POST", "/tags"))
    assert (answer.status, answer.headers, json.loads(answer.body)) == (201, HEADERS, ROW)
    assert routes.acting == ACTING["create"]
    routes(HttpRequest("GET", "/tags/7"))
    assert routes.acting == ACTING["create"] | ACTING["read"]
    routes.begin("")
    assert routes.acting == set()


@pytest.mark.parametrize("mutant", ["", *MUTANTS])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/other"), ("GET", "/tagss"), ("PUT", "/other/tags"), ("DELETE", "/tag"),
     ("POST", "/")],
)  # fmt: skip
def test_other_addresses_are_left_alone(mutant: str, method: str, path: str) -> None:
    """Also one that begins with the same letters."""
    answer, rows, acting = asked(mutant, method, path)
    assert answer == Rows()(HttpRequest(method, path))
    assert rows.did == [(method, path)]
    assert acting == set()


@pytest.mark.parametrize("path", ["/tags", "/tags/", "/tags?name=x"])
def test_the_collection_may_have_a_slash_or_a_query_behind_it(path: str) -> None:
    """All are the list."""
    answer, _, _ = asked("the list is empty", "GET", path)
    assert (answer.status, answer.body) == (200, b"[]")
    assert dict(answer.headers)[b"content-type"] == b"application/json"
    assert dict(answer.headers)[b"x-kept"] == b"yes"


@pytest.mark.parametrize(
    ("mutant", "method", "status", "body"),
    [("an update changes nothing", "PUT", 200, ROW),
     ("a delete deletes nothing", "DELETE", 204, None)],
)  # fmt: skip
def test_work_that_is_not_done_looks_done(mutant: str, method: str, status: int, body: Any) -> None:
    """The row is read in its place; the answer has the right status and no body too many."""
    answer, rows, _ = asked(mutant, method, "/tags/7")
    assert rows.did == [(WORK[mutant][1], "/tags/7")]
    assert answer.status == status
    assert answer.body == (b"" if body is None else json.dumps(body).encode())
    assert (b"content-type" in dict(answer.headers)) is bool(answer.body)


@pytest.mark.parametrize("mutant", WORK)
def test_work_on_a_missing_row_is_still_missing(mutant: str) -> None:
    """That is another mutant's."""
    assert asked(mutant, WORK[mutant][0], "/tags/9")[0].status == 404


@pytest.mark.parametrize("mutant", WORK)
def test_a_mutant_of_the_work_leaves_other_methods_alone(mutant: str) -> None:
    """They are carried out."""
    for method in {"GET", "POST", "PUT", "DELETE"} - {WORK[mutant][0]}:
        assert asked(mutant, method, "/tags/7")[1].did == [(method, "/tags/7")]
