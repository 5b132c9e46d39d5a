"""The django generator as a benchmark calls it: flags, people, caches, on a virtual clock."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from review_examples import SHOP
from scripted import Answer, Heard, ScriptedModel, run

from flagbench_generators.django_rest.agents import DJANGO
from flagbench_generators.django_rest.erd import Erd, canonical
from flagbench_generators.django_rest.request_spec import Project
from flagbench_generators.django_rest.subject import Outcome, django
from flagbench_generators.kernel import events
from flagbench_generators.kernel.pipeline import texts_of
from flagbench_generators.kernel.rendering import _render

KINDS = ("models", "serializers", "views", "router", "auth")
OFF = {
    "ENABLE_PARALLEL_EXECUTION": "false", "ENABLE_RESPONSE_CACHE": "off",
    "ENABLE_AUTO_APPROVAL": "off", "ENABLE_ERROR_RECOVERY": "false",
    "ENABLE_COMPRESSED_STANDARDS": "false", "ENABLE_TEMPLATES": "false",
    "ENABLE_BATCH_REVIEW": "false",
}  # fmt: skip
ERD = canonical(SHOP.erd)
OTHER = canonical(Erd(name="shop", entities=SHOP.erd.entities[1:]))


def good(kind: str, project: Project = SHOP) -> str:
    """A file without a fault, as a model might write it."""
    return _render(texts_of(DJANGO).templates, "erd", f"{kind}.py.j2", project)


def session(
    folder: Path,
    flags: Mapping[str, str] | None = None,
    script: Mapping[tuple[str, str], Sequence[Answer]] | None = None,
    requests: Sequence[str] = (ERD,),
) -> tuple[Outcome, ScriptedModel, Heard, float]:
    """Run a session with these flags on, over a model that writes good files in a second each."""
    answers = {("generate", kind): [Answer(good(kind))] for kind in KINDS}
    model, heard = ScriptedModel({**answers, **(script or {})}), Heard()
    outcome, seconds = run(
        django(
            requests, {**OFF, **(flags or {})}, model.client(), model="scripted", workdir=folder,
            listener=heard,
        )
    )  # fmt: skip
    return outcome, model, heard, seconds


def reading_seconds(*kinds: str) -> float:
    """What a person needs to read these files, each alone."""
    return sum(20 + 0.5 * good(kind).count("\n") for kind in kinds)


def test_the_plain_pipeline_works_and_waits_one_after_the_other(tmp_path: Path) -> None:
    """Five calls of a second, and a person who reads each file before the next is written."""
    outcome, model, _, seconds = session(tmp_path)
    assert [(one.path, one.approved) for one in outcome.artifacts] == [
        ("api/models.py", True), ("api/serializers.py", True), ("api/views.py", True),
        ("api/urls.py", True), ("api/auth.py", True),
    ]  # fmt: skip
    assert model.phases() == [("generate", kind) for kind in KINDS]
    assert seconds == pytest.approx(5 + reading_seconds(*KINDS))
    assert outcome.rates["auto_approval_rate"] == (0, 5)


def test_together_two_waves_and_no_review_in_the_way(tmp_path: Path) -> None:
    """Models, router and auth, then the two that need models: 2 s; approved without a person."""
    flags = {"ENABLE_PARALLEL_EXECUTION": "true", "ENABLE_AUTO_APPROVAL": "0.8"}
    outcome, _, _, seconds = session(tmp_path, flags)
    assert seconds == 2
    assert outcome.rates["auto_approval_rate"] == (5, 5)


def test_a_review_holds_up_no_other_file(tmp_path: Path) -> None:
    """The person begins with the first file while the second wave is written."""
    _, model, _, seconds = session(tmp_path, {"ENABLE_PARALLEL_EXECUTION": "true"})
    assert max(call.at_seconds for call in model.calls) == 1
    assert seconds == pytest.approx(1 + reading_seconds(*KINDS))


def test_a_batch_is_one_sitting(tmp_path: Path) -> None:
    """Five files of high quality: one beginning, nothing read."""
    _, _, heard, seconds = session(tmp_path, {"ENABLE_BATCH_REVIEW": "true"})
    assert seconds == 5 + 20
    assert [one["files"] for one in heard.named(events.PERSON_REVIEWS)] == [5]


@pytest.mark.parametrize("level", ["memory", "disk", "both"])
def test_the_same_erd_again_is_not_written_again(tmp_path: Path, level: str) -> None:
    """However its entities are ordered; another ERD is."""
    document = json.loads(ERD)
    document["entities"].reverse()
    flags = {"ENABLE_RESPONSE_CACHE": level, "ENABLE_AUTO_APPROVAL": "0.7"}
    outcome, model, _, _ = session(tmp_path, flags, requests=(ERD, json.dumps(document), OTHER))
    assert len(model.calls) == 10
    assert outcome.rates["cache_hit_rate"] == (5, 15)
    assert [one.origin for one in outcome.artifacts[5:10]] == ["memory"] * 5


def test_a_team_shares_what_passed(tmp_path: Path) -> None:
    """A second session in another folder, with the team's folder named: no call."""
    team = {"AGENT_CACHE_DIR": str(tmp_path / "team"), "ENABLE_RESPONSE_CACHE": "disk"}
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        _, model, _, _ = session(tmp_path / name, team)
    assert model.calls == []
    _, model, _, _ = session(tmp_path / "two", {"ENABLE_RESPONSE_CACHE": "disk"})
    assert len(model.calls) == 5


def test_what_never_passed_is_not_kept(tmp_path: Path) -> None:
    """A file that is rejected to the end is asked for again by the next session."""
    bad = {("generate", "auth"): [Answer("x = Missing\n")]}
    flags = {"ENABLE_RESPONSE_CACHE": "disk"}
    outcome, *_ = session(tmp_path, flags, bad)
    assert [one.approved for one in outcome.artifacts] == [True] * 4 + [False]
    _, model, _, _ = session(tmp_path, flags)
    assert model.phases() == [("generate", "auth")]


def test_without_recovery_the_same_is_asked_again(tmp_path: Path) -> None:
    """After 2 s each, three times, and nobody says what was wrong."""
    bad = {("generate", "models"): [Answer("class Customer(:\n")]}
    outcome, model, heard, _ = session(tmp_path, script=bad)
    asked = [call.body for call in model.calls if call.agent == "models"]
    assert len(asked) == 4
    assert all(body == asked[0] for body in asked)
    assert heard.pauses_seconds() == [2.0, 2.0, 2.0]
    assert outcome.rates["recovery_rate"] == (0, 1)
    assert outcome.rates["error_rate"] == (1, 5)


PATCH = "<<<<<<< SEARCH\nclass Customer(:\n=======\n{}>>>>>>> REPLACE\n"


def test_with_recovery_the_line_is_named_and_patched(tmp_path: Path) -> None:
    """At once; the patch is what a good file lacks."""
    script = {
        ("generate", "models"): [Answer("class Customer(:\n")],
        ("patch", "models"): [Answer(PATCH.format(good("models")))],
    }
    outcome, model, heard, _ = session(tmp_path, {"ENABLE_ERROR_RECOVERY": "true"}, script)
    assert [one.approved for one in outcome.artifacts] == [True] * 5
    assert ("patch", "models") in model.phases()
    (asked,) = [call.user for call in model.calls if call.phase == "patch"]
    assert "- does not parse: line 1: invalid syntax" in asked
    assert heard.pauses_seconds() == [0.0]
    assert outcome.rates["recovery_rate"] == (1, 1)


def test_with_recovery_a_cut_off_answer_is_continued(tmp_path: Path) -> None:
    """The two halves are one file."""
    text = good("auth")
    halves = [Answer(text[:80], finish_reason="length"), Answer(text[80:])]
    outcome, model, *_ = session(
        tmp_path, {"ENABLE_ERROR_RECOVERY": "true"}, {("generate", "auth"): halves}
    )
    assert outcome.artifacts[-1].text == text
    last = [call.body["messages"] for call in model.calls if call.agent == "auth"][-1]
    assert [one["role"] for one in last] == ["system", "user", "assistant", "user"]
    assert last[2]["content"] == text[:80]


def test_with_recovery_another_model_is_asked(tmp_path: Path) -> None:
    """As the environment names them."""
    limited = [Answer(status=429, headers={"retry-after": "3"})] * 2
    flags = {"ENABLE_ERROR_RECOVERY": "true", "AGENT_ALTERNATIVE_MODELS": "spare"}
    script = {("generate", "models"): [*limited, Answer(good("models"))]}
    _, model, heard, _ = session(tmp_path, flags, script)
    asked = [call.body["model"] for call in model.calls if call.agent == "models"]
    assert asked == ["scripted", "scripted", "spare"]
    assert heard.pauses_seconds() == [3.0, 3.0]


def test_templates_need_no_model(tmp_path: Path) -> None:
    """An ERD says everything that they ask."""
    flags = {"ENABLE_TEMPLATES": "true", "ENABLE_AUTO_APPROVAL": "0.9"}
    outcome, model, _, seconds = session(tmp_path, flags)
    assert (model.calls, seconds) == ([], 0)
    assert [one.approved for one in outcome.artifacts] == [True] * 5


def test_short_standards_are_shorter(tmp_path: Path) -> None:
    """The same duties in fewer words."""

    def asked(flag: str) -> int:
        _, model, _, _ = session(tmp_path, {"ENABLE_COMPRESSED_STANDARDS": flag})
        return sum(len(call.system) for call in model.calls)

    assert asked("true") < 0.5 * asked("false")


def test_an_erd_that_is_wrong_is_in_the_outcome(tmp_path: Path) -> None:
    """Five artifacts that are not approved, with everything that is wrong; the next one is made."""
    outcome, model, _, _ = session(tmp_path, requests=('{"name": "x"}', ERD))
    assert [one.approved for one in outcome.artifacts] == [False] * 5 + [True] * 5
    assert "$: " in outcome.artifacts[0].reason or "$." in outcome.artifacts[0].reason
    assert len(model.calls) == 5


@pytest.mark.parametrize(
    ("flags", "told"),
    [({"ENABLE_RESPONSE_CACHE": "ram"}, "ENABLE_RESPONSE_CACHE='ram'; expected: off, memory"),
     ({"ENABLE_AUTO_APPROVAL": "0.85"}, "ENABLE_AUTO_APPROVAL='0.85'; expected: off, 0.9")],
)  # fmt: skip
def test_a_level_that_there_is_not(tmp_path: Path, flags: dict[str, Any], told: str) -> None:
    """Before any call."""
    with pytest.raises(ValueError, match=told):
        session(tmp_path, flags)


def test_a_session_without_erds_is_refused(tmp_path: Path) -> None:
    """There is nothing to measure."""
    with pytest.raises(ValueError, match="the session has no ERDs"):
        session(tmp_path, requests=())
