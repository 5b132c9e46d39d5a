"""The outcome of a subject: every way in which it is not as the protocol says has its line."""

from dataclasses import replace
from typing import Any

import pytest
from tiny import File, Happened, Made

from flagbench.errors import CouldNotRun
from flagbench.run import outcome_check

FILE = File("code", "a.py", "x", approved=True, request_id="0")


def told(outcome: Any, *events: Any) -> list[str]:
    """The problems of an outcome, each on its lines."""
    with pytest.raises(CouldNotRun) as caught:
        outcome_check.check(outcome, events)
    return [str(problem) for problem in caught.value.problems]


def test_what_the_protocol_says_is_right() -> None:
    """Counts up to all of them, none of none, and events with any fields."""
    rates = {"hit_rate": (0, 0), "one2_rate": (3, 3), "list_rate": [1, 2], "big_rate": (1, 10**15)}
    event = Happened("retry", "0", {"delay_seconds": 1.5, "ok": True, "reason": "\ud83d"})
    outcome_check.check(Made([FILE], rates), [event])


class Unspeakable:
    """A value whose text is an error."""

    def __repr__(self) -> str:
        raise RuntimeError


@pytest.mark.parametrize(
    ("rate", "shown"),
    [
        (0.873, "0.873"),
        ((0.873, 1), "(0.873, 1)"),
        ((1, 1.0), "(1, 1.0)"),
        ((-1, 2), "(-1, 2)"),
        ((3, 2), "(3, 2)"),
        ((True, 1), "(True, 1)"),
        ((1, None), "(1, None)"),
        ((1, 2, 3), "(1, 2, 3)"),
        (("1", "2"), "('1', '2')"),
        ("12", "'12'"),
        (None, "None"),
        ((1, float("nan")), "(1, nan)"),
        ((1, 10**16), "(1, 10000000000000000)"),
        ((1, 10**400), "(1, 1000000000"),
        ((1, 10**5000), "a tuple"),
        (Unspeakable(), "a Unspeakable"),
    ],
)
def test_a_rate_is_two_counts(rate: Any, shown: str) -> None:
    """Part and whole; a share, a truth value or a number without end is not a count."""
    (line,) = told(Made([], {"odd_rate": rate, "hit_rate": (1, 2)}))
    assert line.startswith(f"the subject's odd_rate is {shown}")
    assert line.endswith("expected: (part, whole): two integers, 0 <= part <= whole <= "
                         "1,000,000,000,000,000")  # fmt: skip


@pytest.mark.parametrize(
    "name", ["tokens", "seconds", "score", "hit rate", "Hit_rate", "\ud83d_rate", "", 7, None]
)
def test_a_rate_has_the_name_of_a_rate(name: Any) -> None:
    """Otherwise no target could name it, or it would pass for a metric of the harness."""
    (line,) = told(Made([], {name: (1, 2)}))
    assert line.startswith("the subject has a rate called ")
    assert "expected: a name such as cache_hit_rate" in line


@pytest.mark.parametrize("name", ["approval_rate", "acceptance_rate", "mutant_rate"])
def test_a_rate_that_is_measured_is_not_the_subject_s(name: str) -> None:
    """It would be replaced without a word, or replace what was proven."""
    (line,) = told(Made([], {name: (1, 2)}))
    assert line.startswith(f"the subject has a rate called {name}, which is measured")


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"kind": ["a"]}, "kind of an artifact is ['a']\n    expected: text"),
        ({"path": None}, "path of an artifact is None\n    expected: text"),
        ({"text": b"x"}, "text of an artifact is b'x'\n    expected: text"),
        ({"request_id": 1}, "request_id of an artifact is 1\n    expected: text"),
        (
            {"approved": "yes"},
            "approved of an artifact is 'yes'\n    expected: True, False, or None without a review",
        ),
    ],
)
def test_an_artifact_has_the_types_of_the_protocol(changed: Any, line: str) -> None:
    """Told once, however many artifacts have it."""
    wrong = replace(FILE, **changed)
    assert told(Made([FILE, wrong, wrong], {})) == [line]


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (Happened(7, "0"), "name of an event is 7"),
        (Happened("retry", None), "request_id of an event is None"),
        (Happened("retry", "0", ["x"]), "fields of an event is ['x']"),
        (Happened("retry", "0", {"delay_seconds": float("inf")}), "delay_seconds of an event is i"),
        (Happened("retry", "0", {"delay_seconds": 10**400}), "delay_seconds of an event is 1000"),
    ],
)
def test_an_event_has_the_types_of_the_protocol(event: Any, line: str) -> None:
    """What would fail much later, in a report."""
    (only,) = told(Made([], {}), event)
    assert only.startswith(line)


@pytest.mark.parametrize("outcome", [None, 7, Made([None], {}), Made([], None), Unspeakable()])
def test_what_is_not_an_outcome_is_told(outcome: Any) -> None:
    """With its beginning and the file of the protocol."""
    (line,) = told(outcome)
    assert line.startswith("the subject returned ")
    assert line.endswith("expected: the protocol Outcome of harness/flagbench/subject.py")
