"""Judgement of a case: the strongest answer counts, and the cause must be named."""

import pytest

from flagbench.self_test import gate_page, judging
from flagbench.self_test.catalogue import Case, Expect
from flagbench.self_test.judging import Answer
from flagbench.self_test.observation import Observation


def case(expect: Expect, because: str = "", unnamed: str = "") -> Case:
    """A case with what must be said."""
    return Case(
        name="x", about="x", file="x", old="x", new="", run=("a", "b"), expect=expect,
        because=because, why="a reason", unnamed=unnamed,
    )  # fmt: skip


def seen(outcome: str, *told: str) -> Observation:
    """What is said of a series."""
    return Observation(series="a", outcome=outcome, told=told)


@pytest.mark.parametrize(
    ("expect", "because", "observations", "answer", "place", "is_met"),
    [
        ("caught", "b c", [seen("BROKEN", "a", "x  B\nc")], "caught", 2, True),
        ("caught", "b", [seen("COULD NOT RUN", "b")], "caught", 1, True),
        ("caught", "b", [seen("BROKEN", "a")], "caught", None, False),
        ("caught", "b", [seen("PROVISIONAL", "b")], "provisional", 1, False),
        ("provisional", "b", [seen("KEPT"), seen("PROVISIONAL", "b")], "provisional", 1, True),
        ("provisional", "b", [seen("PROVISIONAL", "b"), seen("BROKEN", "c")], "caught", 1, False),
        ("remarked", "b", [seen("KEPT", "b")], "remarked", 1, True),
        ("remarked", "b", [seen("KEPT")], "nothing", None, False),
        ("invisible", "", [seen("KEPT")], "nothing", None, True),
        ("invisible", "", [seen("KEPT", "b")], "remarked", None, False),
        ("harmless", "", [seen("KEPT"), seen("KEPT")], "nothing", None, True),
        ("harmless", "", [seen("KEPT"), seen("KEPT", "b")], "remarked", None, False),
        ("harmless", "", [seen("ERROR", "b")], "error", None, False),
        ("harmless", "", [], "error", None, False),
    ],
)
def test_judgement(
    expect: str,
    because: str,
    observations: list[Observation],
    answer: str,
    place: int | None,
    is_met: bool,
) -> None:
    """Blanks and capitals of a cause do not count."""
    result = judging.judge(case(Expect(expect), because), observations)
    assert (result.answer, result.place, result.is_met) == (Answer(answer), place, is_met)


@pytest.mark.parametrize(
    ("outcome", "line", "is_met", "told"),
    [
        ("BROKEN", "a", True, "the explanation lacks 'b', as is known"),
        ("BROKEN", "b", False, "`unnamed` can go"),
        ("KEPT", "a", False, "remarked, expected: caught"),
    ],
)
def test_a_known_miss_is_as_expected_until_it_is_named(
    outcome: str, line: str, is_met: bool, told: str
) -> None:
    """It excuses the cause alone, not the answer, and is listed with its reason."""
    result = judging.judge(case(Expect.CAUGHT, "b", "not yet"), [seen(outcome, line)])
    assert result.is_met == is_met
    assert told in gate_page.describe(result)
    page = gate_page.page([result], "", "", "")
    assert ("## Known not to be named\n\n- x: not yet" in page) == is_met
    assert ("## Not as expected" in page) != is_met


@pytest.mark.parametrize(
    ("because", "observation", "is_kept"),
    [
        ("b", seen("BROKEN", "a"), True),
        ("b", seen("COULD NOT RUN", "b"), True),
        ("b", seen("COULD NOT RUN", "nginx is not installed"), False),
        ("b", seen("ERROR", "b"), False),
    ],
)
def test_a_result_is_kept_unless_the_machine_may_be_its_reason(
    because: str, observation: Observation, is_kept: bool
) -> None:
    """A missing tool would be kept for good, else."""
    result = judging.judge(case(Expect.CAUGHT, because), [observation])
    assert judging.is_keepable(result) == is_kept
