"""JSON paths: what they name, how they are written, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench.errors import Place
from flagbench.scenario import json_path

COVERED = {
    "$": [(), ("a",), ("a", 0, "b")],
    "$.a": [("a",), ("a", 0)],
    "$.a[*].b": [("a", 0, "b"), ("a", 7, "b", "c")],
    "$.a.*": [("a", "b"), ("a", 0)],
    "$.a[1]": [("a", 1)],
    "$..b": [("b",), ("a", 0, "b"), ("a", "b", 3)],
    "$..[0]": [(0,), ("a", 0)],
    "$['a key'][\"it's\"]": [("a key", "it's")],
    "$.größe-x": [("größe-x",)],
}
OTHERS = {
    "$.a": [(), ("b",), (0,)],
    "$.a[*].b": [("a",), ("a", 0), ("a", 0, "c"), ("c", 0, "b")],
    "$.a[1]": [("a", 0), ("a", 11), ("a", "1")],
    "$..b": [(), ("a", "c")],
    "$['1']": [(1,)],
}


@pytest.mark.parametrize(
    ("text", "place", "is_covered"),
    [
        *((text, place, True) for text, places in COVERED.items() for place in places),
        *((text, place, False) for text, places in OTHERS.items() for place in places),
    ],
)
def test_what_a_path_covers(text: str, place: Place, is_covered: bool) -> None:
    """A place that it names, and everything in it."""
    assert json_path.covers(json_path.parse(text), place) is is_covered


@pytest.mark.parametrize(
    "text",
    ["", "a", ".a", "$a", "$.", "$..", "$[", "$[]", "$[-1]", "$[0:2]", "$[?@.a]", "$.a b", "$.1",
     "$['a]", "$.[0]", "$.a.", " $"],
)  # fmt: skip
def test_what_is_no_path(text: str) -> None:
    """Slices, filters and negative indices are not known, and neither is a path with a slip."""
    with pytest.raises(ValueError, match="is not a JSON path"):
        json_path.parse(text)


@given(st.lists(st.one_of(st.integers(0, 9), st.from_regex(r"\A[\w '.-]{1,8}\Z"))).map(tuple))
def test_a_written_path_covers_its_place(place: Place) -> None:
    """Whatever the keys are."""
    assert json_path.covers(json_path.parse(json_path.written(place)), place)
