"""One chat call: what is sent, what comes back, and errors by class."""

import json

import openai
import pytest
from scripted import USAGE, Answer, Heard, ScriptedModel, completion, run

from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.http_library import httpx
from flagbench_generators.crud.spec import Recognition
from flagbench_generators.kernel import events
from flagbench_generators.kernel.answer_schema import json_schema
from flagbench_generators.kernel.llm import (
    CallFailed,
    Chat,
    CutOff,
    Malformed,
    Prompt,
    RateLimited,
    Refused,
    ServerFault,
    Unreachable,
)
from flagbench_generators.kernel.review import Verdict

PROMPT = Prompt("Be brief.", "Say yes.")


def ask(*answers: Answer, prompt: Prompt = PROMPT) -> tuple[str, ScriptedModel, Heard]:
    """The text of one answer, and what was sent and heard."""
    model, heard = ScriptedModel({("generate", "backend"): answers}), Heard()
    chat = Chat(model.client(), "some-model")
    text, _ = run(chat.ask(prompt, agent="backend", phase="generate", trace=heard.trace()))
    return text, model, heard


def test_two_messages_are_sent_with_three_headers() -> None:
    """The prompt contract: system and user, no temperature, identity in headers only."""
    text, model, _ = ask(Answer("yes"))
    call = model.calls[0]
    assert text == "yes"
    assert call.body == {
        "model": "some-model",
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": "Say yes."},
        ],
    }
    assert (call.agent, call.phase, call.request_id) == ("backend", "generate", "request-01")


@pytest.mark.parametrize(("patience", "timeout"), [(None, 600.0), (120.0, 120.0)])
def test_who_has_no_patience_of_its_own_has_the_clients(
    patience: float | None, timeout: float
) -> None:
    """The openai client waits ten minutes."""
    model = ScriptedModel()
    chat = Chat(model.client(), "some-model", patience)
    run(chat.ask(PROMPT, agent="backend", phase="generate", trace=Heard().trace()))
    assert [one.timeout_seconds for one in model.calls] == [timeout]


def test_json_is_asked_for_where_the_prompt_wants_it() -> None:
    """`response_format` is there for JSON, and only then."""
    _, model, _ = ask(Answer("{}"), prompt=Prompt("s", "u", Verdict))
    assert model.calls[0].body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("refused", "sent"),
    [((), ["json_schema"]),
     (("json_schema",), ["json_schema", "json_object"]),
     (("json_schema", "json_object"), ["json_schema", "json_object", None])],
)  # fmt: skip
def test_json_is_requested_by_its_schema_and_plainly_where_that_is_refused(
    refused: tuple[str, ...], sent: list[str | None]
) -> None:
    """An endpoint that refused a format is not asked for it again; each refusal is an event."""
    problems = (f"response_format of type '{name}' is not supported" for name in refused)
    refusals = [
        Answer(status=400, raw_body=json.dumps({"error": {"message": problem}}))
        for problem in problems
    ]
    model, heard = ScriptedModel({("review", "tech_lead"): [*refusals, Answer("{}")]}), Heard()
    chat = Chat(model.client(), "m", schemas=True)

    async def twice() -> None:
        for _ in range(2):
            prompt = Prompt("s", "u", Verdict)
            await chat.ask(prompt, agent="tech_lead", phase="review", trace=heard.trace())

    run(twice())
    formats = [call.body.get("response_format", {}).get("type") for call in model.calls]
    assert formats == [*sent, sent[-1]]
    assert [event["format"] for event in heard.named(events.FORMAT_REFUSED)] == list(refused)


def test_a_request_refused_for_another_reason_is_not_sent_again() -> None:
    """Such as a prompt that is too long."""
    model = ScriptedModel({("review", "tech_lead"): [Answer(status=400)]})
    chat = Chat(model.client(), "m", schemas=True)
    with pytest.raises(Refused):
        run(chat.ask(Prompt("s", "u", Verdict), agent="tech_lead", phase="review",
                     trace=Heard().trace()))  # fmt: skip
    assert len(model.calls) == 1


def test_a_schema_is_of_the_strict_subset() -> None:
    """Every property is required, no other is allowed, and there are no defaults."""
    schema = json_schema(Verdict, "")["json_schema"]
    assert (schema["name"], schema["strict"]) == ("Verdict", True)
    line = {"anyOf": [{"type": "integer"}, {"type": "null"}]}
    issue = {
        "type": "object", "properties": {"line": line, "message": {"type": "string"}},
        "required": ["line", "message"], "additionalProperties": False,
    }  # fmt: skip
    assert schema["schema"] == {
        "$defs": {"Issue": issue},
        "type": "object",
        "properties": {
            "approved": {"type": "boolean"},
            "issues": {"type": "array", "items": {"$ref": "#/$defs/Issue"}},
        },
        "required": ["approved", "issues"],
        "additionalProperties": False,
    }


def test_a_call_is_told_with_its_tokens() -> None:
    """One `llm_call` with agent, phase and the provider's own counts."""
    _, _, heard = ask(Answer("yes"))
    assert heard.named(events.LLM_CALL) == [
        {"agent": "backend", "phase": "generate", "prompt_tokens": USAGE["prompt_tokens"],
         "completion_tokens": USAGE["completion_tokens"]}
    ]  # fmt: skip


CLOSED = httpx.RemoteProtocolError("peer closed connection")
SLOW = httpx.ReadTimeout("too slow")


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(status=429), RateLimited),
        (Answer(status=500), ServerFault),
        (Answer(status=503), ServerFault),
        (Answer(status=408), ServerFault),
        (Answer(status=409), ServerFault),
        (Answer(status=400), Refused),
        (Answer(status=413), Refused),
        (Answer(status=422), Refused),
        (Answer(raises=CLOSED), Unreachable),
        (Answer(raises=SLOW), Unreachable),
        (Answer("half of", finish_reason="length"), CutOff),
        (Answer(""), Malformed),
        (Answer(" \n", finish_reason="content_filter"), Malformed),
        (Answer(raw_body="<html>gateway</html>", headers={"content-type": "text/html"}),
         ServerFault),
        (Answer(raw_body='{"choices": [', headers={"content-type": "application/json"}),
         ServerFault),
        (Answer(raw_body=json.dumps({"choices": [], "object": "chat.completion"}),
                headers={"content-type": "application/json"}), Malformed),
    ],
)  # fmt: skip
def test_failures_have_classes(answer: Answer, kind: type[CallFailed]) -> None:
    """Every way in which a call can fail that another try, or another request, may not share."""
    with pytest.raises(CallFailed) as raised:
        ask(answer)
    assert type(raised.value) is kind
    assert raised.value.reason == kind.__name__


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_model_ends_the_session(status: int) -> None:
    """No other try and no other request would do better: openai's own error goes up."""
    with pytest.raises(openai.APIStatusError):
        ask(Answer(status=status))


@pytest.mark.parametrize(
    ("header", "seconds"),
    [("20", 20.0), ("0.5", 0.5), ("Wed, 21 Oct 2015 07:28:00 GMT", None), ("inf", None),
     ("nan", None), (None, None)],
)  # fmt: skip
def test_a_rate_limit_says_how_long(header: str | None, seconds: float | None) -> None:
    """`retry-after` in seconds; what is no number of seconds is not waited for."""
    with pytest.raises(RateLimited) as raised:
        ask(Answer(status=429, headers={"retry-after": header} if header else {}))
    assert raised.value.retry_after_seconds == seconds


def test_tokens_of_a_cut_off_answer_are_paid() -> None:
    """A cut-off answer is told with its tokens, a refused call has none."""
    model = ScriptedModel({("generate", "backend"): [Answer("x", finish_reason="length")]})
    heard = Heard()
    with pytest.raises(CutOff):
        run(Chat(model.client(), "m").ask(
            PROMPT, agent="backend", phase="generate", trace=heard.trace()))  # fmt: skip
    assert len(heard.named(events.LLM_CALL)) == 1


def test_a_fault_of_the_caller_keeps_its_class() -> None:
    """What is no network error (a bug, a missing recording) is not taken for one."""
    with pytest.raises(ZeroDivisionError):
        ask(Answer(raises=ZeroDivisionError("bug")))


def test_a_call_is_sent_once() -> None:
    """Retrying is the policy's matter: neither the chat nor the client does it."""
    model = ScriptedModel({("generate", "backend"): [Answer(status=500)]})
    with pytest.raises(ServerFault):
        run(Chat(model.client(), "m").ask(
            PROMPT, agent="backend", phase="generate", trace=Heard().trace()))  # fmt: skip
    assert len(model.calls) == 1


JSON = {"content-type": "application/json"}


def odd(**parts: object) -> Answer:
    """A completion with other parts."""
    return Answer(raw_body=json.dumps({**completion(Answer("yes")), **parts}), headers=JSON)


@pytest.mark.parametrize(
    "body", ["null", "[]", '"no"', json.dumps({"error": {"message": "overloaded"}})]
)
def test_any_json_can_come_with_a_200(body: str) -> None:
    """Proxies answer so: it is a failed call, not the end of the session."""
    with pytest.raises(CallFailed):
        ask(Answer(raw_body=body, headers=JSON))


@pytest.mark.parametrize("content", [None, "", " \n"])
def test_a_message_without_words_is_malformed(content: str | None) -> None:
    """Nothing was answered."""
    message = {"role": "assistant", "content": content}
    with pytest.raises(Malformed, match="an empty answer"):
        ask(odd(choices=[{"index": 0, "finish_reason": "stop", "message": message}]))


@pytest.mark.parametrize(
    "choices",
    [[{"index": 0, "finish_reason": "stop"}],
     [{"index": 0, "finish_reason": "stop", "message": None}], [None], ["yes"]],
)  # fmt: skip
def test_a_choice_without_a_message_is_a_failed_call(choices: list[object]) -> None:
    """As an answer without choices is."""
    with pytest.raises(CallFailed):
        ask(odd(choices=choices))


def test_an_answer_without_usage_has_no_tokens() -> None:
    """The call is told all the same."""
    _, _, heard = ask(odd(usage=None))
    (told,) = heard.named(events.LLM_CALL)
    assert (told["prompt_tokens"], told["completion_tokens"]) == (0, 0)


@pytest.mark.parametrize("usage", [{}, {"prompt_tokens": None, "completion_tokens": None}])
def test_a_usage_without_counts_has_no_tokens(usage: dict[str, None]) -> None:
    """Numbers are what metrics add up."""
    _, _, heard = ask(odd(usage=usage))
    (told,) = heard.named(events.LLM_CALL)
    assert (told["prompt_tokens"], told["completion_tokens"]) == (0, 0)


def test_a_stop_from_the_transport_goes_through() -> None:
    """The harness ends a cell from below: no class of failure is made of it."""
    with pytest.raises(CellStopped):
        ask(Answer(raises=CellStopped(CouldNotRun(Problem("not recorded")))))


def test_the_bounds_of_a_schema_grow_with_the_prompt() -> None:
    """A request for an entity of a hundred attributes is not cut."""
    model = ScriptedModel()
    chat = Chat(model.client(), "m", schemas=True)
    for text in ("Add a Student.", "名、" * 100):
        prompt = Prompt("s", text, Recognition)
        run(chat.ask(prompt, agent="recogniser", phase="recognise", trace=Heard().trace()))
    schemas = [call.body["response_format"]["json_schema"]["schema"] for call in model.calls]
    assert [schema["properties"]["attributes"]["maxItems"] for schema in schemas] == [30, 100]
