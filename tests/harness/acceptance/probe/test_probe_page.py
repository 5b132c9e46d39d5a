"""A Streamlit page, run by Streamlit against a generated API on loopback."""

from collections.abc import Callable
from typing import Any

import pytest

from flagbench.acceptance.probe import page
from flagbench.acceptance.sandbox.sandbox import Limits, Raised

MAIN = """
from fastapi import FastAPI

app = FastAPI()
things = []


@app.post("/things", status_code=201)
def create(body: dict):
    things.append(body)
    return body


@app.get("/things")
def listed():
    return things
"""
PAGE = """
import os

import requests
import streamlit as st

API = os.environ["API_URL"]
st.title("Things é")
with st.form("create"):
    body = {
        "name": st.text_input("Name *"),
        "note": st.text_area("Note"),
        "count": st.number_input("Count", value=0, step=1),
        "price": st.number_input("Price", value=0.0),
        "is_new": st.checkbox("Is new"),
        "is_on": st.toggle("Is on"),
        "day": str(st.date_input("Day", value=None, min_value="2000-01-01")),
        "hour": str(st.time_input("Hour", value=None)),
        "kind": st.selectbox("Kind", ["a", "b"]),
        "size": st.radio("Size", ["s", "m"]),
        "tags": st.multiselect("Tags", ["x", "y", "z"]),
    }
    is_sent = st.form_submit_button("Create Thing")
if is_sent and not body["name"]:
    st.error("A name is needed")
elif is_sent:
    requests.post(f"{API}/things", json=body, timeout=5)
if st.button("Break"):
    raise KeyError("label")
st.dataframe(requests.get(f"{API}/things", timeout=5).json())
"""
FILES = {"app/__init__.py": "", "app/main.py": MAIN}
VALUES = {
    "Name *": "Ada é", "Note": 7, "Count": 3, "Price": 2.5, "Is new": True, "Is on": True,
    "Day": "2011-02-03", "Hour": "2011-02-03T09:30:00", "Kind": "b", "Size": "m",
    "Tags": ["x", "z"],
}  # fmt: skip
Begin = Callable[..., Any]


def test_a_page_is_seen_filled_and_sent(begin: Begin) -> None:
    """Every widget takes a value as JSON has it; the API has what was entered."""
    with begin({**FILES, "app/pages/a b.py": PAGE}) as child:
        child.boot()
        seen = child.open("app/pages/a b.py")
        assert sorted(label for _, label in seen.inputs) == sorted(VALUES)
        assert {label: kind for kind, label in seen.inputs}["Note"] == "text_area"
        assert (seen.buttons, seen.errors, seen.raised) == (["Create Thing", "Break"], [], [])
        seen = child.submit(VALUES, "Create Thing")
        assert (seen.errors, seen.raised) == ([], [])
        (row,) = child.request("GET", "/things").body
        assert row == {
            "name": "Ada é", "note": "7", "count": 3, "price": 2.5, "is_new": True, "is_on": True,
            "day": "2011-02-03", "hour": "09:30:00", "kind": "b", "size": "m", "tags": ["x", "z"],
        }  # fmt: skip


def test_errors_and_exceptions_are_seen(begin: Begin) -> None:
    """An error that the page shows, and an exception that it lets out; the session goes on."""
    with begin({**FILES, "page.py": PAGE}) as child:
        child.boot()
        child.open("page.py")
        seen = child.submit({}, "Create Thing")
        assert (seen.errors, seen.raised) == (["A name is needed"], [])
        assert child.submit({}, "Break").raised == ["'label'"]
        assert child.submit({"Name *": "x"}, "Create Thing").raised == []


@pytest.mark.parametrize(
    ("text", "words"),
    [("raise ValueError('no page today')", "no page today"),
     ("import nothing_of_this_name", "nothing_of_this_name"),
     ("import sys\nsys.setrecursionlimit(90)\ndef f(): f()\nf()", "recursion")],
)  # fmt: skip
def test_a_page_that_does_not_run_is_seen(begin: Begin, text: str, words: str) -> None:
    """As what it raised."""
    with begin({**FILES, "page.py": text}) as child:
        child.boot()
        assert words in child.open("page.py").raised[0]


@pytest.mark.parametrize(
    ("values", "button", "words"),
    [({}, "Delete", "StopIteration"), ({"Day": "no date"}, "Create Thing", "isoformat"),
     ({"Kind": "c"}, "Create Thing", "c")],
    ids=["button", "date", "choice"],
)  # fmt: skip
def test_what_cannot_be_entered_is_told(
    begin: Begin, values: dict[str, Any], button: str, words: str
) -> None:
    """A button that is not there, a value that the widget does not take."""
    with begin({**FILES, "page.py": PAGE}) as child:
        child.boot()
        child.open("page.py")
        with pytest.raises(Raised) as told:
            child.submit(values, button)
    assert words in str(told.value)


def test_the_api_is_served_where_the_page_looks(begin: Begin) -> None:
    """On loopback, with nothing of the world beside it."""
    text = "import os\nimport streamlit as st\nst.text_input(os.environ['API_URL'])\n"
    with begin({**FILES, "page.py": text}) as child:
        child.boot()
        ((_, label),) = child.open("page.py").inputs
    assert label.startswith("http://127.0.0.1:")


def test_patience_is_the_sandboxes() -> None:
    """What takes too long is told by its limits: that is no proof which may be kept."""
    assert 2 * Limits().wall_seconds < page.TIMEOUT_SECONDS
