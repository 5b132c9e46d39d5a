"""The reviewer sees real problems at documented rates and seldom one that is not there."""

import json

import pytest
from prompts import content, review
from written_app import COURSE, EVERYTHING, RULES, STUDENT

from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.crud.defects import DEFECTS, View
from flagbench.simulator.crud.reviewer import review as reviewed
from flagbench.simulator.crud.specification import shape_of
from flagbench.simulator.crud.writer import STYLES
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings

BY_NAME = {defect.name: defect for defect in DEFECTS}


def _verdict(
    view: View, number: int, orders: str = "", *, oversights: float = 1.0, false_alarms: float = 0.0
) -> dict:
    draws = Rng.of(0, {"n": number}, 1, 1)
    return json.loads(
        reviewed(view, orders, draws, oversights=oversights, false_alarms=false_alarms)
    )


@pytest.mark.parametrize(
    "name, kind",
    [("does_not_parse", "backend"), ("swallowed_404", "backend"), ("missing_rule", "backend"),
     ("all_optional", "backend"), ("unknown_target", "backend"), ("missing_not_null", "database"),
     ("wrong_button", "frontend"),
     ("wrong_assertion", "tests"), ("missing_case", "tests"), ("unused_imports", "tests")],
)  # fmt: skip
def test_sensitivity_is_the_documented_one(name: str, kind: str) -> None:
    """Over 300 reviews of one faulty file the share that sees it is the class's sensitivity."""
    defect = BY_NAME[name]
    entity = COURSE if name == "unknown_target" else RULES
    shape = shape_of({**entity, "rules": entity["rules"][:2]})
    draws = Rng.of(0, {}, 1, 1)
    style = STYLES[kind][0]
    view = View.of(defect.inject(style(defect.misread(shape, draws)), shape, draws), kind, shape)
    due = {finding.message for finding in defect.find(view)}
    assert due
    seen = 0
    for number in range(300):
        verdict = _verdict(view, number)
        assert verdict["approved"] == (not verdict["issues"])
        seen += bool(due & {issue["message"] for issue in verdict["issues"]})
    assert abs(seen / 300 - defect.sensitivity) <= 0.085


def test_false_alarms_are_rare() -> None:
    """Faultless code is rejected at the documented rate, and never with it set to 0."""
    shape = shape_of(COURSE)
    view = View.of(STYLES["backend"][0](shape), "backend", shape)
    documented = ProviderSettings().false_alarms
    alarms = sum(not _verdict(view, n, false_alarms=documented)["approved"] for n in range(600))
    assert 0.018 < alarms / 600 < 0.07
    assert all(_verdict(view, number)["approved"] for number in range(200))


def test_a_reviewer_without_oversights_sees_everything() -> None:
    """With oversights 0 even the Optional fields are seen every time."""
    shape = shape_of(EVERYTHING)
    code = BY_NAME["all_optional"].inject(STYLES["backend"][1](shape), shape, Rng(b""))
    view = View.of(code, "backend", shape)
    for number in range(50):
        assert not _verdict(view, number, oversights=0.0)["approved"]


def test_what_the_prompt_orders_is_no_problem() -> None:
    """A reviewer whose prompt orders Optional fields does not complain about them."""
    shape = shape_of(STUDENT)
    code = BY_NAME["all_optional"].inject(STYLES["backend"][0](shape), shape, Rng(b""))
    view = View.of(code, "backend", shape)
    orders = "Every attribute must be declared Optional."
    assert _verdict(view, 0, orders, oversights=0.0)["approved"]
    assert not _verdict(view, 0, oversights=0.0)["approved"]


def test_review_over_the_prompt() -> None:
    """The whole way: a prompt with an artifact gets one JSON object with line and message."""
    provider = SimulatedProvider(ProviderSettings(oversights=0.0), len)
    code = STYLES["frontend"][0](shape_of(COURSE)).replace("Create Course", "Submit")
    verdict = json.loads(content(provider.answer(review("frontend", COURSE, code))))
    assert verdict["approved"] is False
    messages = {issue["message"]: issue["line"] for issue in verdict["issues"]}
    line = messages['The submit button must be labelled "Create Course".']
    assert "form_submit_button" in code.split("\n")[line - 1]


def test_other_code_is_reviewed_by_the_specification() -> None:
    """A file that lacks an attribute of the specification is found out, whoever wrote it."""
    provider = SimulatedProvider(ProviderSettings(oversights=0.0), len)
    code = "import sqlite3\n\nSCHEMA = 'CREATE TABLE IF NOT EXISTS courses (id INTEGER)'\n"
    verdict = json.loads(content(provider.answer(review("database", COURSE, code))))
    assert any("teacher_id" in issue["message"] for issue in verdict["issues"])
