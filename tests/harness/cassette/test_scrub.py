"""What may be stored: no key, no identity, no header that nobody asked for."""

import json

import pytest

from flagbench.cassette import scrub

KEY = "sk-proj-abcdefghijklmnop"


def test_secrets_are_those_of_the_environment_and_of_the_caller() -> None:
    """Longest first, so that one inside another is replaced whole; short ones would hit words."""
    environment = {
        "OPENAI_API_KEY": "secret", "OPENAI_ORG_ID": "secret-and-longer", "OPENAI_PROJECT_ID": "ab",
        "HOME": "/home/somebody",
    }  # fmt: skip
    assert scrub.secrets_of(environment, KEY, "x") == (KEY, "secret-and-longer", "secret")


def test_a_prompt_with_a_secret_is_noticed() -> None:
    """Anywhere in the body."""
    assert scrub.holds_secret(f'{{"a": "my {KEY}"}}'.encode(), [KEY])
    assert not scrub.holds_secret(b'{"a": "nothing"}', [KEY])


def test_known_secrets_leave_every_answer() -> None:
    """Of a completion as of an error, of JSON as of a page."""
    body = json.dumps({"choices": [{"text": f"use {KEY}"}]}).encode()
    for text, is_error in ((body, False), (body, True), (f"<p>{KEY}</p>".encode(), True)):
        cleaned = scrub.scrub_answer(text, [KEY], is_error=is_error)
        assert KEY.encode() not in cleaned
        assert b"scrubbed" in cleaned


@pytest.mark.parametrize(
    "identifier",
    ["sk-proj-12345678_ab", "sk-abc*****wxyz", "org-a1b2c3d4", "proj_Ab12Cd34", "req_0123456789ab"],
)
def test_what_is_shaped_like_an_identifier_leaves_an_error(identifier: str) -> None:
    """Also of people whose secrets this process does not know."""
    body = json.dumps({"error": {"message": f"Rate limit for {identifier}: wait"}}).encode()
    told = json.loads(scrub.scrub_answer(body, [], is_error=True))
    assert told == {"error": {"message": "Rate limit for scrubbed: wait"}}


def test_generated_code_keeps_what_looks_like_an_identifier() -> None:
    """A variable may be called `req_identifier`; only an error is searched for shapes."""
    body = json.dumps({"choices": [{"message": {"content": "req_identifier = 1"}}]}).encode()
    assert scrub.scrub_answer(body, [], is_error=False) == body.replace(b": ", b":").replace(
        b", ", b","
    )


def test_the_completion_has_no_identity() -> None:
    """Its id and its fingerprint are replaced, the rest stays."""
    body = b'{"id": "chatcmpl-9", "system_fingerprint": "fp_1", "model": "m", "x": {"id": 3}}'
    assert json.loads(scrub.scrub_answer(body, [], is_error=False)) == {
        "id": "scrubbed", "system_fingerprint": "scrubbed", "model": "m", "x": {"id": 3},
    }  # fmt: skip


@pytest.mark.parametrize("body", [b"", b"[1, 2]", b"<html>", b"3"])
def test_other_bodies_pass(body: bytes) -> None:
    """What is no JSON object has no id."""
    assert scrub.scrub_answer(body, [], is_error=False).replace(b",", b", ") == body


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
