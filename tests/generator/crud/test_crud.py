"""The whole subject: real texts, templates and rules, each flag alone, sessions that continue."""

import importlib.util
import inspect
import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from scripted import APPROVED, REJECTED, STUDENT, Answer, Heard, ScriptedModel, run

from flagbench_generators.crud.agents import CRUD
from flagbench_generators.crud.flags import FACTORS
from flagbench_generators.crud.subject import Outcome, crud, crud_lean
from flagbench_generators.kernel import events
from flagbench_generators.kernel.pipeline import texts_of

OFF = {factor.env: "false" for factor in FACTORS}
ON = {factor.env: "true" for factor in FACTORS}
ADD = ("Add a Student with name",)
KINDS = ["database", "backend", "frontend", "tests"]


@dataclass(frozen=True, slots=True)
class Done:
    """A session's outcome and how it came about."""

    outcome: Outcome
    model: ScriptedModel
    heard: Heard
    seconds: float


def done(
    workdir: Path,
    flags: Mapping[str, str],
    requests: Sequence[str] = ADD,
    script: Mapping[tuple[str, str], Sequence[Answer]] | None = None,
) -> Done:
    """Run a session of the real pipeline on a scripted model."""
    model, heard = ScriptedModel(script), Heard()
    outcome, seconds = run(
        crud(requests, flags, model.client(), model="m", workdir=workdir, listener=heard)
    )
    return Done(outcome, model, heard, seconds)


def only(env: str) -> dict[str, str]:
    """One flag on, the others off."""
    return {**OFF, env: "true"}


def test_it_is_a_subject() -> None:
    """An async function with its factors, found by a dotted path."""
    assert inspect.iscoroutinefunction(crud)
    assert crud.factors is FACTORS  # type: ignore[attr-defined]


def test_with_every_flag_off_the_model_does_everything(tmp_path: Path) -> None:
    """One recognition, four files, four reviews, one after the other; nothing is written."""
    plain = done(tmp_path, OFF)
    phases = [phase for phase, _ in plain.model.phases()]
    assert phases == ["recognise"] + ["generate", "review"] * 4
    assert plain.seconds == 9.0
    assert [str(one.origin) for one in plain.outcome.artifacts] == ["model"] * 4
    assert set(plain.outcome.rates.values()) == {(0, 0)}
    assert list(tmp_path.iterdir()) == []


def test_with_every_flag_off_every_prompt_has_the_full_standard(tmp_path: Path) -> None:
    """Engineers and tech lead read the standard of the artifact's own kind, whole."""
    calls = done(tmp_path, OFF).model.calls[1:]
    standards = texts_of(CRUD).full_standards
    for kind, (made, reviewed) in zip(
        KINDS, zip(calls[::2], calls[1::2], strict=True), strict=True
    ):
        assert (made.agent, reviewed.agent) == (kind, "tech_lead")
        assert made.system.endswith(f"\n\n{standards[kind]}\n")
        assert reviewed.system.endswith(f"\n\n{standards[kind]}\n")


def test_with_every_flag_off_pauses_are_two_seconds(tmp_path: Path) -> None:
    """Failed calls and rejected files alike; a whole file again, never a patch."""
    script = {
        ("recognise", "recogniser"): [Answer(status=500), Answer(STUDENT)],
        ("generate", "frontend"): [
            Answer(status=429, headers={"retry-after": "9"}),
            Answer("x = 1"),
        ],
        ("review", "tech_lead"): [Answer(REJECTED), Answer(REJECTED), Answer(APPROVED)],
    }
    plain = done(tmp_path, OFF, script=script)
    assert plain.heard.pauses_seconds() == [2.0] * 4
    assert "patch" not in [phase for phase, _ in plain.model.phases()]
    assert plain.seconds == 9 + 2 + 4 + 4 * 2.0


def test_with_every_flag_on_one_call_is_enough(tmp_path: Path) -> None:
    """A standard entity: recognised by the model, the rest by templates and rules."""
    all_on = done(tmp_path, ON)
    assert all_on.model.phases() == [("recognise", "recogniser")]
    assert [str(one.origin) for one in all_on.outcome.artifacts] == ["template"] * 4
    assert all_on.outcome.rates == {
        "cache_hit_rate": (0, 1),
        "template_usage_rate": (4, 4),
        "confident_validation_rate": (4, 4),
    }


def test_artifacts_are_one_a_request_and_agent_in_order(tmp_path: Path) -> None:
    """Kinds and paths of the contract."""
    outcome = done(tmp_path, ON).outcome
    assert [(one.kind, one.path) for one in outcome.artifacts] == [
        ("database", "app/schemas/student.py"),
        ("backend", "app/routes/student.py"),
        ("frontend", "app/pages/student.py"),
        ("tests", "tests/test_student.py"),
    ]
    assert [one.name for one in outcome.entities] == ["Student"]
    assert [one.approval_rate for one in outcome.requests] == [1.0]


# --- each flag alone -----------------------------------------------------------------------------


def seen(workdir: Path, flags: Mapping[str, str]) -> set[str]:
    """The optimisations that left a trace in a session with something for each of them."""
    requests = ("Add a Student with name", "please add the students, with a name!")
    script = {("recognise", "recogniser"): [Answer(status=500), Answer(STUDENT)]}
    result = done(workdir, flags, requests, script)
    calls, heard = result.model.calls, result.heard
    texts = texts_of(CRUD)
    starts = [call.at_seconds for call in calls]
    traces = {
        "ENABLE_TEMPLATES": any(one.origin == "template" for one in result.outcome.artifacts)
        or bool(heard.named(events.TEMPLATE_SELECTED) + heard.named(events.TEMPLATE_FALLBACK)),
        "ENABLE_CONFIDENCE_VALIDATION": any("validation" in event.name for event in heard),
        "ENABLE_RECOGNITION_CACHE": any("cache" in event.name for event in heard)
        or list(workdir.iterdir()) != []
        or result.model.phases().count(("recognise", "recogniser")) < 3,
        "ENABLE_COMPRESSED_STANDARDS": not all(
            call.system.rstrip("\n").endswith(tuple(texts.full_standards.values()))
            for call in calls
            if call.phase != "recognise"
        ),
        "ENABLE_PARALLEL_EXECUTION": len(set(starts)) < len(starts),
        "ENABLE_SMART_RETRY": set(heard.pauses_seconds()) != {2.0}
        or any(call.phase == "patch" for call in calls),
    }
    return {name for name, left in traces.items() if left}


@pytest.mark.parametrize("env", [factor.env for factor in FACTORS])
def test_a_flag_alone_leaves_its_own_trace_and_no_other(tmp_path: Path, env: str) -> None:
    """Six kinds of trace, looked for under each flag: only its own is there."""
    assert seen(tmp_path, only(env)) == {env}


def test_without_flags_there_is_no_trace_of_any(tmp_path: Path) -> None:
    """Not an event, not a file, not a shorter prompt, not a call at the same time as another."""
    assert seen(tmp_path, OFF) == set()


def test_templates_alone(tmp_path: Path) -> None:
    """No file by the model, every review by the model."""
    phases = [phase for phase, _ in done(tmp_path, only("ENABLE_TEMPLATES")).model.phases()]
    assert phases == ["recognise"] + ["review"] * 4


@pytest.mark.parametrize(
    ("part", "reason"),
    [({"rules": ["name must be unique"]}, "business rules"),
     ({"relations": [{"name": "courses", "kind": "many_to_many", "target": "Course"}]},
      "many_to_many relations"),
     ({"relations": [{"name": "marks", "kind": "one_to_many", "target": "Mark"}]},
      "one_to_many relations")],
)  # fmt: skip
def test_templates_fall_back_for_what_they_cannot_write(
    tmp_path: Path, part: Mapping[str, object], reason: str
) -> None:
    """The model writes all four, asked with the very words of the plain pipeline."""
    script = {("recognise", "recogniser"): [Answer(json.dumps({**json.loads(STUDENT), **part}))]}
    plain = done(tmp_path, OFF, script=script)
    fallen = done(tmp_path, only("ENABLE_TEMPLATES"), script=script)
    reasons = [one["reason"] for one in fallen.heard.named(events.TEMPLATE_FALLBACK)]
    assert reasons == [reason] * 4
    assert fallen.heard.named(events.TEMPLATE_SELECTED) == []
    assert fallen.outcome.rates["template_usage_rate"] == (0, 4)
    assert [call.body for call in fallen.model.calls] == [call.body for call in plain.model.calls]


def test_templates_write_a_many_to_one_relation(tmp_path: Path) -> None:
    """It is standard CRUD: a column and a field."""
    relations = [{"name": "teacher", "kind": "many_to_one", "target": "Teacher"}]
    answer = Answer(json.dumps({**json.loads(STUDENT), "relations": relations}))
    made = done(
        tmp_path, only("ENABLE_TEMPLATES"), script={("recognise", "recogniser"): [answer]}
    ).outcome
    assert made.rates["template_usage_rate"] == (4, 4)
    assert all("teacher_id" in one.text for one in made.artifacts)


def test_confidence_alone(tmp_path: Path) -> None:
    """The rules decide on the model's files; here they reject what is no router."""
    alone = done(tmp_path, only("ENABLE_CONFIDENCE_VALIDATION"))
    part, whole = alone.outcome.rates["confident_validation_rate"]
    assert 0 < part <= whole
    assert len(alone.heard.named(events.CONFIDENT_REJECTION)) > 0
    assert alone.outcome.rates["template_usage_rate"] == (0, 0)


def test_the_cache_alone(tmp_path: Path) -> None:
    """The same request in other words is recognised once, in this session and the next."""
    requests = ("Add a Student with name", "please add the students, with a name!")
    first = done(tmp_path, only("ENABLE_RECOGNITION_CACHE"), requests)
    again = done(tmp_path, only("ENABLE_RECOGNITION_CACHE"), requests)
    assert first.outcome.rates["cache_hit_rate"] == (1, 2)
    assert again.outcome.rates["cache_hit_rate"] == (2, 2)
    assert ("recognise", "recogniser") not in again.model.phases()
    assert "recognition_cache.db" in [path.name for path in tmp_path.iterdir()]


def test_compressed_standards_alone(tmp_path: Path) -> None:
    """The same calls with shorter system messages; user messages do not change."""
    full, short = done(tmp_path, OFF), done(tmp_path, only("ENABLE_COMPRESSED_STANDARDS"))
    assert short.model.phases() == full.model.phases()
    for one, other in zip(short.model.calls, full.model.calls, strict=True):
        assert one.user == other.user
        if one.phase == "recognise":
            assert one.system == other.system
        else:
            assert len(one.system) < len(other.system) / 2


def test_parallel_execution_alone(tmp_path: Path) -> None:
    """Three waves of two calls in place of eight calls; the same calls."""
    plain, waves = done(tmp_path, OFF), done(tmp_path, only("ENABLE_PARALLEL_EXECUTION"))
    assert (plain.seconds, waves.seconds) == (9.0, 7.0)
    assert sorted(json.dumps(call.body) for call in waves.model.calls) == sorted(
        json.dumps(call.body) for call in plain.model.calls
    )
    assert [one.kind for one in waves.outcome.artifacts] == KINDS


def test_smart_retry_alone(tmp_path: Path) -> None:
    """One server fault: a pause of 1 s, where the plain pipeline waits 2 s."""
    script = {("recognise", "recogniser"): [Answer(status=500), Answer(STUDENT)]}
    plain = done(tmp_path, OFF, script=script)
    smart = done(tmp_path, only("ENABLE_SMART_RETRY"), script=script)
    assert (plain.seconds, smart.seconds) == (12.0, 11.0)


# --- the end of a session ------------------------------------------------------------------------


def test_the_summary_is_told_at_the_end(tmp_path: Path) -> None:
    """Once, with the five lines and every metric, before the warnings."""
    heard = done(tmp_path, ON).heard
    (summary,) = heard.named(events.OPTIMIZATION_SUMMARY)
    assert len(summary["text"].splitlines()) == 5
    assert summary["template_usage_rate"] == 1.0
    assert summary["approval_rate"] == 1.0


def test_warnings_are_told(tmp_path: Path) -> None:
    """A single new request cannot hit the cache."""
    told = done(tmp_path, ON).heard.named(events.PERFORMANCE_WARNING)
    assert told == [{"message": "cache hit rate below 20 %", "value": 0.0}]


def test_a_session_is_the_same_every_time(tmp_path: Path) -> None:
    """Same requests, same answers: the same events in the same order, and the same outcome."""
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    one, two = done(tmp_path / "one", ON), done(tmp_path / "two", ON)
    assert list(one.heard) == list(two.heard)
    assert one.outcome == two.outcome


# --- wrong use -----------------------------------------------------------------------------------


def test_a_session_without_requests_is_refused(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(ValueError, match="has no requests"):
        done(tmp_path, OFF, requests=())


def test_a_bad_level_is_refused_before_any_call(tmp_path: Path) -> None:
    """The flag's name and what would be right."""
    with pytest.raises(ValueError, match="ENABLE_TEMPLATES='maybe'"):
        done(tmp_path, {"ENABLE_TEMPLATES": "maybe"})


def test_importing_it_is_light() -> None:
    """What takes long to import is imported when it is needed; no harness, pytest or vcr at all."""
    heavy = {"black", "autoflake", "simplemma", "flagbench", "pytest", "vcr"}
    code = (
        f"import flagbench_generators.crud.subject, sys; print(sorted({heavy} & set(sys.modules)))"
    )
    told = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert told.strip() == "[]"
    assert importlib.util.find_spec("black") is not None


def test_the_lean_control_makes_one_call_a_file(tmp_path: Path) -> None:
    """It has short standards and no review: what parses is approved, the rest is tried again."""
    script = {("generate", "tests"): [Answer("def broken("), Answer("x = 1")]}
    model = ScriptedModel(script)
    off = {factor.env: "false" for factor in crud_lean.factors}  # type: ignore[attr-defined]
    outcome, _ = run(
        crud_lean(ADD, off, model.client(), model="m", workdir=tmp_path, listener=Heard())
    )
    assert [phase for phase, _ in model.phases()] == [
        "recognise", "generate", "generate", "generate", "generate", "regenerate",
    ]  # fmt: skip
    assert all(artifact.approved for artifact in outcome.artifacts)
    short = texts_of(CRUD).compressed_standards
    for call in model.calls[1:]:
        assert call.system.endswith(f"\n\n{short[call.agent]}\n")


def test_the_lean_control_has_the_flags_that_can_save_something(tmp_path: Path) -> None:
    """Templates, cache, parallel and retry; with all of them one call is enough."""
    factors = crud_lean.factors  # type: ignore[attr-defined]
    assert [factor.name for factor in factors] == ["templates", "cache", "parallel", "retry"]
    model = ScriptedModel()
    on = {factor.env: "true" for factor in factors}
    run(crud_lean(ADD, on, model.client(), model="m", workdir=tmp_path, listener=Heard()))
    assert model.phases() == [("recognise", "recogniser")]
