"""One answer: shape, determinism, usage, errors and the rates of a scenario's settings."""

import ast
import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from prompts import code_in, content, generate, patch, recognise, review
from pydantic import ValidationError
from written_app import COURSE, STUDENT

from flagbench.headers import CLOSED, ELAPSED, OUTCOME
from flagbench.simulator.completion import CREATED, SimulatedProvider
from flagbench.simulator.rng import Rng
from flagbench.simulator.settings import ProviderSettings


def _count(text: str) -> int:
    return len(text.split())


def _provider(**chosen: Any) -> SimulatedProvider:
    return SimulatedProvider(ProviderSettings(**chosen), _count)


def _answers(body: dict[str, Any], trials: int, **chosen: Any) -> list[Any]:
    provider = _provider(**chosen)
    return [provider.answer(body, trial=trial) for trial in range(1, trials + 1)]


def test_completion_has_the_shape_of_openai() -> None:
    """Fields, fixed epoch, echoed model, counted usage by the published formula."""
    body = recognise("Create Student with name")
    answer = _provider().answer(body)
    assert answer.status == 200
    completion = answer.body
    assert completion["object"] == "chat.completion"
    assert (completion["model"], completion["created"]) == ("gpt-4o-mini", CREATED)
    assert completion["choices"][0]["finish_reason"] == "stop"
    assert completion["choices"][0]["message"]["role"] == "assistant"
    system, user = (message["content"] for message in body["messages"])
    prompt_tokens = 3 + (3 + 1 + _count(system)) + (3 + 1 + _count(user))
    tokens = _count(content(answer))
    assert completion["usage"] == {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": tokens,
        "total_tokens": prompt_tokens + tokens,
    }
    assert json.loads(content(answer))["entity"] == "Student"


def test_same_request_same_bytes_in_any_process() -> None:
    """Two processes with other hash seeds and orders of keys give identical answers."""
    script = (
        "import json,sys;from flagbench.simulator.completion import SimulatedProvider;"
        "from flagbench.simulator.settings import ProviderSettings;"
        "p=SimulatedProvider(ProviderSettings(seed=3),len);bodies=json.load(sys.stdin);"
        "print(json.dumps([p.answer(b,2,1) for b in bodies]))"
    )
    bodies = [generate(kind, COURSE) for kind in ("backend", "tests", "database", "frontend")]
    turned = [dict(reversed(list(body.items()))) for body in bodies]
    printed = []
    for seed, sent in (("1", bodies), ("2", turned)):
        done = subprocess.run(
            [sys.executable, "-c", script],
            input=json.dumps(sent),
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        )
        printed.append(done.stdout)
    assert printed[0] == printed[1]
    here = _here(bodies)
    assert json.loads(printed[0]) == here
    assert _here(bodies[::-1])[::-1] == here


def _here(bodies: list[dict[str, Any]]) -> list[Any]:
    provider = SimulatedProvider(ProviderSettings(seed=3), len)
    return json.loads(json.dumps([provider.answer(body, 2, 1) for body in bodies]))


def test_trial_occurrence_seed_and_body_matter() -> None:
    """Another trial, occurrence, seed or word is another answer."""
    body = generate("backend", COURSE)
    answers = [
        _provider().answer(body),
        _provider().answer(body, trial=2),
        _provider().answer(body, occurrence=2),
        _provider(seed=1).answer(body),
        _provider().answer({**body, "temperature": 0.5}),
    ]
    assert len({answer.body["id"] for answer in answers}) == len(answers)
    assert len({answer.headers[ELAPSED] for answer in answers}) == len(answers)


def test_rate_limit() -> None:
    """A quarter are 429 with retry-after 1..8 and OpenAI's error body; the rest are answered."""
    answers = _answers(recognise("Create Student with name"), 400, rate_limit=0.25)
    limited = [answer for answer in answers if answer.status == 429]
    assert 0.18 < len(limited) / 400 < 0.32
    assert {int(answer.headers["retry-after"]) for answer in limited} == set(range(1, 9))
    assert limited[0].body["error"]["code"] == "rate_limit_exceeded"
    assert all(answer.elapsed_seconds < 0.5 for answer in limited)
    assert {answer.status for answer in answers} == {200, 429}


def test_server_error_and_refusal() -> None:
    """500 in OpenAI's shape at its rate; a refusal is a polite sentence, in JSON if asked."""
    body = recognise("Create Student with name")
    answers = _answers(body, 200, server_error=0.5)
    errors = [answer for answer in answers if answer.status == 500]
    assert 70 < len(errors) < 130
    assert errors[0].body["error"]["type"] == "server_error"
    assert "error" in json.loads(content(_answers(body, 1, refusals=1.0)[0]))
    assert content(_answers(generate("tests", COURSE), 1, refusals=1.0)[0]).startswith("I'm sorry")


def test_hang_and_disconnect() -> None:
    """At their rates: 504 after ten minutes, and a connection that is closed at once."""
    body = recognise("Create Student with name")
    hung = [one for one in _answers(body, 200, hang=0.5) if one.status == 504]
    assert 70 < len(hung) < 130
    assert {one.elapsed_seconds for one in hung} == {600.0}
    assert _answers(body, 1, hang=1.0, latency_scale=0.01)[0].elapsed_seconds == 6.0
    answers = _answers(body, 200, disconnect=0.5)
    closed = [one for one in answers if one.headers.get(OUTCOME) == CLOSED]
    assert 70 < len(closed) < 130
    assert all(one.elapsed_seconds < 0.5 for one in closed)
    assert {one.status for one in answers if one not in closed} == {200}


def test_cut_off() -> None:
    """A cut-off answer says `length`, is shorter, and counts what is left."""
    body = generate("backend", COURSE)
    for whole, cut in zip(_answers(body, 20), _answers(body, 20, cut_off=1.0), strict=True):
        assert cut.body["choices"][0]["finish_reason"] == "length"
        assert content(whole).startswith(content(cut))
        assert cut.body["usage"]["completion_tokens"] == _count(content(cut))
        assert cut.elapsed_seconds < whole.elapsed_seconds


def test_max_tokens_cuts() -> None:
    """The client's own limit is kept."""
    answer = _provider().answer({**generate("backend", COURSE), "max_tokens": 20})
    assert answer.body["choices"][0]["finish_reason"] == "length"
    assert answer.body["usage"]["completion_tokens"] <= 20


@pytest.mark.parametrize("body", [recognise("Create Student with name"),
                                  review("tests", COURSE, "x = 1")])  # fmt: skip
def test_invalid_json(body: dict[str, Any]) -> None:
    """At rate 1 no JSON answer parses, in any of its ways; at 0 each does."""
    spoiled = {content(answer) for answer in _answers(body, 30, invalid_json=1.0)}
    assert len(spoiled) >= 4
    for text in spoiled:
        with pytest.raises(ValueError, match=r".*"):
            json.loads(text)
    for answer in _answers(body, 30):
        json.loads(content(answer))


def test_three_quarters_come_in_a_fence() -> None:
    """75 % of code answers are fenced, some with prose; bare ones miss the final newline."""
    texts = [content(answer) for answer in _answers(generate("database", STUDENT), 800)]
    fenced = [text for text in texts if "```python\n" in text]
    assert 0.68 < len(fenced) / 800 < 0.82
    assert 0.12 < sum(not text.startswith("```") for text in fenced) / len(fenced) < 0.22
    assert 0.03 < sum(not text.endswith("```") for text in fenced) / len(fenced) < 0.11
    assert not any(text.endswith("\n") for text in texts)


def test_defects_zero_is_clean_code() -> None:
    """With the multiplier at 0 every answer parses and declares what is required."""
    for answer in _answers(generate("backend", STUDENT), 40, defects=0.0):
        code = code_in(content(answer))
        ast.parse(code)
        assert "    name: str\n" in code


def test_regeneration_mends_what_was_named() -> None:
    """In another try a named defect is gone in nine of ten; unnamed it is drawn again."""
    asked = {"issues": ["teacher_id is stored unchecked."], "rejected": "x"}
    again = [content(answer) for answer in _answers(generate("backend", COURSE, **asked), 200)]
    share = sum('"SELECT 1 FROM teachers' in text for text in again) / 200
    assert 0.84 < share < 0.96
    other = generate("backend", COURSE, rejected="x", issues=["It does not parse."])
    texts = [content(answer) for answer in _answers(other, 50)]
    assert not any('"SELECT 1 FROM teachers' in text for text in texts)


def test_wording_draws_nothing_anew() -> None:
    """Other words in role, standard and task leave text, latency, failures; another field not."""
    for asked in (generate("backend", COURSE), review("backend", COURSE, "x = 1"),
                  patch("backend", COURSE, "x = 1\n", ["It does not parse."])):  # fmt: skip
        system, user = asked["messages"]
        reworded = {**asked, "messages": [
            {**system, "content": f"{system['content']}\n\nPlease work carefully."},
            {**user, "content": user["content"].replace("# Task\n", "# Task\n\nNow, please:\n")},
        ]}  # fmt: skip
        for chosen in ({}, {"rate_limit": 0.3}, {"cut_off": 0.3}):
            pairs = zip(
                _answers(asked, 40, **chosen), _answers(reworded, 40, **chosen), strict=True
            )
            for before, after in pairs:
                assert before.status == after.status
                assert before.headers[ELAPSED] == after.headers[ELAPSED]
                assert before.body.get("choices") == after.body.get("choices")
                assert before.body.get("id", "") != after.body.get("id", 1)
    two = (generate("backend", COURSE), generate("backend", {**COURSE, "rules": []}))
    texts = [content(_provider(defects=0.0, fences=0.0).answer(body)) for body in two]
    assert texts[0] != texts[1]


def test_temperature_0_repeats_itself() -> None:
    """Of 100 answers about 30 are distinct, the commonest comes about 27 times; else all differ."""
    body = generate("backend", COURSE)
    counts = Counter(content(one) for one in _answers({**body, "temperature": 0}, 100))
    assert 15 <= len(counts) <= 56
    assert 15 <= counts.most_common(1)[0][1] <= 40
    assert len({content(one) for one in _answers(body, 100)}) > 90


@pytest.mark.parametrize(
    "change, word",
    [({"model": None}, "model"), ({"messages": []}, "messages"), ({"n": 2}, "'n'"),
     ({"messages": [{"role": "robot", "content": ""}]}, "role"), ({"stream": True}, "stream"),
     ({"messages": [{"role": "user", "content": 1}]}, "content"), ({"max_tokens": 0}, "max")],
)  # fmt: skip
def test_bad_requests_say_what_is_right(change: dict[str, Any], word: str) -> None:
    """A request that cannot be answered is a 400 whose message names the field."""
    answer = _provider(rate_limit=1.0).answer({**recognise("x"), **change})
    assert answer.status == 400
    assert word in answer.body["error"]["message"]
    assert answer.body["error"]["type"] == "invalid_request_error"


def test_settings_refuse_what_makes_no_sense() -> None:
    """An unknown setting, a rate above 1 and a negative multiplier are errors; values are fixed."""
    for wrong in ({"ratelimit": 0.1}, {"rate_limit": 1.5}, {"defects": -1},
                  {"rates": {"no_405": 1}}, {"rates": {"no_404": 2}}):  # fmt: skip
        with pytest.raises(ValidationError):
            ProviderSettings.model_validate(wrong)
    with pytest.raises(ValidationError):
        ProviderSettings().seed = 4  # type: ignore[misc]


@pytest.mark.parametrize(
    ("by_trial", "told"),
    [
        ({"rate_limits": [0.1]}, "'rate_limits' is not a setting .*; expected: rate_limit"),
        ({"seed": [1]}, "'seed' is not a setting that can differ"),
        ({"rate_limit": [0.0, 1.5]}, "less than or equal to 1"),
        ({"rate_limit": []}, "at least 1 item"),
    ],
)
def test_settings_by_trial_are_checked_like_others(by_trial: Any, told: str) -> None:
    """Before anything is recorded."""
    with pytest.raises(ValidationError, match=told):
        ProviderSettings(by_trial=by_trial)


def test_what_holds_in_a_trial() -> None:
    """The last value stays; what does not differ is what it was."""
    settings = ProviderSettings(cut_off=0.5, by_trial={"rate_limit": [0.1, 0.2], "defects": [3]})
    assert settings.in_trial(1) == ProviderSettings(cut_off=0.5, rate_limit=0.1, defects=3)
    assert settings.in_trial(5) == ProviderSettings(cut_off=0.5, rate_limit=0.2, defects=3)


def test_latency_scale() -> None:
    """The scale multiplies what is declared."""
    body = recognise("Create Student with name")
    whole, tenth = (_provider(latency_scale=s).answer(body).elapsed_seconds for s in (1.0, 0.1))
    assert abs(tenth / whole - 0.1) < 0.001


@settings(max_examples=40)
@given(st.text(), st.text(max_size=12))
def test_draws_are_numbers_in_range(text: str, stream: str) -> None:
    """Any body and stream, lone surrogates too, gives a number in [0, 1), the same each time."""
    draws = Rng.of(0, {"text": text + "\ud800"}, 1, 1)
    assert 0.0 <= draws.unit(stream) < 1.0
    assert draws.unit(stream) == Rng.of(0, {"text": text + "\ud800"}, 1, 1).unit(stream)
    assert draws.integer(stream, 1, 8) in range(1, 9)


def test_draws_are_even() -> None:
    """Numbers of one stream over many bodies are uniform, streams are independent."""
    draws = [Rng.of(0, {"n": n}, 1, 1) for n in range(4000)]
    units = [one.unit("a") for one in draws]
    assert abs(sum(units) / 4000 - 0.5) < 0.02
    assert all(abs(sum(u < q for u in units) / 4000 - q) < 0.03 for q in (0.1, 0.25, 0.75, 0.9))
    both = sum(one.chance("a", 0.5) and one.chance("b", 0.5) for one in draws)
    assert abs(both / 4000 - 0.25) < 0.03
