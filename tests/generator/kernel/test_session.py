"""The kernel: order and waves, what a request builds on, retries, and failures that stay local."""

import asyncio
import json
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import jinja2
import pytest
from scripted import (
    APPROVED,
    GOOD_CODE,
    PAIR,
    REJECTED,
    STUDENT,
    Answer,
    Heard,
    ScriptedModel,
    run,
    tiny_pipeline,
)

from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench_generators.crud.flags import Flags
from flagbench_generators.crud.spec import Entity
from flagbench_generators.crud.subject import run_crud
from flagbench_generators.kernel import events
from flagbench_generators.kernel.artifact import Artifact
from flagbench_generators.kernel.pipeline import Agent, Pipeline

NONE = Flags.none()
PARALLEL = Flags(templates=False, confidence=False, cache=False, compressed=False, parallel=True)
SMART = Flags(templates=False, confidence=False, cache=False, compressed=False, retry=True)
RULES_ONLY = Flags(templates=False, confidence=True, cache=False, compressed=False)
TEMPLATES_ONLY = Flags(templates=True, confidence=False, cache=False, compressed=False)
ADD = ("Add a Student with name",)
SECONDS_PER_CALL = 1.0


@dataclass(frozen=True, slots=True)
class Session:
    """What came of a session."""

    entities: Mapping[str, Entity]
    artifacts: Sequence[Artifact]
    model: ScriptedModel
    heard: Heard
    seconds: float

    @property
    def files(self) -> dict[str, str]:
        """The latest text of each file."""
        return {one.path: one.text for one in self.artifacts if one.text}

    def reasons(self) -> dict[str, str]:
        """Why artifacts are not approved, by kind."""
        return {one.kind: one.reason for one in self.artifacts if not one.approved}


def start(
    pipeline: Pipeline,
    folder: Path,
    flags: Flags,
    model: ScriptedModel,
    heard: Heard,
    requests: Sequence[str] = ADD,
) -> Coroutine[Any, Any, tuple[Mapping[str, Entity], Sequence[Artifact]]]:
    """Start a session with a scripted model."""
    return run_crud(
        pipeline, requests, flags, model.client(), model="scripted", workdir=folder, listener=heard
    )


def session(
    folder: Path,
    flags: Flags,
    script: Mapping[tuple[str, str], Sequence[Answer]] | None = None,
    requests: Sequence[str] = ADD,
    agents: tuple[Agent, ...] = PAIR,
) -> Session:
    """Run a session of the tiny pipeline."""
    model, heard = ScriptedModel(script), Heard()
    pipeline = tiny_pipeline(folder, agents=agents)
    (entities, artifacts), seconds = run(start(pipeline, folder, flags, model, heard, requests))
    return Session(entities, artifacts, model, heard, seconds)


def recognition(**fields: object) -> Answer:
    """A recognition of the Student with other fields."""
    return Answer(json.dumps({**json.loads(STUDENT), **fields}))


def test_the_plain_pipeline_works_one_after_the_other(tmp_path: Path) -> None:
    """Recognise, then generate and review for each agent; time is the sum of the calls."""
    done = session(tmp_path, NONE)
    assert done.model.phases() == [
        ("recognise", "recogniser"),
        ("generate", "database"), ("review", "tech_lead"),
        ("generate", "backend"), ("review", "tech_lead"),
        ("generate", "frontend"), ("review", "tech_lead"),
    ]  # fmt: skip
    assert done.seconds == 7 * SECONDS_PER_CALL
    assert [(one.kind, one.path, one.approved) for one in done.artifacts] == [
        ("database", "data/student.py", True),
        ("backend", "routes/student.py", True),
        ("frontend", "pages/student.py", True),
    ]


def test_waves_cost_their_longest_agent(tmp_path: Path) -> None:
    """Database (9 s) beside frontend (1 s), then backend: the waves are summed, not the calls."""
    slow = {("generate", "database"): [Answer(GOOD_CODE, latency_seconds=9.0)]}
    assert session(tmp_path, NONE, slow).seconds == 1 + (9 + 1) + (1 + 1) + (1 + 1)
    done = session(tmp_path, PARALLEL, slow)
    assert done.seconds == 1 + (9 + 1) + (1 + 1)
    assert [one.kind for one in done.artifacts] == ["database", "backend", "frontend"]


def test_parallel_work_asks_the_same(tmp_path: Path) -> None:
    """The flag changes when calls are made, and no byte of them."""

    def asked(flags: Flags) -> list[str]:
        return sorted(json.dumps(call.body) for call in session(tmp_path, flags).model.calls)

    assert asked(PARALLEL) == asked(NONE)


def test_an_agent_sees_what_it_needs_and_nothing_else(tmp_path: Path) -> None:
    """Backend needs database: the module is in its prompt; frontend needs nobody."""
    schema = "SCHEMA = 1\n"
    done = session(tmp_path, NONE, {("generate", "database"): [Answer(schema)]})
    prompts = {call.agent: call.user for call in done.model.calls if call.phase == "generate"}
    assert f"# Database module\n\n```python\n{schema}```" in prompts["backend"]
    assert "module" not in [line for line in prompts["frontend"].splitlines() if "# " in line]
    assert schema not in prompts["frontend"]


def test_a_later_request_evolves_the_entity_and_its_files(tmp_path: Path) -> None:
    """The delta is merged, and each engineer sees the current version of the own file."""
    email = [{"name": "email", "type": "email", "required": False}]
    script = {
        ("recognise", "recogniser"): [
            Answer(STUDENT),
            recognition(intent="evolve", attributes=email),
        ],
        ("generate", "database"): [Answer("OLD = 1\n"), Answer("NEW = 1\n")],
    }
    done = session(tmp_path, NONE, script, requests=("Add a Student", "add email to Student"))
    later = [call.user for call in done.model.calls if call.phase == "generate"][3]
    assert "# Current version\n\n```python\nOLD = 1\n```" in later
    assert '"email"' in later
    student = done.entities["student"]
    assert [one.name for one in student.attributes] == ["name", "email"]
    assert done.files["data/student.py"] == "NEW = 1\n"
    assert len({one.request_id for one in done.artifacts}) == 2


def test_a_later_request_is_recognised_without_what_is_known(tmp_path: Path) -> None:
    """The same words are the same bytes, first in a session or last."""
    words = "add email to Student"
    first = session(tmp_path, NONE, requests=(words,)).model.calls[0]
    later = session(tmp_path, NONE, requests=("Add a Student", "Add a Course", words))
    asked = [call for call in later.model.calls if call.phase == "recognise"]
    assert asked[-1].body == first.body


def test_an_agent_sees_the_dependency_of_this_request(tmp_path: Path) -> None:
    """The backend of the second request builds on the second database module, not the first."""
    script = {("generate", "database"): [Answer("OLD = 1\n"), Answer("NEW = 1\n")]}
    done = session(tmp_path, NONE, script, requests=("Add a Student", "Add it again"))
    _, later = [call.user for call in done.model.calls if call.agent == "backend"]
    assert "# Database module\n\n```python\nNEW = 1\n```" in later
    assert "OLD" not in later


def test_a_rejected_version_goes_with_its_issues_and_the_current_one(tmp_path: Path) -> None:
    """Current is what the last request left; rejected is what review has just seen."""
    script = {
        ("generate", "database"): [Answer("OLD = 1\n"), Answer("BAD = 1\n")],
        ("review", "tech_lead"): [*[Answer(APPROVED)] * 3, Answer(REJECTED), Answer(APPROVED)],
    }
    done = session(tmp_path, NONE, script, requests=("Add a Student", "Add it again"))
    (again,) = [call.user for call in done.model.calls if call.phase == "regenerate"]
    headings = [line for line in again.splitlines() if line.startswith("# ")]
    assert headings == [
        "# Request", "# Specification", "# Current version", "# Rejected version", "# Issues",
        "# Task",
    ]  # fmt: skip
    assert "# Current version\n\n```python\nOLD = 1\n```" in again
    assert "# Rejected version\n\n```python\nBAD = 1\n```" in again
    assert "- line 1: is wrong\n" in again


def test_another_entity_has_files_of_its_own(tmp_path: Path) -> None:
    """Nothing of the Student is the current version of a Course; relations are merged."""
    courses = [{"name": "courses", "kind": "many_to_many", "target": "Course"}]
    script = {
        ("recognise", "recogniser"): [
            Answer(STUDENT), recognition(entity="Course"),
            recognition(intent="relate", attributes=[], relations=courses),
        ]
    }  # fmt: skip
    done = session(tmp_path, NONE, script, requests=("student", "course", "relate"))
    prompts = [call.user for call in done.model.calls if call.phase == "generate"]
    assert ["# Current version" in prompt for prompt in prompts] == [False] * 6 + [True] * 3
    student = done.entities["student"]
    assert [one.name for one in student.attributes] == ["name"]
    assert [one.field for one in student.relations] == ["course_ids"]
    assert list(done.entities) == ["student", "course"]
    assert set(done.files) == {
        f"{folder}/{module}.py"
        for folder in ("data", "routes", "pages")
        for module in ("student", "course")
    }


def test_a_relation_to_an_unknown_entity_is_built_all_the_same(tmp_path: Path) -> None:
    """The focal entity alone yields artifacts."""
    relations = [{"name": "teacher", "kind": "many_to_one", "target": "Teacher"}]
    done = session(
        tmp_path, NONE, {("recognise", "recogniser"): [recognition(relations=relations)]}
    )
    assert {one.entity for one in done.artifacts} == {"Student"}
    assert list(done.entities) == ["student"]


def test_two_spellings_of_one_module_are_one_entity(tmp_path: Path) -> None:
    """The recogniser sees nothing of the session, so it may write `ApiKey` and then `APIKey`."""
    email = [{"name": "email", "type": "email", "required": False}]
    answers = [recognition(entity="ApiKey"), recognition(entity="APIKey", attributes=email)]
    done = session(
        tmp_path, NONE, {("recognise", "recogniser"): answers}, requests=("create", "add email")
    )
    (entity,) = done.entities.values()
    assert [one.name for one in entity.attributes] == ["name", "email"]


# --- rejected artifacts --------------------------------------------------------------------------


def test_a_rejected_artifact_is_made_again_after_two_seconds(tmp_path: Path) -> None:
    """Plain: the whole file in the phase regenerate; the second version passes."""
    done = session(tmp_path, NONE, {("review", "tech_lead"): [Answer(REJECTED), Answer(APPROVED)]})
    assert done.model.phases()[1:5] == [
        ("generate", "database"), ("review", "tech_lead"),
        ("regenerate", "database"), ("review", "tech_lead"),
    ]  # fmt: skip
    assert done.seconds == 9 * SECONDS_PER_CALL + 2.0
    assert done.artifacts[0].approved
    assert done.artifacts[0].retries == 1


@pytest.mark.parametrize(
    ("flags", "pauses"), [(NONE, [2, 2, 2]), (SMART, [1, 2, 4])], ids=["plain", "smart"]
)
def test_after_three_retries_it_stays_rejected(
    tmp_path: Path, flags: Flags, pauses: list[int]
) -> None:
    """It is kept, not approved, with its issues; the others are not touched by it."""
    script = {("review", "tech_lead"): [Answer(REJECTED)] * 4 + [Answer(APPROVED)]}
    done = session(tmp_path, flags, script)
    first = done.artifacts[0]
    assert done.heard.pauses_seconds() == pauses
    assert (first.approved, first.retries, first.reason) == (False, 3, "line 1: is wrong")
    assert first.text == GOOD_CODE
    assert [one.approved for one in done.artifacts] == [False, True, True]
    assert len(done.heard.named(events.ARTIFACT_REJECTED)) == 4


def test_every_issue_is_among_the_reasons(tmp_path: Path) -> None:
    """Of the last review, in its order."""
    issues = [{"line": 1, "message": "is wrong"}, {"message": "is odd"}]
    rejected = Answer(json.dumps({"approved": False, "issues": issues}))
    done = session(tmp_path, NONE, {("review", "tech_lead"): [rejected]})
    assert set(done.reasons().values()) == {"line 1: is wrong; is odd"}


def test_the_smart_policy_patches_what_was_rejected(tmp_path: Path) -> None:
    """One patch call in place of a whole file."""
    patch = f"<<<<<<< SEARCH\n{GOOD_CODE}=======\nMENDED = 1\n>>>>>>> REPLACE"
    script = {
        ("review", "tech_lead"): [Answer(REJECTED), Answer(APPROVED)],
        ("patch", "database"): [Answer(patch)],
    }
    done = session(tmp_path, SMART, script)
    assert done.model.phases()[1:5] == [
        ("generate", "database"), ("review", "tech_lead"),
        ("patch", "database"), ("review", "tech_lead"),
    ]  # fmt: skip
    assert done.artifacts[0].text == "MENDED = 1\n"


def test_a_rejected_template_falls_back_to_the_model(tmp_path: Path) -> None:
    """The template was selected, and then fell back: both are told, the model wrote it."""
    script = {("review", "tech_lead"): [Answer(REJECTED), Answer(APPROVED)]}
    done = session(tmp_path, TEMPLATES_ONLY, script)
    assert [str(one.origin) for one in done.artifacts] == ["model", "template", "template"]
    told = done.heard.named(events.TEMPLATE_FALLBACK)
    assert told == [{"kind": "database", "reason": "rejected"}]
    assert done.model.phases()[1:3] == [("review", "tech_lead"), ("regenerate", "database")]


def test_a_confident_rejection_names_the_rule(tmp_path: Path) -> None:
    """What the rules rejected is made again without any review by the model."""
    bad = Answer(GOOD_CODE + "forbidden_Student = 1\n")
    script = {("generate", "database"): [bad]}
    done = session(tmp_path, RULES_ONLY, script)
    again = next(call for call in done.model.calls if call.phase == "regenerate")
    assert "# Issues\n\n- no Student\n" in again.user
    assert ("review", "tech_lead") not in done.model.phases()


@pytest.mark.parametrize(
    "answer", ["import sqlite3\n", "```python\n```\n"], ids=["imports alone", "an empty fence"]
)
def test_an_empty_file_is_not_approved(tmp_path: Path, answer: str) -> None:
    """What is left of imports alone, or of an empty fence, is no artifact."""
    done = session(tmp_path, NONE, {("generate", "database"): [Answer(answer)]})
    rejected = done.heard.named(events.ARTIFACT_REJECTED)
    assert [one["issues"] for one in rejected] == [["the file is empty"]]
    assert done.artifacts[0].approved
    assert done.artifacts[0].text.strip()


# --- failures ------------------------------------------------------------------------------------

BROKEN = Answer(status=500)
LIMITED = Answer(status=429)


def test_a_failed_agent_halts_who_needs_it(tmp_path: Path) -> None:
    """Four calls for the database, none for the backend; the frontend is made."""
    done = session(tmp_path, NONE, {("generate", "database"): [BROKEN]})
    assert [str(one.origin) for one in done.artifacts] == ["failed", "failed", "model"]
    assert done.reasons()["database"].startswith("ServerFault: ")
    assert done.reasons()["backend"] == "Database module failed, which it needs"
    assert done.model.phases().count(("generate", "database")) == 4
    assert ("generate", "backend") not in done.model.phases()
    assert [one["kind"] for one in done.heard.named(events.ARTIFACT_FAILED)] == [
        "database", "backend",
    ]  # fmt: skip
    assert [(one.text, one.retries) for one in done.artifacts[:2]] == [("", 0), ("", 0)]


@pytest.mark.parametrize(
    ("flags", "agent", "failure", "approved"),
    [
        # The backend, which needs the database, is halted; the frontend, in its wave, is not.
        pytest.param(PARALLEL, "database", BROKEN, [False, False, True], id="broken, in a wave"),
        # It would fail alone as well.
        pytest.param(PARALLEL, "frontend", BROKEN, [True, True, False], id="broken, last of all"),
        # There is nothing to fall back to.
        pytest.param(NONE, "database", LIMITED, [False, False, True], id="refused, alone already"),
    ],
)
def test_no_failure_but_a_rate_limit_in_a_wave_is_tried_again_alone(
    tmp_path: Path, flags: Flags, agent: str, failure: Answer, approved: list[bool]
) -> None:
    """Four calls, and no fifth."""
    done = session(tmp_path, flags, {("generate", agent): [failure]})
    assert [artifact.approved for artifact in done.artifacts] == approved
    assert done.heard.named(events.PARALLEL_FALLBACK) == []
    assert done.model.phases().count(("generate", agent)) == 4


def test_those_who_were_halted_in_a_wave_are_not_tried_again(tmp_path: Path) -> None:
    """Two dependants of one failure: told once each, and no call for either."""
    database, backend, frontend = PAIR
    agents = (database, backend, replace(frontend, needs=("database",)))
    done = session(tmp_path, PARALLEL, {("generate", "database"): [BROKEN]}, agents=agents)
    assert [one["kind"] for one in done.heard.named(events.ARTIFACT_FAILED)] == [
        "database", "backend", "frontend",
    ]  # fmt: skip
    assert set(done.model.phases()[1:]) == {("generate", "database")}


def test_who_was_refused_in_a_wave_is_asked_again_alone(tmp_path: Path) -> None:
    """Rate limits used up while working together: told, and then tried without the others."""
    script = {("generate", "database"): [LIMITED] * 4 + [Answer(GOOD_CODE)]}
    done = session(tmp_path, PARALLEL, script)
    told = done.heard.named(events.PARALLEL_FALLBACK)
    assert [one["kind"] for one in told] == ["database"]
    assert told[0]["reason"].startswith("RateLimited")
    assert [one.approved for one in done.artifacts] == [True, True, True]
    others = [call.at_seconds for call in done.model.calls if call.agent == "frontend"]
    alone = [call.at_seconds for call in done.model.calls if call.agent == "database"][-1]
    assert alone > max(others)


def test_those_who_were_refused_together_are_asked_one_after_the_other(tmp_path: Path) -> None:
    """The fall-back is the sequential order: no two calls at once."""
    limited = [LIMITED] * 4 + [Answer(GOOD_CODE)]
    script = {("generate", "database"): limited, ("generate", "frontend"): limited}
    done = session(tmp_path, PARALLEL, script)
    told = done.heard.named(events.PARALLEL_FALLBACK)
    assert [one["kind"] for one in told] == ["database", "frontend"]
    assert [one.approved for one in done.artifacts] == [True, True, True]
    alone = [call for call in done.model.calls if call.at_seconds >= 11.0]
    assert [(call.phase, call.agent) for call in alone[:4]] == [
        ("generate", "database"), ("review", "tech_lead"),
        ("generate", "frontend"), ("review", "tech_lead"),
    ]  # fmt: skip
    assert len({call.at_seconds for call in alone}) == len(alone)


def test_who_was_refused_by_the_reviewer_is_made_again_alone(tmp_path: Path) -> None:
    """The limit may come at any call of the work; dependants see what was made in the end."""
    script = {
        ("generate", "database"): [Answer("FIRST = 1\n"), Answer("SECOND = 1\n")],
        ("generate", "frontend"): [Answer(GOOD_CODE, latency_seconds=60)],
        ("review", "tech_lead"): [LIMITED] * 4 + [Answer(APPROVED)],
    }
    done = session(tmp_path, PARALLEL, script)
    assert [one["kind"] for one in done.heard.named(events.PARALLEL_FALLBACK)] == ["database"]
    assert done.files["data/student.py"] == "SECOND = 1\n"
    (backend,) = [call.user for call in done.model.calls if call.agent == "backend"]
    assert "SECOND = 1" in backend
    assert [one.approved for one in done.artifacts] == [True, True, True]


@pytest.mark.parametrize(("flags", "pause"), [(NONE, 2.0), (SMART, 20.0)], ids=["plain", "smart"])
def test_retry_after_is_honoured_by_the_smart_policy_only(
    tmp_path: Path, flags: Flags, pause: float
) -> None:
    """From the header of a 429 to the event and the clock."""
    limited = Answer(status=429, headers={"retry-after": "20"})
    done = session(tmp_path, flags, {("generate", "backend"): [limited, Answer(GOOD_CODE)]})
    assert done.heard.named(events.RETRY) == [
        {"agent": "backend", "attempt": 1, "delay_seconds": pause, "reason": "RateLimited"}
    ]
    assert done.seconds == 8 * SECONDS_PER_CALL + pause


def test_an_artifact_that_nobody_could_review_is_not_approved(tmp_path: Path) -> None:
    """Its text is kept with the reason: nothing passes because the reviewer was away."""
    done = session(tmp_path, NONE, {("review", "tech_lead"): [Answer("LGTM")]})
    first = done.artifacts[0]
    assert (first.approved, first.text, str(first.origin)) == (False, GOOD_CODE, "model")
    assert first.reason.startswith("Malformed: no verdict")


def test_a_request_that_is_not_understood_fails_alone(tmp_path: Path) -> None:
    """One failed artifact an agent with the reason; the next request goes on."""
    script = {("recognise", "recogniser"): [Answer("no")] * 3 + [Answer(STUDENT)]}
    done = session(tmp_path, NONE, script, requests=("???", "Add a Student"))
    assert [one.approved for one in done.artifacts] == [False] * 3 + [True] * 3
    assert [one.kind for one in done.artifacts[:3]] == ["database", "backend", "frontend"]
    assert all("Invalid JSON" in one.reason for one in done.artifacts[:3])
    assert len(done.heard.named(events.RECOGNITION_FAILED)) == 1


async def end(session: Coroutine[Any, Any, Any], model: ScriptedModel) -> BaseException:
    """Let a session end with an error; nobody may go on working behind the caller's back."""
    with pytest.raises((ZeroDivisionError, CellStopped)) as raised:
        await session
    asked = len(model.calls)
    await asyncio.sleep(100)
    assert len(model.calls) == asked
    return raised.value


@pytest.mark.parametrize("flags", [NONE, PARALLEL], ids=["one after the other", "in waves"])
def test_a_bug_ends_the_session_at_once(tmp_path: Path, flags: Flags) -> None:
    """It keeps its class."""
    bug = Answer(raises=ZeroDivisionError("bug"), latency_seconds=0.5)
    model = ScriptedModel({("generate", "frontend"): [bug]})
    error, _ = run(end(start(tiny_pipeline(tmp_path), tmp_path, flags, model, Heard()), model))
    assert isinstance(error, ZeroDivisionError)


STOP = CellStopped(CouldNotRun(Problem("a request that is not recorded")))
PHASES = (
    ("recognise", "recogniser"), ("generate", "database"), ("generate", "frontend"),
    ("review", "tech_lead"), ("regenerate", "database"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("flags", "place"),
    [
        pytest.param(flags, (phase, agent), id=f"{name}: {phase} by {agent}")
        for name, flags in {
            "plain": NONE, "waves": PARALLEL, "smart": SMART, "all": Flags.all()
        }.items()
        for phase, agent in (*PHASES, *([("patch", "database")] if flags.retry else []))
    ],
)  # fmt: skip
def test_a_stop_from_below_ends_the_session_at_once(
    tmp_path: Path, flags: Flags, place: tuple[str, str]
) -> None:
    """Nothing catches it, in a wave either: no retry, no failed artifact, no call behind it."""
    script = {
        # A business rule, so that no template takes the work.
        ("recognise", "recogniser"): [recognition(rules=["name must be unique"])],
        ("generate", "database"): [Answer("doubtful = 1\n")],
        ("review", "tech_lead"): [Answer(REJECTED)],
        ("patch", "database"): [Answer("no block")],
        place: [Answer(raises=STOP, latency_seconds=0.5)],
    }
    model, heard = ScriptedModel(script), Heard()
    error, _ = run(end(start(tiny_pipeline(tmp_path), tmp_path, flags, model, heard), model))
    assert error is STOP
    assert place in model.phases()
    assert {one["reason"] for one in heard.named(events.RETRY)} <= {"rejected"}
    assert heard.named(events.ARTIFACT_FAILED) == []
    assert heard.named(events.REQUEST_DONE) == []


def test_a_pipeline_that_cannot_work_fails_before_any_call(tmp_path: Path) -> None:
    """Nobody makes what an agent needs: no call is paid."""
    lonely = Agent(kind="backend", role="", task="", path="{module}", heading="B", needs=("x",))
    model = ScriptedModel()
    with pytest.raises(ValueError, match="which no agent makes"):
        run(start(tiny_pipeline(tmp_path, agents=(lonely,)), tmp_path, NONE, model, Heard()))
    assert model.calls == []


@pytest.mark.parametrize(
    ("file", "text", "told"),
    [("rules/backend.yaml", "- {id: a, kind: required, pattern: '(', message: m}", "rule 'a'"),
     ("templates/backend.py.j2", "{% if %}", "Expected an expression"),
     ("standards/backend.md", None, "backend.md")],
    ids=["a pattern", "a template", "no standard"],
)  # fmt: skip
def test_bad_texts_fail_before_any_call(
    tmp_path: Path, file: str, text: str | None, told: str
) -> None:
    """A pattern, a template, a missing standard: told at the start, with every flag off too."""
    pipeline, model = tiny_pipeline(tmp_path), ScriptedModel()
    if text is None:
        (tmp_path / file).unlink()
    else:
        (tmp_path / file).write_text(text)
    with pytest.raises((ValueError, OSError, jinja2.TemplateError), match=told):
        run(start(pipeline, tmp_path, NONE, model, Heard()))
    assert model.calls == []


def test_a_session_tells_the_seeds_events(tmp_path: Path) -> None:
    """Hit, miss, write, selected, fallback, three verdicts of the rules, retry with its delay."""
    script = {
        ("recognise", "recogniser"): [Answer(STUDENT), recognition(rules=["names are unique"])],
        ("generate", "database"): [Answer("doubtful = 1\n")],
        ("generate", "backend"): [Answer(f"{GOOD_CODE}forbidden_Student = 1\n")],
    }
    requests = ("Add a Student", "names are unique", "please add the students")
    done = session(tmp_path, Flags.all(), script, requests=requests)
    first, second, third = (
        {event.name for event in done.heard if event.request_id == identity}
        for identity in dict.fromkeys(one.request_id for one in done.artifacts)
    )
    assert first == {
        "cache_miss", "cache_write", "llm_call", "template_selected", "understood",
        "validation_confident_approval", "artifact_approved", "request_done",
    }  # fmt: skip
    assert second > {
        "cache_miss", "cache_write", "template_fallback", "validation_confident_rejection",
        "validation_uncertain_llm_required", "retry", "artifact_rejected",
    }  # fmt: skip
    assert "cache_hit" in third
    assert all(pause > 0 for pause in done.heard.pauses_seconds())


def test_one_request_id_goes_through_everything(tmp_path: Path) -> None:
    """Events, calls and artifacts of a request carry the same id, in waves too."""
    done = session(tmp_path, PARALLEL, requests=("Add a Student", "Add a Student again"))
    ids = list(dict.fromkeys(one.request_id for one in done.artifacts))
    assert len(ids) == 2
    assert list(dict.fromkeys(event.request_id for event in done.heard)) == ids
    assert list(dict.fromkeys(call.request_id for call in done.model.calls)) == ids


def test_the_time_of_a_request_is_the_clocks(tmp_path: Path) -> None:
    """Pauses included, by the event loop's clock."""
    done = session(tmp_path, NONE, {("recognise", "recogniser"): [Answer("no"), Answer(STUDENT)]})
    assert done.heard.named(events.REQUEST_DONE) == [{"seconds": 8 * SECONDS_PER_CALL + 2.0}]
