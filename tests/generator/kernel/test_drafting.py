"""Producing: from a template where one can write it, else from the model; patches and rewrites."""

from pathlib import Path

import pytest
from scripted import GOOD_CODE, Answer, Bench, bench, run

from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench_generators.crud.spec import Attribute, Entity, Relation
from flagbench_generators.kernel import events
from flagbench_generators.kernel.drafting import from_model, from_template, repair
from flagbench_generators.kernel.llm import CutOff
from flagbench_generators.kernel.prompt_builder import Rejection

NAME = Attribute(name="name", type="string")
LINES = Relation(name="lines", kind="one_to_many", target="Line")
COURSES = Relation(name="courses", kind="many_to_many", target="Course")
TEACHER = Relation(name="teacher", kind="many_to_one", target="Teacher")


def template_of(at: Bench) -> str | None:
    """What the template gives for the bench's job."""
    return from_template(at.job, at.tools.prompts, at.trace)


@pytest.mark.parametrize("relations", [(), (TEACHER,)])
def test_a_template_writes_standard_crud(tmp_path: Path, relations: tuple[Relation, ...]) -> None:
    """Attributes and many_to_one: no model is asked, and the choice is told."""
    entity = Entity(name="Student", attributes=(NAME,), relations=relations)
    at = bench(tmp_path, entity=entity)
    assert template_of(at) == 'def made() -> str:\n    return "Student by template"\n'
    assert at.heard.named(events.TEMPLATE_SELECTED) == [{"kind": "database"}]
    assert at.model.calls == []


@pytest.mark.parametrize(
    ("entity", "reason"),
    [
        (Entity(name="A", rules=("x is y",)), "business rules"),
        (Entity(name="A", relations=(LINES,)), "one_to_many relations"),
        (Entity(name="A", relations=(COURSES, LINES)), "many_to_many and one_to_many relations"),
        (Entity(name="A", relations=(TEACHER, COURSES)), "many_to_many relations"),
    ],
)
def test_what_no_template_can_write_is_told_with_its_reason(
    tmp_path: Path, entity: Entity, reason: str
) -> None:
    """The fall-back is visible, with why."""
    at = bench(tmp_path, entity=entity)
    assert template_of(at) is None
    told = at.heard.named(events.TEMPLATE_FALLBACK)
    assert told == [{"kind": "database", "reason": reason}]


@pytest.mark.parametrize(
    "source", ["{{ entity.nothing }}", "{{ entity.attributes | sum }}", "{% include 'gone.j2' %}"]
)
def test_a_template_that_fails_falls_back(tmp_path: Path, source: str) -> None:
    """Whatever goes wrong while rendering: the model writes the file."""
    at = bench(tmp_path, template=source)
    assert template_of(at) is None
    assert at.heard.named(events.TEMPLATE_FALLBACK)[0]["reason"].startswith("template: ")


@pytest.mark.parametrize("stop", [CellStopped(CouldNotRun(Problem("x"))), KeyboardInterrupt()])
def test_a_stop_while_rendering_is_no_failed_template(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stop: BaseException
) -> None:
    """Any fault of a template falls back; an end from outside does not."""
    at = bench(tmp_path)

    def rendered(*_: object) -> str:
        raise stop

    monkeypatch.setattr("flagbench_generators.kernel.rendering._render", rendered)
    with pytest.raises(type(stop)):
        template_of(at)
    assert list(at.heard) == []


def test_the_model_is_asked_for_the_whole_file(tmp_path: Path) -> None:
    """Role and standard in the system message, everything else in the user message."""
    at = bench(tmp_path)
    text, _ = run(from_model(at.job, at.tools, at.trace))
    call = at.model.calls[0]
    assert text == GOOD_CODE
    assert (call.phase, call.agent) == ("generate", "database")
    assert call.system.startswith("You keep data.")
    assert "Full standard of database." in call.system
    headings = [line for line in call.user.splitlines() if line.startswith("# ")]
    assert headings == ["# Request", "# Specification", "# Task"]
    assert "Write the complete file `data/student.py`" in call.user


def test_the_compressed_standard_replaces_the_full_one(tmp_path: Path) -> None:
    """The flag changes the standard and nothing else."""
    full, short = bench(tmp_path), bench(tmp_path, compressed=True)
    for at in (full, short):
        run(from_model(at.job, at.tools, at.trace))
    assert "Short: database." in short.model.calls[0].system
    assert "Full standard" not in short.model.calls[0].system
    assert full.model.calls[0].user == short.model.calls[0].user


def test_a_rejected_file_is_written_again_with_its_issues(tmp_path: Path) -> None:
    """Plain: the whole file, in the phase regenerate, with everything that was known before."""
    at = bench(tmp_path, current="OLD = 1\n")
    run(repair(at.job, at.tools, at.trace, Rejection("BAD = 1\n", ("line 1: is wrong", "is odd"))))
    call = at.model.calls[0]
    headings = [line for line in call.user.splitlines() if line.startswith("# ")]
    assert call.phase == "regenerate"
    assert headings == [
        "# Request", "# Specification", "# Current version", "# Rejected version", "# Issues",
        "# Task",
    ]  # fmt: skip
    assert "- line 1: is wrong\n- is odd\n" in call.user


PATCH = "<<<<<<< SEARCH\nBAD = 1\n=======\nGOOD = 1\n>>>>>>> REPLACE"


def test_the_smart_policy_patches(tmp_path: Path) -> None:
    """Only what review named is asked for, and only that is changed."""
    at = bench(tmp_path, {("patch", "database"): [Answer(PATCH)]}, smart=True)
    rejection = Rejection("KEPT = 1\nBAD = 1\n", ("is wrong",))
    text, _ = run(repair(at.job, at.tools, at.trace, rejection))
    call = at.model.calls[0]
    headings = [line for line in call.user.splitlines() if line.startswith("# ")]
    assert text == "KEPT = 1\nGOOD = 1\n"
    assert at.model.phases() == [("patch", "database")]
    assert headings == ["# Specification", "# Current version", "# Issues", "# Task"]
    assert "<<<<<<< SEARCH" in call.user.split("# Task")[1]


@pytest.mark.parametrize(
    ("answer", "rejected", "reason"),
    [(PATCH, "OTHER = 1\n", "block 1 stands 0 times in the file"),
     (PATCH, "BAD = 1\nOTHER = 1\nBAD = 1\n", "block 1 stands 2 times in the file"),
     ("I would rename it.", "BAD = 1\n", "the answer has no search/replace block"),
     (GOOD_CODE, "BAD = 1\n", "the answer has no search/replace block")],
)  # fmt: skip
def test_a_patch_that_does_not_apply_is_told_and_the_file_written_whole(
    tmp_path: Path, answer: str, rejected: str, reason: str
) -> None:
    """No guess is made about what the patch meant; the issues go with the second question."""
    at = bench(tmp_path, {("patch", "database"): [Answer(answer)]}, smart=True)
    text, _ = run(repair(at.job, at.tools, at.trace, Rejection(rejected, ("is wrong",))))
    assert text == GOOD_CODE
    assert at.model.phases() == [("patch", "database"), ("regenerate", "database")]
    assert f"# Rejected version\n\n```python\n{rejected}```" in at.model.calls[1].user
    assert "- is wrong\n" in at.model.calls[1].user
    assert at.heard.named(events.PATCH_FALLBACK) == [{"kind": "database", "reason": reason}]


def test_the_plain_policy_never_patches(tmp_path: Path) -> None:
    """The whole file again is the plain pipeline's only way."""
    at = bench(tmp_path, {("patch", "database"): [Answer(PATCH)]})
    run(repair(at.job, at.tools, at.trace, Rejection("BAD = 1\n", ("is wrong",))))
    assert at.model.phases() == [("regenerate", "database")]


def test_a_patched_file_is_formatted(tmp_path: Path) -> None:
    """As a whole file would be: black, and no unused import."""
    patch = "<<<<<<< SEARCH\nBAD = os.sep\n=======\nGOOD  =  1\n>>>>>>> REPLACE"
    at = bench(tmp_path, {("patch", "database"): [Answer(patch)]}, smart=True)
    rejection = Rejection("import os\n\nBAD = os.sep\n", ("is wrong",))
    assert run(repair(at.job, at.tools, at.trace, rejection))[0] == "GOOD = 1\n"


def test_the_same_request_is_sent_again_after_a_failed_call(tmp_path: Path) -> None:
    """A retry of a call is the call, byte for byte."""
    cut = Answer("half", finish_reason="length")
    at = bench(tmp_path, {("generate", "database"): [cut, Answer(GOOD_CODE)]})
    assert run(from_model(at.job, at.tools, at.trace))[0] == GOOD_CODE
    assert at.model.calls[0].body == at.model.calls[1].body


def test_when_every_try_fails_the_last_failure_is_raised(tmp_path: Path) -> None:
    """By its class, for the kernel to tell."""
    at = bench(tmp_path, {("generate", "database"): [Answer("half", finish_reason="length")]})
    with pytest.raises(CutOff):
        run(from_model(at.job, at.tools, at.trace))
