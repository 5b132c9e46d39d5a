"""The user's key: taken from the vendor's variable, put where the client put its own."""

from collections.abc import Mapping

import pytest

from flagbench.run.credentials import key_for, keys_in, provider_variables, with_key

URL = "http://h/v1/x"
ALL = {
    "OPENAI_API_KEY": "o", "ANTHROPIC_API_KEY": "a", "GOOGLE_API_KEY": "g",
    "AZURE_OPENAI_API_KEY": "z",
}  # fmt: skip


@pytest.mark.parametrize(
    ("url", "environment", "key"),
    [
        ("https://api.openai.com/v1", ALL, "o"),
        ("https://api.anthropic.com/v1", ALL, "a"),
        ("https://generativelanguage.googleapis.com", ALL, "g"),
        ("https://generativelanguage.googleapis.com", {**ALL, "GEMINI_API_KEY": "m"}, "m"),
        ("https://mine.openai.azure.com/openai/v1", ALL, "z"),
        ("http://127.0.0.1:8000/v1", ALL, "o"),
        ("https://api.anthropic.com/v1", {"OPENAI_API_KEY": "o"}, "o"),
        ("https://api.openai.com/v1", {"ANTHROPIC_API_KEY": "a"}, ""),
        ("http://127.0.0.1:8000/v1", {"ANTHROPIC_API_KEY": "a", "GEMINI_API_KEY": "m"}, ""),
    ],
)
def test_the_key_is_the_vendors(url: str, environment: Mapping[str, str], key: str) -> None:
    """Another vendor's is never sent."""
    assert key_for(url, environment) == key


@pytest.mark.parametrize(
    ("headers", "sent"),
    [
        ({}, {"authorization": "Bearer K"}),
        ({"authorization": "Bearer x"}, {"authorization": "Bearer K"}),
        ({"Authorization": "Bearer x"}, {"authorization": "Bearer K"}),
        ({"x-api-key": "x"}, {"x-api-key": "K"}),
        ({"X-Goog-Api-Key": "x", "accept": "*/*"}, {"X-Goog-Api-Key": "K", "accept": "*/*"}),
        ({"api-key": "x"}, {"api-key": "K"}),
        ({"x-api-key": "x", "authorization": "Bearer x"},
         {"x-api-key": "K", "authorization": "Bearer K"}),
    ],
)  # fmt: skip
def test_the_key_replaces_the_clients(headers: dict[str, str], sent: dict[str, str]) -> None:
    """In each header in which the client sends one."""
    assert with_key(URL, headers, "K") == (URL, sent)


def test_the_key_replaces_that_of_a_query() -> None:
    """With all other parts of it, and no header besides."""
    assert with_key(f"{URL}?alt=sse&key=x", {}, "K") == (f"{URL}?alt=sse&key=K", {})


def test_without_a_key_nothing_is_replaced() -> None:
    """As in a replay."""
    assert with_key(f"{URL}?key=x", {"api-key": "x"}, "") == (f"{URL}?key=x", {"api-key": "x"})


@pytest.mark.parametrize(
    ("query", "headers", "keys"),
    [
        ("", {"Authorization": "Bearer abcdefgh1234"}, {"abcdefgh1234"}),
        ("", {"authorization": "abcdefgh1234"}, {"abcdefgh1234"}),
        ("", {"X-Api-Key": "abcdefgh1234", "x-goog-api-key": "ABCDEFGH1234"},
         {"abcdefgh1234", "ABCDEFGH1234"}),
        ("", {"x-auth-token": "abcdefgh1234"}, {"abcdefgh1234"}),
        ("?alt=sse&key=abcdefgh1234", {"user-agent": "abcdefgh5678"}, {"abcdefgh1234"}),
        ("", {"cookie": 'a=short; session="abcdefgh1234"; b=ABCDEFGH1234'},
         {"abcdefgh1234", "ABCDEFGH1234"}),
        ("?key=short", {"authorization": "Bearer flagbench"}, set()),
    ],
)  # fmt: skip
def test_the_keys_of_a_request(query: str, headers: dict[str, str], keys: set[str]) -> None:
    """A short one may be a word, or a placeholder."""
    assert set(keys_in(URL + query, headers)) == keys


def test_every_vendors_client_finds_the_provider() -> None:
    """By its own variables; none of them has the real key."""
    variables = provider_variables("http://h/v1")
    assert variables["OPENAI_BASE_URL"] == "http://h/v1"
    assert variables["ANTHROPIC_BASE_URL"] == variables["GOOGLE_GEMINI_BASE_URL"] == "http://h"
    keys = {value for name, value in variables.items() if name.endswith("KEY")}
    assert keys == {"flagbench"}
