"""Prompts of Django backends, as requests: reading, trying again, going on after a cut."""

import ast
import json
from typing import Any

import pytest
from django_project import PATHS, SHOP, shop, wide
from django_prompts import GO_ON, body, generate, go_on, patch, specified
from prompts import code_in, content

from flagbench.simulator.completion import SimulatedProvider
from flagbench.simulator.continuation import cut_off_answer
from flagbench.simulator.django.patching import differences
from flagbench.simulator.django.plan import KINDS
from flagbench.simulator.prompt_parser import read
from flagbench.simulator.settings import ProviderSettings


def _count(text: str) -> int:
    return max(1, len(text) // 4)


def _provider(**chosen: Any) -> SimulatedProvider:
    return SimulatedProvider(ProviderSettings(**chosen), _count)


@pytest.mark.parametrize("kind", KINDS)
def test_prompts_of_the_contract(kind: str) -> None:
    """Generate, regenerate and patch are understood, with kind, ERD, code and issues."""
    made = read(generate(kind, context="class Order(models.Model):\n    pass"))
    assert (made.task, made.kind, made.shape) == ("generate", kind, None)
    assert made.project is not None and made.project.entities == shop().entities
    again = read(generate(kind, rejected="x = 1\n", issues=["one", "two"]))
    assert (again.task, again.kind, again.issues) == ("regenerate", kind, ("one", "two"))
    request = read(patch(kind, "x = 1\n", ["one"]))
    assert (request.task, request.kind, request.current) == ("patch", kind, "x = 1\n")


@pytest.mark.parametrize(
    "words, kind",
    [("Give me the serializers", "serializers"), ("I want the view sets", "views"),
     ("Please write the routes", "router"), ("Now the permissions", "auth"),
     ("Write the Django models", "models"), ("Write src/api/urls.py", "router")],
)  # fmt: skip
def test_other_wordings(words: str, kind: str) -> None:
    """Without a path the words of the task name the kind, whatever the material talks about."""
    user = f"## The ERD\n~~~\n{json.dumps(SHOP)}\n~~~\n\n## Instructions\n{words}, please.\n"
    prompt = read(body(user))
    assert (prompt.task, prompt.kind) == ("generate", kind)


def test_json_is_not_answered_with_code() -> None:
    """A prompt that wants JSON, or whose ERD cannot be read, is none of these tasks."""
    asked = generate("models") | {"response_format": {"type": "json_object"}}
    assert read(asked).project is None
    broken = body(
        '# Specification\n\n```json\n{"entities": [\n```\n\n# Task\n\nWrite api/views.py.'
    )
    assert read(broken).task == "other"


@pytest.mark.parametrize("kind", KINDS)
def test_answers_repeat_and_trials_differ(kind: str) -> None:
    """The same request, trial and occurrence give the same bytes, another of them another text."""
    provider = _provider()
    asked = generate(kind)
    assert provider.answer(asked, 2) == provider.answer(asked, 2)
    texts = {
        content(provider.answer(asked, trial, again)) for trial in (1, 2, 3) for again in (1, 2)
    }
    assert len(texts) >= 4


def test_clean_provider_writes_clean_files() -> None:
    """With the multiplier at 0 each answer is what the ERD asks for, fenced or not."""
    for kind in KINDS:
        for trial in range(1, 9):
            code = code_in(content(_provider(defects=0.0).answer(generate(kind), trial)))
            assert ast.parse(code)
            assert differences(kind, shop(), code) == []


def _lacking(asked: dict[str, Any], defects: float) -> float:
    """The share of 300 answers in which Customer.status has no choices."""
    provider = _provider(defects=defects, fences=0.0)
    texts = [content(provider.answer(asked, trial)) for trial in range(1, 301)]
    return sum("choices" not in text for text in texts) / 300


def test_another_try_mends_what_was_named() -> None:
    """Unnamed a defect comes as often as at first; named it stays in one try of ten."""
    erd = {"name": "one", "entities": [SHOP["entities"][0]]}
    first = _lacking(generate("models", erd), 40.0)
    other = generate("models", erd, rejected="x", issues=["Customer.note may be null"])
    assert 0.15 < first < 0.45
    assert abs(_lacking(other, 40.0) - first) < 0.12
    named = generate("models", erd, rejected="x", issues=["Customer.status lacks its choices"])
    assert 0.04 < _lacking(named, 1.0) < 0.17


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("fences", [0.0, 1.0])
def test_rest_of_an_answer(kind: str, fences: float) -> None:
    """Wherever it was cut, the part and its rest are the answer; shown with or without the fence,
    with or without the spaces at its ends."""
    provider = _provider(fences=fences)
    asked = generate(kind)
    for trial in range(1, 5):
        whole = content(provider.answer(asked, trial))
        for share in (0.05, 0.3, 0.62, 0.9):
            part = whole[: max(20, int(len(whole) * share))]
            assert part + content(provider.answer(go_on(asked, part), trial)) == whole
            rest = content(provider.answer(go_on(asked, part.strip()), trial))
            assert part.strip() + rest == whole[whole.index(part.strip()) :]
            if part.startswith("```python\n") and len(part) > 60:
                bare = part.removeprefix("```python\n")
                assert whole.endswith(bare + content(provider.answer(go_on(asked, bare), trial)))


def test_a_rest_may_be_cut_off_too() -> None:
    """Asked again and again, parts that are each cut make up the whole; of the second answer to
    the same request as well, and of one that was shown in several messages."""
    provider = _provider(cut_off=0.7)
    asked = generate("models", wide())
    most_calls = 0
    for occurrence in (1, 2):
        whole = content(SimulatedProvider(ProviderSettings(), _count).answer(asked, 1, occurrence))
        said, calls = "", 0
        several = asked
        while said != whole and calls < 40:
            answer = provider.answer(
                go_on(asked, said) if said else asked, 1, 1 if said else occurrence
            )
            part = content(answer)
            assert part and whole.startswith(said + part)
            assert (answer.body["choices"][0]["finish_reason"] == "length") == (
                said + part != whole
            )
            said, calls = said + part, calls + 1
            several = go_on(several, part, "continue")
            assert cut_off_answer(several) == (asked, said)
        assert said == whole
        most_calls = max(most_calls, calls)
    assert most_calls >= 2


def test_a_part_of_another_hand() -> None:
    """A part that was not written here is continued where its last lines occur, else begun anew."""
    provider = _provider(defects=0.0, fences=0.0)
    asked = generate("router")
    tail = 'router = DefaultRouter()\nrouter.register("customers", views.CustomerViewSet)\n'
    rests = [content(provider.answer(go_on(asked, f"# mine\n{tail}"), n)) for n in range(1, 12)]
    assert any(rest.startswith('router.register("products"') for rest in rests)
    rest = content(provider.answer(go_on(asked, "¿Qué?"), 1))
    assert ast.parse(rest)


def test_what_is_no_continuation() -> None:
    """A conversation whose last message asks for something of its own is answered anew."""
    asked = generate("models")
    assert cut_off_answer(asked) is None
    assert cut_off_answer(go_on(asked, "x", "Now write api/views.py.")) is None
    assert cut_off_answer(go_on(asked, "x", f"{GO_ON} {'x' * 600}")) is None
    assert cut_off_answer(go_on(asked, "x")) == (asked, "x")
    assert specified() in asked["messages"][1]["content"]
    assert PATHS["models"] in asked["messages"][1]["content"]
