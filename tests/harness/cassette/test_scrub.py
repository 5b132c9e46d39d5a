"""What may be stored: no key, no identity, no header that nobody asked for."""

import json

import pytest

from flagbench.cassette import scrub
from flagbench.cassette.secret_kinds import OWN, secrets_in

KEY = "sk-proj-abcdefghijklmnop"


def test_secrets_are_those_of_the_environment_and_of_the_caller() -> None:
    """Longest first, so that one inside another is replaced whole; short ones would hit words."""
    environment = {
        "OPENAI_API_KEY": "secret", "OPENAI_ORG_ID": "secret-and-longer", "OPENAI_PROJECT_ID": "ab",
        "HOME": "/home/somebody", "AWS_SECRET_ACCESS_KEY": "wJalrXUtnFEMI/K7MDENG",
        "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "GITHUB_TOKEN": "ghp_0123456789",
        "ANTHROPIC_API_KEY": "sk-ant-secret", "PGPASSWORD_FILE": "/run/secrets/postgres",
        "DB_PASSWORD": "postgres", "TOKENIZERS_PARALLELISM": "false-and-longer",
        "PWD": "/home/somebody/work", "OLDPWD": "/home/somebody/before", "MYSQLPASSWORD": "m" * 12,
    }  # fmt: skip
    assert scrub.secrets_of(environment, KEY, "x") == (
        KEY, "wJalrXUtnFEMI/K7MDENG", "AKIAIOSFODNN7EXAMPLE", "secret-and-longer", "ghp_0123456789",
        "sk-ant-secret", "m" * 12, "secret",
    )  # fmt: skip


def test_a_prompt_with_a_secret_is_noticed() -> None:
    """Anywhere in the body."""
    assert secrets_in(f'{{"a": "my {KEY}"}}', [KEY]) == [(OWN, 10, 10 + len(KEY))]
    assert not secrets_in('{"a": "nothing"}', [KEY])


def test_known_secrets_leave_every_answer() -> None:
    """Of a completion as of an error, of JSON as of a page."""
    body = json.dumps({"choices": [{"text": f"use {KEY}"}]}).encode()
    for text, is_error in ((body, False), (body, True), (f"<p>{KEY}</p>".encode(), True)):
        cleaned = scrub.scrub_answer(text, [KEY], is_error=is_error)
        assert KEY.encode() not in cleaned
        assert b"scrubbed" in cleaned


@pytest.mark.parametrize(
    "identifier",
    [
        "sk-proj-12345678_ab", "sk-abc*****wxyz", "org-a1b2c3d4", "proj_Ab12Cd34",
        "req_0123456789ab", "user-a1b2c3d4", "sess-a1b2c3d4", "jo.doe+x@acme.example",
        "eyJhbGciOi.eyJzdWIiOi.c2ln-_", "AKIAIOSFODNN7EXAMPLE", "ghp_" + "a1" * 18,
    ],
)  # fmt: skip
def test_what_is_shaped_like_an_identifier_leaves_an_error(identifier: str) -> None:
    """Also of people whose secrets this process does not know."""
    body = json.dumps({"error": {"message": f"Rate limit for {identifier}: wait"}}).encode()
    told = json.loads(scrub.scrub_answer(body, [], is_error=True))
    assert told == {"error": {"message": "Rate limit for scrubbed: wait"}}


def test_generated_code_keeps_what_looks_like_an_identifier() -> None:
    """A variable may be called `req_identifier`; only an error is searched for shapes."""
    body = json.dumps({"choices": [{"message": {"content": "req_identifier = 1"}}]}).encode()
    assert scrub.scrub_answer(body, [], is_error=False) == body


def test_the_completion_has_no_identity() -> None:
    """Its id and its fingerprint are replaced, the rest stays."""
    body = b'{"id": "chatcmpl-9", "system_fingerprint": "fp_1", "model": "m", "x": {"id": 3}}'
    assert json.loads(scrub.scrub_answer(body, [], is_error=False)) == {
        "id": "scrubbed", "system_fingerprint": "scrubbed", "model": "m", "x": {"id": 3},
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"[1, 2]", b"<html>", b"3"])
def test_other_bodies_pass(body: bytes) -> None:
    """What is no JSON object has no id."""
    assert scrub.scrub_answer(body, [], is_error=False) == body


def test_text_that_utf8_cannot_hold_is_escaped() -> None:
    """A lone surrogate in an answer stays what it was; so do bytes that are not text."""
    told = scrub.scrub_answer(b'{"a": "\\ud800"}', [], is_error=False)
    assert json.loads(told) == {"a": "\ud800"}
    assert scrub.scrub_answer(b"\xff", [], is_error=False) == b"\xff"


def test_only_named_headers_are_kept_in_lower_case() -> None:
    """Whatever else a provider invents is gone."""
    headers = {
        "Content-Type": ["application/json"], "Set-Cookie": ["a=b"], "OpenAI-Organization": ["o"],
        "X-Request-Id": ["req_1"], "Retry-After": ["3"], "CF-Ray": ["x"],
    }  # fmt: skip
    assert scrub.scrub_headers(headers, scrub.KEPT_RESPONSE_HEADERS) == {
        "content-type": ("application/json",), "retry-after": ("3",),
    }  # fmt: skip


def test_a_secret_that_json_escapes_is_found() -> None:
    """A key with a quote or a letter beyond ASCII stands escaped in a body."""
    key = 'quoted"wörd'
    body = json.dumps({"error": {"message": key}}).encode()
    told = json.loads(scrub.scrub_answer(body, [key], is_error=True))
    assert key not in told["error"]["message"]


@pytest.mark.parametrize(
    "form", ["A/SECRET+KEY", "a%2Fsecret%2Bkey", "YS9zZWNyZXQra2V5", "a\\/secret+key"]
)
def test_a_secret_in_another_writing_is_a_secret(form: str) -> None:
    """In capitals, or as a URL, Base64 or some JSON writes it."""
    secret = "a/secret+key"  # noqa: S105  a made-up one
    assert secrets_in(f"use {form} here", [secret])
    assert scrub.scrub_answer(form.encode(), [secret], is_error=False) == b"scrubbed"


def test_an_event_stream_has_no_identity() -> None:
    """In each of its events; what was generated, and all else, stays byte for byte."""
    event = '{"id":"chatcmpl-abcdef123","object":"chat.completion.chunk","choices":[%s]}'
    delta = '{"delta":{"content":"org-chart12 é"}}'
    stream = f": ping\n\ndata: {event % delta}\r\n\r\ndata:{event % delta}\n\ndata: [DONE]\n\n"
    told = scrub.scrub_answer(stream.encode(), [], is_error=False).decode()
    assert told == stream.replace("chatcmpl-abcdef123", "scrubbed")


def test_the_events_of_a_response_have_no_identity() -> None:
    """The id of the response and of its parts, wherever they stand."""
    events = [
        {"type": "response.created", "response": {"id": "resp_0123456789", "object": "response"}},
        {
            "type": "response.output_text.delta",
            "item_id": "msg_0123456789",
            "delta": "msg_of_mine1",
        },
    ]
    stream = "".join(f"event: {one['type']}\ndata: {json.dumps(one)}\n\n" for one in events)
    told = scrub.scrub_answer(stream.encode(), [], is_error=False).decode()
    assert "resp_0123456789" not in told
    assert "msg_0123456789" not in told
    assert '"delta": "msg_of_mine1"' in told


def test_an_error_within_a_stream_is_searched_for_shapes() -> None:
    """It comes with status 200."""
    stream = b'data: {"error": {"message": "limit of org-a1b2c3d4 reached"}}\n\n'
    told = scrub.scrub_answer(stream, [], is_error=False)
    assert told == b'data: {"error": {"message": "limit of scrubbed reached"}}\n\n'


def test_who_called_is_not_stored() -> None:
    """Neither the organisation of an answer nor the owner of a fine-tuned model."""
    body = {
        "id": "chatcmpl-1", "object": "chat.completion", "model": "ft:gpt-4o-mini:acme-ORG::x1",
        "organization": "org-acme12", "owner": "user-a1b2c3", "user": "jo",
        "choices": [{"message": {"content": "org-chart1"}}],
    }  # fmt: skip
    told = json.loads(scrub.scrub_answer(json.dumps(body).encode(), [], is_error=False))
    assert told == {
        "id": "scrubbed", "object": "chat.completion", "model": "ft:gpt-4o-mini:scrubbed::scrubbed",
        "organization": "scrubbed", "owner": "scrubbed", "user": "scrubbed",
        "choices": [{"message": {"content": "org-chart1"}}],
    }  # fmt: skip


def test_what_is_asked_for_by_its_id_keeps_it() -> None:
    """A file or a batch that a subject uploads and then uses."""
    body = b'{"id":"file-1","object":"file"}'
    assert scrub.scrub_answer(body, [], is_error=False) == body


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32-le"])
def test_json_in_another_encoding_has_no_identity_either(encoding: str) -> None:
    """Nor a secret."""
    body = json.dumps({"id": "chatcmpl-1", "text": f"é {KEY}"}, ensure_ascii=False)
    told = scrub.scrub_answer(body.encode(encoding), [KEY], is_error=False)
    assert json.loads(told.decode()) == {"id": "scrubbed", "text": "é scrubbed"}


@pytest.mark.parametrize("body", [b"ID3\x03" + bytes(range(256)), b'{"id": "x", "a": "\xff"}'])
def test_bytes_that_are_not_text_stay(body: bytes) -> None:
    """Without the secrets among them."""
    assert scrub.scrub_answer(body, [KEY], is_error=False) == body
    told = scrub.scrub_answer(body + KEY.encode() + body, [KEY], is_error=False)
    assert told == body + b"scrubbed" + body


def test_the_value_of_a_kept_header_is_scrubbed() -> None:
    """A provider may write anything into it."""
    headers = {"retry-after": [f"soon, {KEY} of org-a1b2c3d4"], "content-type": ["text/plain"]}
    assert scrub.scrub_headers(headers, scrub.KEPT_RESPONSE_HEADERS, ["a-secret"]) == {
        "retry-after": ("soon, scrubbed of scrubbed",), "content-type": ("text/plain",),
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    [
        b'{"a": 1e400, "b": 12345678901234567890.123456789, "c": -0.0, "a": [1E5 , {}]}',
        b'{"text": "\\u00e9\\/ \\ud83d", "usage" : {"x": 0.10}}\n',
        b'data: {"a":1e400,  "b":[ ]}\n\ndata:[DONE]\n',
    ],
)
@pytest.mark.parametrize("is_error", [False, True])
def test_all_else_stays_byte_for_byte(body: bytes, is_error: bool) -> None:
    """Numbers, blanks, repeated names and escapes, also beside something that is replaced."""
    assert scrub.scrub_answer(body, [KEY], is_error=is_error) == body
    if body.startswith(b"{"):
        told = scrub.scrub_answer(body.replace(b"{", b'{"id": "x", ', 1), [], is_error=is_error)
        assert told == body.replace(b"{", b'{"id": "scrubbed", ', 1)


@pytest.mark.parametrize(
    "body",
    [
        {"object": "chat.completion", "choices": [{"tool": {"id": "call-7"}}]},
        {"object": "chat.completion", "names": ["user-abcdef1"]},
    ],
    ids=["the id of a part", "a text of a list"],
)
def test_what_is_not_who_called_stays(body: dict[str, object]) -> None:
    """Only the id of the call itself, and identities in fields of their own, are redacted."""
    text = json.dumps(body).encode()
    assert scrub.scrub_answer(text, [], is_error=False) == text
