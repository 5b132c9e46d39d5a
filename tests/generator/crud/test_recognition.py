"""Recognition: asked of the model, remembered where it may be, and clear when it fails."""

import json
from dataclasses import replace
from pathlib import Path

import jinja2
import pytest
from scripted import STUDENT, Answer, bench, run

from flagbench.http_library import httpx
from flagbench_generators.crud.recognition import cache_version, recognise
from flagbench_generators.crud.recognition_cache import FILE_NAME, RecognitionCache
from flagbench_generators.crud.spec import Recognition
from flagbench_generators.kernel import events
from flagbench_generators.kernel.request_spec import NotUnderstood

ASKED = ("recognise", "recogniser")
WORDS = "Add a Student with name"


def test_the_words_alone_are_asked(tmp_path: Path) -> None:
    """The same words are the same bytes: nothing of the session is in the prompt."""
    at = bench(tmp_path)
    found, _ = run(recognise(WORDS, at.tools, None, at.trace))
    assert found == Recognition.model_validate_json(STUDENT)
    assert at.model.calls[0].user == "# Request\n\nAdd a Student with name\n"
    assert "Answer with one JSON object and nothing else" in at.model.calls[0].system
    assert at.model.calls[0].body["response_format"] == {"type": "json_object"}


def changed(**fields: object) -> str:
    """The Student's recognition with other fields."""
    return json.dumps({**json.loads(STUDENT), **fields})


@pytest.mark.parametrize(
    ("answer", "told"),
    [("I would create a Student.", "answer: Invalid JSON"),
     ("[]", "answer: Input should be an object"),
     (changed(intent="destroy"), "intent: Input should be"),
     (changed(entity="../etc"), "entity: Value error, '../etc' is not an entity name"),
     (changed(attributes=[{"name": "class", "type": "string"}]), "attributes.0.name"),
     (changed(attributes=[{"name": "age", "type": "float"}]), "attributes.0.type"),
     (changed(comment="ok"), "comment: Extra inputs")],
)  # fmt: skip
def test_the_third_malformed_answer_is_a_clear_failure(
    tmp_path: Path, answer: str, told: str
) -> None:
    """It is asked three times, with pauses, and the failure names what was wrong."""
    at = bench(tmp_path, {ASKED: [Answer(answer)]})
    with pytest.raises(NotUnderstood) as raised:
        run(recognise(WORDS, at.tools, None, at.trace))
    assert told in str(raised.value)
    assert len(at.model.calls) == 3
    assert at.heard.pauses_seconds() == [2.0, 2.0]


def test_a_malformed_answer_is_asked_again(tmp_path: Path) -> None:
    """Two bad answers, then a good one."""
    at = bench(tmp_path, {ASKED: [Answer("no"), Answer("{}"), Answer(STUDENT)]})
    found, seconds = run(recognise(WORDS, at.tools, None, at.trace))
    assert found.entity == "Student"
    assert seconds == pytest.approx(3 * 1.0 + 2 * 2.0)


def test_a_provider_that_fails_is_a_clear_failure(tmp_path: Path) -> None:
    """Retries used up: the class of the failure is named."""
    at = bench(tmp_path, {ASKED: [Answer(status=500)]})
    with pytest.raises(NotUnderstood, match="ServerFault"):
        run(recognise(WORDS, at.tools, None, at.trace))
    assert len(at.model.calls) == 4


def test_what_was_recognised_is_not_asked_again(tmp_path: Path) -> None:
    """One call for the same request in other words, and no time at all."""
    at = bench(tmp_path)
    memory = RecognitionCache(tmp_path, cache_version(at.tools.prompts, "scripted"))
    first, _ = run(recognise(WORDS, at.tools, memory, at.trace))
    again, seconds = run(
        recognise("please add the students with names", at.tools, memory, at.trace)
    )
    assert (again, seconds) == (first, 0.0)
    assert len(at.model.calls) == 1


def test_a_failure_is_not_remembered(tmp_path: Path) -> None:
    """The next session asks again."""
    at = bench(tmp_path, {ASKED: [Answer("no"), Answer("no"), Answer("no"), Answer(STUDENT)]})
    memory = RecognitionCache(tmp_path, "v1")
    with pytest.raises(NotUnderstood):
        run(recognise(WORDS, at.tools, memory, at.trace))
    assert run(recognise(WORDS, at.tools, memory, at.trace))[0].entity == "Student"
    assert at.heard.named(events.CACHE_HIT) == []


def test_a_remembered_recognition_depends_on_prompt_and_model(tmp_path: Path) -> None:
    """Another model, or a changed prompt, sees nothing of it; the words do not matter."""
    original = bench(tmp_path).tools.prompts
    names = ("recognise_system.md.j2", "recognise_user.md.j2")
    loader = jinja2.DictLoader(dict.fromkeys(names, "Other words.\n"))
    other = jinja2.Environment(loader=loader, autoescape=True)
    rewritten = replace(original, texts=replace(original.texts, prompts=other))
    versions = {
        cache_version(original, "m"), cache_version(original, "n"), cache_version(rewritten, "m"),
    }  # fmt: skip
    assert len(versions) == 3
    assert cache_version(original, "m") == cache_version(original, "m")


@pytest.mark.parametrize(
    ("answer", "reason", "calls"),
    [(Answer(status=429), "RateLimited", 4),
     (Answer(status=503), "ServerFault", 4),
     (Answer(status=400), "Refused", 1),
     (Answer(raises=httpx.ReadTimeout("too slow")), "Unreachable", 4),
     (Answer(raises=httpx.RemoteProtocolError("closed")), "Unreachable", 4),
     (Answer(STUDENT, finish_reason="length"), "CutOff", 4),
     (Answer(""), "Malformed", 3)],
)  # fmt: skip
def test_every_fault_of_the_wire_is_a_clear_failure(
    tmp_path: Path, answer: Answer, reason: str, calls: int
) -> None:
    """Named by class, after as many tries as its class is worth."""
    at = bench(tmp_path, {ASKED: [answer]})
    with pytest.raises(NotUnderstood, match=f"^{reason}: "):
        run(recognise(WORDS, at.tools, None, at.trace))
    assert len(at.model.calls) == calls


@pytest.mark.parametrize("fault", [Answer(status=429), Answer(STUDENT, finish_reason="length")])
def test_a_fault_of_the_wire_is_got_over(tmp_path: Path, fault: Answer) -> None:
    """The same bytes again, and the answer is taken."""
    at = bench(tmp_path, {ASKED: [fault, Answer(STUDENT)]})
    assert run(recognise(WORDS, at.tools, None, at.trace))[0].entity == "Student"
    assert at.model.calls[0].body == at.model.calls[1].body


@pytest.mark.parametrize("damage", [b"", b"\x00garbage" * 999, b"SQLite format 3\x00 torn"])
def test_a_damaged_cache_falls_back_to_the_model(tmp_path: Path, damage: bytes) -> None:
    """Whatever lies in its place: asked, answered, and remembered again."""
    (tmp_path / FILE_NAME).write_bytes(damage)
    at = bench(tmp_path)
    for _ in range(2):
        memory = RecognitionCache(tmp_path, "v1")
        found, _ = run(recognise(WORDS, at.tools, memory, at.trace))
        memory.close()
        assert found.entity == "Student"
    assert len(at.model.calls) == 1
