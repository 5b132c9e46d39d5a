"""Review: parsing, rules with a confidence, and the model for the uncertain."""

import json
from pathlib import Path

import pytest
from scripted import APPROVED, COURSE, REJECTED, Answer, Bench, bench, book, run

from flagbench_generators.kernel import events
from flagbench_generators.kernel.llm import Malformed
from flagbench_generators.kernel.review import Review, by_rules, review
from flagbench_generators.kernel.rule import load_rules

GOOD = "def made() -> None:\n    return None\n"
ASKED = ("review", "tech_lead")


def reviewed(at: Bench, text: str, *, confident: bool) -> tuple[Review, list[str]]:
    """The verdict, and the names of what was told."""
    verdict, _ = run(review(at.job, text, confident=confident, tools=at.tools, trace=at.trace))
    return verdict, [event.name for event in at.heard]


def test_the_rules_approve_alone_where_they_are_sure(tmp_path: Path) -> None:
    """Every required pattern, no forbidden one: no model is asked."""
    at = bench(tmp_path)
    assert reviewed(at, GOOD, confident=True) == (
        Review(approved=True), ["validation_confident_approval"],
    )  # fmt: skip
    assert at.model.calls == []


def test_the_rules_reject_alone_where_they_are_sure(tmp_path: Path) -> None:
    """A forbidden pattern at 0.9, with the entity's own name in pattern and message."""
    at = bench(tmp_path)
    assert reviewed(at, GOOD + "forbidden_Student = 1\n", confident=True) == (
        Review(approved=False, issues=("no Student",)), ["validation_confident_rejection"],
    )  # fmt: skip
    assert at.model.calls == []


@pytest.mark.parametrize("text", ["def other() -> None: ...\n", GOOD + "doubtful = 1\n"])
def test_the_model_decides_where_the_rules_are_not_sure(tmp_path: Path, text: str) -> None:
    """A low score, or a forbidden pattern below the threshold."""
    at = bench(tmp_path, {ASKED: [Answer(REJECTED)]})
    verdict, told = reviewed(at, text, confident=True)
    assert verdict == Review(approved=False, issues=("line 1: is wrong",))
    assert told == ["validation_uncertain_llm_required", "llm_call"]


def test_what_does_not_parse_is_rejected_with_its_line(tmp_path: Path) -> None:
    """Before any rule or model."""
    at = bench(tmp_path)
    verdict, told = reviewed(at, "def made(:\n", confident=True)
    assert verdict.issues == ("does not parse: line 1: invalid syntax",)
    assert told == ["validation_confident_rejection"]


@pytest.mark.parametrize("text", [GOOD, GOOD + "forbidden_Student = 1\n", "def made(:\n"])
def test_without_the_flag_the_model_reviews_everything(tmp_path: Path, text: str) -> None:
    """The plain pipeline: no rule says anything, no event of the rules is told."""
    at = bench(tmp_path)
    verdict, told = reviewed(at, text, confident=False)
    assert (verdict.approved, told) == (True, ["llm_call"])


def test_the_tech_lead_sees_specification_artifact_and_standard(tmp_path: Path) -> None:
    """Kind and path in the artifact's first line; JSON is asked for."""
    at = bench(tmp_path)
    reviewed(at, GOOD, confident=False)
    call = at.model.calls[0]
    headings = [line for line in call.user.splitlines() if line.startswith("# ")]
    assert (call.phase, call.agent) == ASKED
    assert headings == ["# Specification", "# Artifact", "# Task"]
    artifact = call.user.split("# Artifact\n")[1].strip()
    assert artifact.startswith(f"The database file `data/student.py`:\n\n```python\n{GOOD}```")
    assert "Full standard of database." in call.system
    assert call.body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("answer", "issues"),
    [({"approved": False, "issues": [{"line": 3, "message": "a"}, {"message": "b"}]},
      ("line 3: a", "b")),
     ({"approved": False, "issues": [{"line": None, "message": "a"}]}, ("a",)),
     ({"approved": False}, ("rejected",)),
     ({"approved": False, "issues": [], "summary": "no"}, ("rejected",)),
     ({"approved": True, "issues": [{"line": 1, "message": "nit"}]}, ())],
)  # fmt: skip
def test_a_verdict_is_read(tmp_path: Path, answer: object, issues: tuple[str, ...]) -> None:
    """Lines are optional, a rejection always says something, remarks do not reject."""
    at = bench(tmp_path, {ASKED: [Answer(json.dumps(answer))]})
    verdict, _ = reviewed(at, GOOD, confident=False)
    assert verdict == Review(approved=not issues, issues=issues)


def test_a_malformed_verdict_is_asked_again(tmp_path: Path) -> None:
    """As a malformed recognition is: twice more."""
    at = bench(tmp_path, {ASKED: [Answer("LGTM"), Answer('{"issues": []}'), Answer(APPROVED)]})
    assert reviewed(at, GOOD, confident=False)[0].approved


def test_the_third_malformed_verdict_is_a_failure(tmp_path: Path) -> None:
    """Nothing is approved because nobody could read the verdict."""
    at = bench(tmp_path, {ASKED: [Answer("LGTM")]})
    with pytest.raises(Malformed, match="no verdict"):
        reviewed(at, GOOD, confident=False)
    assert len(at.model.calls) == 3


# --- scores --------------------------------------------------------------------------------------


def test_the_score_is_weighted(tmp_path: Path) -> None:
    """Satisfied weight over all weight, against 0.85; of exactly that much it is sure."""
    required = "kind: required, message: m"
    rules = book(
        tmp_path, f"id: a, pattern: aaa, weight: 17, {required}",
        f"id: b, pattern: bbb, weight: 3, {required}",
    )  # fmt: skip
    assert by_rules("aaa\n", rules, COURSE) == (Review(approved=True), 0.85)
    assert by_rules("bbb\n", rules, COURSE) == (None, 0.15)
    assert by_rules("aaa\nbbb\n", rules, COURSE) == (Review(approved=True), 1.0)


def test_a_score_just_below_the_threshold_is_not_sure(tmp_path: Path) -> None:
    """0.8499 leaves it to the model; the threshold is not rounded to."""
    required = "kind: required, message: m"
    rules = book(
        tmp_path, f"id: a, pattern: aaa, weight: 8499, {required}",
        f"id: b, pattern: bbb, weight: 1501, {required}",
    )  # fmt: skip
    assert by_rules("aaa\n", rules, COURSE) == (None, 0.8499)


def test_a_suspicion_forbids_an_approval(tmp_path: Path) -> None:
    """Every required pattern is there; a forbidden one below the threshold keeps it uncertain."""
    rules = book(
        tmp_path, "id: a, kind: required, pattern: aaa, message: m",
        "id: b, kind: forbidden, pattern: bbb, confidence: 0.1, message: m",
    )  # fmt: skip
    assert by_rules("aaa\n", rules, COURSE) == (Review(approved=True), 1.0)
    assert by_rules("aaa\nbbb\n", rules, COURSE) == (None, 1.0)


def test_every_sure_rejection_is_named_once(tmp_path: Path) -> None:
    """In the order of the file; a doubtful find is not among the issues, a repeated one is once."""
    rules = book(
        tmp_path, "id: a, kind: forbidden, pattern: aaa, message: first",
        "id: b, kind: forbidden, pattern: aaa, confidence: 0.5, message: doubtful",
        "id: c, kind: forbidden, pattern: aa, message: second",
        "id: d, kind: forbidden, pattern: a, message: first",
    )  # fmt: skip
    verdict, _ = by_rules("aaa\n", rules, COURSE)
    assert verdict == Review(approved=False, issues=("first", "second"))


@pytest.mark.parametrize(("confidence", "sure"), [(0.85, True), (0.84, False)])
def test_the_threshold_of_a_rejection(tmp_path: Path, confidence: float, sure: bool) -> None:
    """0.85 rejects, less leaves it to the model."""
    rules = book(
        tmp_path, f"id: a, kind: forbidden, pattern: aaa, confidence: {confidence}, message: m"
    )
    verdict, _ = by_rules("aaa\n", rules, COURSE)
    assert verdict == (Review(approved=False, issues=("m",)) if sure else None)


def test_no_rules_are_not_an_approval(tmp_path: Path) -> None:
    """Nothing that applies is nothing to be sure of."""
    path = tmp_path / "none.yaml"
    path.write_text("[]\n")
    assert by_rules("x = 1\n", load_rules(path), COURSE) == (None, 0.0)


def test_telling_events_are_the_seeds(tmp_path: Path) -> None:
    """A score goes with every event of the rules."""
    at = bench(tmp_path)
    reviewed(at, GOOD, confident=True)
    assert at.heard.named(events.CONFIDENT_APPROVAL) == [{"kind": "database", "score": 1.0}]
