"""Paths of requests: those of the provider's API, for any vendor's client."""

import pytest

from flagbench.cassette import address

OPENAI = "http://h/v1"


@pytest.mark.parametrize(
    ("base", "url", "path"),
    [
        (OPENAI, "http://h/v1/chat/completions", "/v1/chat/completions"),
        (OPENAI, "http://h/v1/messages", "/v1/messages"),
        (OPENAI, "http://h/v1beta/models/g:generate?key=k", "/v1beta/models/g:generate"),
        (OPENAI, "http://h/openai/deployments/d/chat/completions?api-version=1",
         "/openai/deployments/d/chat/completions"),
        (OPENAI, "http://h/v2/chat/completions", None),
        (OPENAI, "http://h/v1x", None),
        (OPENAI, "http://h/chat/completions", None),
        (OPENAI, "http://h:81/v1/chat/completions", None),
        (OPENAI, "http://other/v1/chat/completions", None),
        ("http://h", "http://h/v1/messages", "/v1/messages"),
        ("http://h", "http://h/chat/completions", "/v1/chat/completions"),
        ("http://h/", "http://h/v1/messages", "/v1/messages"),
        ("http://h/gateway/v1", "http://h/gateway/v1/chat/completions", "/v1/chat/completions"),
        ("http://h/gateway/v1", "http://h/gateway/v1beta/models/g:x", "/v1beta/models/g:x"),
        ("http://h/gateway/v1", "http://h/v1/chat/completions", None),
        ("http://h/gateway/v1", "http://h/v1beta/models/g:x", None),
        ("http://h/v1beta/openai/", "http://h/v1beta/openai/chat/completions",
         "/v1/chat/completions"),
        ("http://h/openai/v1", "http://h/openai/deployments/d/chat/completions",
         "/openai/deployments/d/chat/completions"),
    ],
)  # fmt: skip
def test_a_path_is_that_of_the_api(base: str, url: str, path: str | None) -> None:
    """Of the same host only, below the base URL or by another vendor's version."""
    assert address.path_of(url, base) == path


@pytest.mark.parametrize(
    "base",
    [
        OPENAI,
        "http://h",
        "http://h/",
        "http://h/api",
        "http://h/api/v1/",
        "http://h/v1beta",
        "http://h/v1beta/openai",
        "http://h/openai/v1",
        "http://h/v2",
    ],
)
@pytest.mark.parametrize(
    ("is_openai", "asked"),
    [
        (True, "/chat/completions"),
        (False, "/v1/messages"),
        (False, "/v1beta/models/g:generate"),
        (False, "/openai/deployments/d/chat/completions"),
    ],
)
def test_a_path_is_the_same_in_a_replay(base: str, is_openai: bool, asked: str) -> None:
    """Whatever the base URL of the recording was; that of a replay is always the same."""

    def path(base: str) -> str | None:
        start = base.rstrip("/") if is_openai else address.root_of(base)
        return address.path_of(start + asked, base)

    assert path(base) == path("http://provider/v1") is not None


@pytest.mark.parametrize(
    ("base", "root"),
    [
        (OPENAI, "http://h"),
        ("http://h", "http://h"),
        ("http://h/gateway/v1/", "http://h/gateway"),
        ("https://g/v1beta/openai/", "https://g"),
        ("https://a/openai/v1", "https://a"),
    ],
)
def test_the_root_is_the_base_url_of_other_vendors(base: str, root: str) -> None:
    """They put the version into each path."""
    assert address.root_of(base) == root


def test_a_key_in_a_url_is_not_shown() -> None:
    """Neither in its query nor before its host."""
    shown = address.shown("https://user:secret@h:8/v1/x?key=secret#secret")
    assert shown == "https://h:8/v1/x"


@pytest.mark.parametrize(
    ("part", "is_key"),
    [
        ("sk-live_word", True),
        ("0123456789abcdef0123456789abcdef", True),
        ("3f2b8c1e-0d4a-4a53-9c11-6a0f5f8a7b1c", True),
        ("Xa81_kQ3vT9wLm2Zp-rr", True),
        ("gpt-4o-mini-2024-07-18", False),
        ("Meta-Llama-3.1-70B-Instruct-Turbo", False),
        ("llama3instruct70b", False),
        ("openai-compatible-endpoints", False),
    ],
)
def test_a_key_in_a_path_is_told_from_a_name(part: str, is_key: bool) -> None:
    """It is not shown, and no answer that tells it is stored with it."""
    url = f"https://u:p%40sswd@h/gateway/{part}/v1"
    assert address.keys_of(url) == ((part,) if is_key else ()) + ("p@sswd",)
    assert address.shown(url) == f"https://h/gateway/{'…' if is_key else part}/v1"
