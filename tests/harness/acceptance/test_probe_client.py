"""Answers of the sandbox must have their form: generated code may answer in the probe's place."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from scripted_child import ScriptedChild, probe_client

from flagbench.acceptance.probe_client import (
    Column,
    ForeignKey,
    HttpAnswer,
    LintDefect,
    PageState,
    ProbeClient,
    SuiteRun,
)
from flagbench.acceptance.sandbox.sandbox import Misbehaved

COLUMN = {"cid": 0, "name": "id", "type": "INTEGER", "notnull": 0, "dflt_value": None, "pk": 1}
KEY = {"id": 0, "seq": 0, "table": "tags", "from": "tag_id", "to": "id", "on_update": "",
       "on_delete": "", "match": ""}  # fmt: skip
ANSWER = {"status": 201, "body": {"id": 1}, "raised": ""}
SEEN = {
    "inputs": [["text_input", "Name"]],
    "buttons": ["Go"],
    "errors": [],
    "successes": [],
    "raised": [],
    "shown": [],
}
SUITE = {"collected": ["a", "b"], "broken": [], "failed": {"a": "no"}, "caught": {"m": True},
         "flaky": {}, "idle": []}  # fmt: skip

# Each question, the command that it sends, a right answer and what becomes of it.
QUESTIONS: dict[str, tuple[Callable[[ProbeClient], Any], dict[str, Any], Any, Any]] = {
    "lint": (lambda it: it.lint("a.py", ["x"], ["black"]),
             {"do": "lint", "path": "a.py", "names": ["x"], "checks": ["black"]},
             {"check": "black", "message": "no"}, LintDefect(check="black", message="no")),
    "use": (lambda it: it.use("b.db"), {"do": "use", "name": "b.db"}, None, None),
    "migrate": (lambda it: it.migrate(["a"]), {"do": "migrate", "modules": ["a"]}, None, None),
    "query": (lambda it: it.query("SELECT ?", [1]),
              {"do": "query", "sql": "SELECT ?", "values": [1]}, [{"a": 1}], [{"a": 1}]),
    "columns": (lambda it: it.columns("t"),
                {"do": "query", "sql": 'PRAGMA table_info("t")'}, [COLUMN],
                {"id": Column(**COLUMN)}),
    "keys": (lambda it: it.keys("t"), {"do": "query", "sql": 'PRAGMA foreign_key_list("t")'},
             [KEY], [ForeignKey.model_validate(KEY)]),
    "boot": (lambda it: it.boot(), {"do": "boot"}, None, None),
    "request": (lambda it: it.request("PUT", "/a/1", {"b": 2}),
                {"do": "request", "method": "PUT", "path": "/a/1", "json": {"b": 2}}, ANSWER,
                HttpAnswer(**ANSWER)),
    "open": (lambda it: it.open("p.py"), {"do": "open", "path": "p.py"}, SEEN,
             PageState.model_validate(SEEN)),
    "submit": (lambda it: it.submit({"Name": 1}, "Go"),
               {"do": "submit", "values": {"Name": 1}, "button": "Go"}, SEEN,
               PageState.model_validate(SEEN)),
    "suite": (lambda it: it.suite("t.py", "/a"), {"do": "suite", "path": "t.py", "address": "/a"},
              SUITE, SuiteRun.model_validate(SUITE)),
}  # fmt: skip


def child_of(question: str, answer: Any) -> ScriptedChild:
    """A child that gives this answer to this question."""
    return ScriptedChild(**{QUESTIONS[question][1]["do"]: lambda **_: answer})


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_right_answer_is_taken(question: str) -> None:
    """The command has its arguments; the answer comes as JSON has it."""
    ask, command, answer, made = QUESTIONS[question]
    child = child_of(question, json.loads(json.dumps(answer)))
    assert ask(probe_client(child)) == made
    assert child.asked == [command]


HOSTILE = {
    "a text": "ok",
    "a number": 1,
    "true": True,
    "an object": {},
    "a finding without a name": {"check": "", "message": ""},
    "another object": {"check": 1, "message": [], "status": "x", "inputs": 1, "collected": 1},
    "a list": [1],
    "a deep list": [[[[[]]]]],
    "a list of nothing": [None],
    "huge": "x" * 5_000_000,
    "many": [0] * 100_000,
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("question", QUESTIONS)
def test_any_other_answer_is_the_codes_fault(question: str, hostile: Any) -> None:
    """With the name of the command, in a message of one line that is soon read."""
    with pytest.raises(Misbehaved) as told:
        QUESTIONS[question][0](probe_client(child_of(question, hostile)))
    message = str(told.value)
    assert message.startswith(
        f"the answer to {QUESTIONS[question][1]['do']} does not match its schema: "
    )
    assert len(message) < 400
    assert "\n" not in message


NEARLY_RIGHT: list[tuple[str, Any]] = [
    ("lint", {"check": "black", "message": "no", "more": 1}),
    ("lint", {"check": "black"}),
    ("query", [{"a": 1}, None]),
    ("query", {"a": 1}),
    ("columns", [{**COLUMN, "notnull": "perhaps"}]),
    ("columns", [{key: COLUMN[key] for key in COLUMN if key != "type"}]),
    ("columns", [{**COLUMN, "hidden": 1}]),
    ("keys", [{**KEY, "from": None}]),
    ("keys", [{**KEY, "table": 5}]),
    ("request", {**ANSWER, "status": 20}),
    ("request", {**ANSWER, "status": 600}),
    ("request", {**ANSWER, "status": None}),
    ("request", {**ANSWER, "raised": None}),
    ("request", {"status": 200, "raised": ""}),
    ("open", {**SEEN, "inputs": [["text_input"]]}),
    ("open", {**SEEN, "buttons": [None]}),
    ("submit", {**SEEN, "more": []}),
    ("suite", {**SUITE, "failed": {"c": "was not collected"}}),
    ("suite", {**SUITE, "flaky": {"c": "was not collected"}}),
    ("suite", {**SUITE, "caught": {"m": "perhaps"}}),
    ("suite", {key: SUITE[key] for key in SUITE if key != "broken"}),
]


@pytest.mark.parametrize(
    ("question", "answer"), NEARLY_RIGHT, ids=[f"{name}-{n}" for n, (name, _) in
                                               enumerate(NEARLY_RIGHT)],
)  # fmt: skip
def test_an_answer_that_is_nearly_right_is_none(question: str, answer: Any) -> None:
    """A missing part, one too many, a value of another type, results of tests that are not."""
    with pytest.raises(Misbehaved):
        QUESTIONS[question][0](probe_client(child_of(question, answer)))


def test_a_clean_text_has_no_finding() -> None:
    """Nothing is an answer."""
    assert probe_client(child_of("lint", None)).lint("a.py", [], []) is None
