"""Normal forms of requests: idempotent, and strict for all that no rule names."""

import json

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flagbench.cassette.cassette import Cassette
from flagbench.cassette.normalising import Rules, normalised, restored
from flagbench.errors import CouldNotRun
from flagbench.scenario.match_rules import BUILT_IN, MatchRule

ALL = tuple(MatchRule(use=use, where=at) for use in BUILT_IN for at in ("$", "path", "query"))
OWN = (
    MatchRule(pattern=r"\bfoo|^a", name="b"),
    MatchRule(pattern=r"(?<!b)b|<b", name="foo", where="$.a"),
    MatchRule(pattern=".+7", name="date"),
)
WORDS = (
    "2026-11-29",
    "03:05:03",
    "1732849200",
    "<date>",
    "<number id>",
    "foo",
    "b7",
    "/a/b/c",
    "4711",
)
TEXTS = st.one_of(
    st.text(max_size=12), st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=3).map("".join),
)  # fmt: skip
VALUES = st.recursive(
    st.one_of(TEXTS, st.integers(), st.floats(allow_nan=False), st.booleans(), st.none()),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
BODIES = st.one_of(VALUES.map(lambda value: json.dumps(value).encode()), st.binary(max_size=40))
PATHS = st.tuples(TEXTS, TEXTS).map(lambda parts: f"//a/{parts[0]}?q={parts[1]}")


def form(rules: Rules, path: str, body: bytes) -> tuple[str, bytes] | None:
    """The normal form, None for rules that do not come to rest on a text."""
    try:
        normal = normalised(rules, path, body)
    except CouldNotRun:
        return None
    return normal.path, normal.body


@given(PATHS, BODIES, st.sampled_from([ALL, OWN, ALL + OWN]))
def test_a_normal_form_is_its_own(path: str, body: bytes, rules: Rules) -> None:
    """Whatever the rules: also those that match what another one has left."""
    normal = form(rules, path, body)
    assume(normal is not None)
    assert normal is not None
    again = normalised(rules, *normal)
    assert (again.path, again.body, again.removed) == (*normal, ())


@given(VALUES, VALUES)
def test_requests_that_differ_where_no_rule_is_never_match(one: object, other: object) -> None:
    """Rules for `$.free` alone, which is the same; the rest differs."""
    bodies = [json.dumps({"free": "2026-11-29", "rest": rest}).encode() for rest in (one, other)]
    assume(json.dumps(one, sort_keys=True) != json.dumps(other, sort_keys=True))
    rules = tuple(MatchRule(use=use, where="$.free") for use in BUILT_IN)
    cassette = Cassette("c", {}, rules)  # type: ignore[arg-type]
    keys = {cassette.key_of("POST", "/v1/x", body) for body in bodies}
    assert len(keys) == 2


LETTERS = st.text(st.characters(categories=["L"], max_codepoint=0x24F), min_size=1, max_size=8)


@given(LETTERS, LETTERS, st.dates(), st.dates())
def test_texts_match_exactly_if_they_differ_in_dates_alone(
    one: str, other: str, first: object, second: object
) -> None:
    """The words around a date count."""
    bodies = [json.dumps({"a": f"{w}: {d}."}).encode() for w, d in ((one, first), (other, second))]
    cassette = Cassette("c", {}, (MatchRule(use="dates"),))  # type: ignore[arg-type]
    keys = [cassette.key_of("POST", "/v1/x", body) for body in bodies]
    assert (keys[0] == keys[1]) is (one == other)


STRICT = {
    "a number and its text": ({"a": 1732849200}, {"a": "1732849200"}),
    "a key": ({"2026-11-29": 1}, {"2026-11-30": 1}),
    "another number of dates": ({"a": "2026-11-29"}, {"a": "2026-11-29 2026-11-29"}),
    "another kind": ({"a": "2026-11-29"}, {"a": "4711"}),
    "true and 1": ({"a": True}, {"a": 1}),
}


@pytest.mark.parametrize(("one", "other"), STRICT.values(), ids=STRICT)
def test_what_all_built_in_rules_leave_apart(one: object, other: object) -> None:
    """A rule replaces what it matches and nothing around it."""
    bodies = [json.dumps(value).encode() for value in (one, other)]
    first, second = (normalised(ALL, "/v1/x", body) for body in bodies)
    assert first.body != second.body


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("//a/jobs/4711/x", "//a/jobs/4712/x"),
        ("//a/find?at=2026-11-29T03%3A05%3A03&q=a", "//a/find?at=2026-11-30T04%3A05%3A03&q=a"),
    ],
)
def test_paths_and_queries(one: str, other: str) -> None:
    """With their escapes undone, by the rules for them alone."""
    assert normalised(ALL, one, b"").path == normalised(ALL, other, b"").path
    body_alone = tuple(rule for rule in ALL if rule.where == "$")
    assert normalised(body_alone, one, b"").path == one


def test_without_a_match_a_body_keeps_its_bytes() -> None:
    """Its blanks and the order of its keys."""
    body = b'{"b" : 1.50, "a":[ ]}'
    assert normalised(ALL, "/v1/x", body).body is body


def test_what_is_put_back_is_replaced_at_once() -> None:
    """Also where the text of one place is the recorded text of another; escaped in JSON, too."""
    rules = (MatchRule(pattern='[AB]"?', name="letter", restore=True),)
    sent, recorded = (
        normalised(rules, "/", json.dumps({"a": text}).encode()) for text in ('A" B', 'B A"')
    )
    assert restored(rules, sent, recorded, b'B A" A\\"') == b'A" B B'


AT_REST = {
    "a match that another has uncovered": (r"\bfoo", "foofoo", "<x><x>"),
    "a match in its own name": ("x", "x-x <x>", "<x>-<x> <x>"),
    "a match over its own name": ("<x> *!", "a <x> !!", "a <x>"),
    "a match that ends in its own name": ("a <", "a <x>", "a <x>"),
}


@pytest.mark.parametrize(("pattern", "text", "wanted"), AT_REST.values(), ids=AT_REST)
def test_a_rule_is_applied_until_it_finds_no_more(pattern: str, text: str, wanted: str) -> None:
    """What stands in place of a match is not matched again, unless with more around it."""
    rules = (MatchRule(pattern=pattern, name="x"),)
    body = normalised(rules, "/", json.dumps({"a": text}).encode()).body
    normal = json.loads(body)["a"]
    assert normal == wanted
    assert normalised(rules, "/", body).body == body


def test_a_rule_for_a_place_leaves_the_others() -> None:
    """A date there varies, and a date elsewhere is another request."""
    rules = (MatchRule(use="dates", where="$.at"),)
    first, again, other = (
        normalised(rules, "/", json.dumps({"at": at, "rest": rest}).encode()).body
        for at, rest in (
            ("2026-11-29", "2026-11-29"),
            ("2026-11-30", "2026-11-29"),
            ("2026-11-29", "2026-11-30"),
        )
    )  # fmt: skip
    assert first == again != other
