"""The judge of suites: what is made of the runs of a suite."""

from typing import Any

import pytest
from scripted_child import ScriptedChild, probe_client

from flagbench.acceptance.crud import pytest_suite
from flagbench.acceptance.mutants import MUTANTS
from flagbench.acceptance.proof import Case, Figures, Refuted
from flagbench.acceptance.selection import ALL
from flagbench.scenario.specification import Entity

TAG = Entity.model_validate({"entity": "Tag", "attributes": {"label": "string"}})
CASE = Case("pytest-tests", "tests/test_tag.py", TAG, (), None, {})
TESTS = ["tests/test_tag.py::test_a", "tests/test_tag.py::test_b"]


def told(**run: Any) -> tuple[str, Figures]:
    """The check that fails, with its message, and the figures; a right run otherwise."""
    right = {
        "collected": TESTS, "broken": [], "failed": {}, "caught": dict.fromkeys(MUTANTS, True),
        "flaky": {}, "idle": [],
    }  # fmt: skip
    child = ScriptedChild(suite=lambda **_: {**right, **run})
    figures: Figures = {}
    try:
        pytest_suite.judge(CASE, probe_client(child), figures, ALL)
    except Refuted as refuted:
        return f"{refuted.check}: {refuted.message}", figures
    finally:
        assert child.asked == [{"do": "suite", "path": CASE.path, "address": "/tags"}]
    return "", figures


def caught(count: int) -> dict[str, bool]:
    """So many of the mutants are caught."""
    return {name: place < count for place, name in enumerate(MUTANTS)}


def test_a_right_suite_is_accepted() -> None:
    """It passes, and fails on every broken route; both are counted."""
    assert told() == ("", {"tests": (2, 2), "mutants": (8, 8)})


def test_each_broken_route_must_be_noticed() -> None:
    """The ones that were not noticed are named."""
    message, figures = told(caught=caught(7))
    assert message == f"mutants: the suite still passes although {MUTANTS[7]}"
    assert figures["mutants"] == (7, 8)
    unnoticed = ", ".join(sorted(MUTANTS[3:]))
    assert told(caught=caught(3))[0].endswith(f"although {unnoticed}")


def test_a_test_that_can_never_fail_is_named() -> None:
    """However much the others notice."""
    message, figures = told(idle=[TESTS[1]])
    assert message == "mutants: test_b can never fail: any answers will do for it"
    assert figures["mutants"] == (8, 8)


def test_a_suite_that_does_not_collect_is_refuted() -> None:
    """With its error, or because there is no test in it."""
    assert told(collected=[], broken=["SyntaxError: x", "y"])[0] == "collects: SyntaxError: x; y"
    assert told(broken=["ImportError: x"])[0] == "collects: ImportError: x"
    assert told(collected=[], caught={}) == (
        "collects: it contains no tests", {"tests": (0, 0)},
    )  # fmt: skip


def test_a_suite_that_fails_is_refuted() -> None:
    """With the first failure, by the test's own name."""
    message, figures = told(failed={TESTS[1]: "assert 200 == 201"}, caught={})
    assert message == "passes: 1 of 2 tests failed; test_b: assert 200 == 201"
    assert figures == {"tests": (1, 2)}


@pytest.mark.parametrize(
    "mutants", [{}, caught(8) | {"another": True}, dict.fromkeys(MUTANTS[1:], True)]
)
def test_a_run_that_was_not_whole_is_refuted(mutants: dict[str, bool]) -> None:
    """A suite that ends pytest has proven nothing about the rest; nor has a made-up answer."""
    message, figures = told(caught=mutants)
    assert message == "passes: the suite ended the run before all of its tests had run"
    assert "mutants" not in figures


def test_a_suite_that_is_not_steady_is_told_where_it_catches_too_little() -> None:
    """What fails when nothing is broken has noticed nothing."""
    flaky = {TESTS[0]: "assert 2 == 1"}
    assert told(flaky=flaky)[0] == ""
    words = "mutants: test_a fails when it runs again on the unbroken application: assert 2 == 1"
    assert told(caught=caught(0), flaky=flaky)[0] == words
