"""Routes asked with expectations: what is told of another answer."""

from typing import Any

import pytest
from scripted_child import ScriptedChild, probe_client

from flagbench.acceptance.crud.rest_client import Routes, has_values, same
from flagbench.acceptance.proof import Refuted
from flagbench.acceptance.selection import ALL, Selection
from flagbench.scenario.specification import Entity

TAG = Entity.model_validate(
    {"entity": "Tag", "attributes": {"label": "string", "note": "optional text"}}
)


def routes(status: int, body: Any, raised: str = "") -> tuple[Routes, ScriptedChild]:
    """Routes that always answer this, and their child."""
    answer = {"status": status, "body": body, "raised": raised}
    child = ScriptedChild(request=lambda **_: answer)
    return Routes(TAG, probe_client(child), {"owner_id": 2}, ALL), child


def test_a_body_has_its_links_and_changes() -> None:
    """The changes come last."""
    api, _ = routes(200, None)
    assert set(api.body(1)) == {"label", "note", "owner_id"}
    assert set(api.body(1, optional=False)) == {"label", "owner_id"}
    assert api.body(1, owner_id=None, label="x") == {**api.body(1), "owner_id": None, "label": "x"}


def test_a_right_answer_is_given_back() -> None:
    """What was asked is the collection, or a row of it."""
    api, child = routes(201, {"id": 1, "label": "x", "more": True})
    assert (
        api.expect("create", "POST", "/tags/1", "create", {"label": "x"}, body={"label": "x"})["id"]
        == 1
    )
    assert child.asked == [
        {"do": "request", "method": "POST", "path": "/tags/1", "json": {"label": "x"}}
    ]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((500, None, "KeyError: 'x'"),
         "POST /tags, to try answers 500 (KeyError: 'x'); expected: 200; sent: {'a': 1}"),
        ((404, {"label": "x"}), "POST /tags, to try answers 404; expected: 200"),
        ((200, None), "POST /tags, to try answers None; expected: an object"),
        ((200, [{"label": "x"}]), "expected: an object"),
        ((200, "<html>"), "answers '<html>'; expected: an object"),
        ((200, {}), "POST /tags, to try: label is 'nothing'; expected: 'x'"),
        ((200, {"label": None}), "label is None; expected: 'x'"),
        ((200, {"label": ["x"]}), "label is ['x']; expected: 'x'"),
    ],
)  # fmt: skip
def test_another_answer_is_refuted(answer: tuple[Any, ...], told: str) -> None:
    """With what was asked, why, and what would be right."""
    api, _ = routes(*answer)
    with pytest.raises(Refuted) as refuted:
        api.expect(
            "update", "POST", "/tags", "update", {"label": "x"}, body={"a": 1}, because=", to try"
        )
    assert refuted.value.check == "update"
    assert told in refuted.value.message


def test_statuses_and_addresses_are_as_specified() -> None:
    """One status or several; the address of a row follows from that of the collection."""
    tag = Entity.model_validate(
        {**TAG.model_dump(), "address": "/api/tags/", "statuses": {"create": 200, "delete": [200]}}
    )
    child = ScriptedChild(request=lambda **_: {"status": 200, "body": {}, "raised": ""})
    api = Routes(tag, probe_client(child), {}, ALL)
    api.expect("create", "POST", api.address, "create", {})
    api.expect("delete", "DELETE", api.row(3), "delete")
    assert [asked["path"] for asked in child.asked] == ["/api/tags/", "/api/tags/3"]
    with pytest.raises(Refuted, match="answers 200; expected: 409 or 422"):
        api.expect("rules", "POST", api.address, "taken")
    further = tag.model_copy(update={"row_address": "/api/tag/{id}/"})
    assert further.address_of(3) == "/api/tag/3/"


def test_a_check_that_is_not_selected_refutes_nothing() -> None:
    """The answer is used all the same."""
    child = ScriptedChild(request=lambda **_: {"status": 200, "body": {"id": 1}, "raised": ""})
    api = Routes(TAG, probe_client(child), {}, Selection(frozenset(("list",))))
    assert api.expect("create", "POST", api.address, "create", {"label": "x"}) == {"id": 1}
    with pytest.raises(Refuted):
        api.expect("list", "POST", api.address, "create")


def test_where_nothing_is_held_any_body_does() -> None:
    """A delete answers no object."""
    api, _ = routes(204, None)
    assert api.expect("delete", "DELETE", "/tags/1", "delete") is None


@pytest.mark.parametrize(
    ("found", "wanted", "is_same"),
    [(1, 1, True), (1.0, 1, True), (True, 1, False), (0, False, False), (False, False, True),
     ("1", 1, False), (None, 0, False), ([1], [1], True)],
)  # fmt: skip
def test_true_is_not_one(found: Any, wanted: Any, is_same: bool) -> None:
    """Python says that it is; JSON does not."""
    assert same(found, wanted) is is_same
    assert has_values({"x": found}, {"x": wanted}) is is_same


def test_only_an_object_holds_values() -> None:
    """A missing key is not one whose value is null."""
    assert has_values({"x": None, "y": 1}, {"x": None})
    assert not has_values({"y": 1}, {"x": None})
    assert not has_values([("x", None)], {"x": None})
    assert not has_values("x", {})
    assert has_values({}, {})
