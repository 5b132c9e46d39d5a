"""The fake that other tests record from does what it says."""

import pytest
from scripted_provider import Answer, one_by_one, scripted_provider

from flagbench.http_library import httpx

ASK = {"model": "m", "messages": [{"role": "user", "content": "Write Python: x"}]}


def ask(base_url: str, **options: object) -> httpx.Response:
    """One request by a plain client."""
    return httpx.post(f"{base_url}/chat/completions", json=ASK, trust_env=False, **options)


def test_answers_come_as_scripted_and_what_arrived_is_kept() -> None:
    """Status, content, usage, headers and declared latency go out; body and headers come in."""
    wanted = Answer("hi", usage=(3, 4), headers={"x-odd": "1"}, elapsed_ms=12.5)
    with scripted_provider(one_by_one([wanted, Answer("busy", status=429)])) as provider:
        first = ask(provider.base_url, headers={"Authorization": "Bearer k"})
        second, third = ask(provider.base_url), ask(provider.base_url)
    assert first.json()["choices"][0]["message"]["content"] == "hi"
    assert first.json()["usage"]["total_tokens"] == 7
    assert first.headers["x-odd"] == "1"
    assert first.headers["x-flagbench-elapsed-ms"] == "12.500"
    assert (second.status_code, second.json()["error"]["message"]) == (429, "busy")
    assert third.status_code == 200
    assert provider.prompts == ["Write Python: x"] * 3
    assert provider.received[0].headers["authorization"] == "Bearer k"


def test_a_cut_answer_breaks_the_connection() -> None:
    """The body is announced whole and ends half-way."""
    with (
        scripted_provider(lambda _: Answer(is_cut=True)) as provider,
        pytest.raises(httpx.RemoteProtocolError),
    ):
        ask(provider.base_url)


def test_a_hanging_answer_never_comes() -> None:
    """The client's patience ends it."""
    with (
        scripted_provider(lambda _: Answer(hangs=True)) as provider,
        pytest.raises(httpx.ReadTimeout),
    ):
        ask(provider.base_url, timeout=0.2)
