"""Secrets by their shape, in every writing, and placeholders that are none."""

import base64
import json
from urllib.parse import quote

import pytest

from flagbench.cassette import scrub
from flagbench.cassette.secret_kinds import OWN, secrets_in, without_secrets

LETTERS = "q7Rt2Wm9Zk4Xv8Bn3Hs6Jd5Lp1Gf0CyTeUaMw"
# Put together here, so that no scanner takes this file for a leak.
SECRETS = {
    "AWS key": "AKIA" + "Q7RT2WM9ZK4XV8BN",
    "GitHub token": "ghp_" + LETTERS[:36],
    "Anthropic key": "sk-ant-" + "api03-" + LETTERS,
    "OpenAI key": "sk-proj-" + LETTERS,
    "Google key": "AIza" + LETTERS[:35],
    "Slack token": "xoxb-" + "123456789012-" + LETTERS[:24],
    "Stripe key": "sk_live_" + LETTERS[:24],
    "JWT": "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiI3In0a." + LETTERS[:30],
    "OpenAI identity": "org-" + LETTERS[:24],
    "private key": "-----BEGIN RSA PRIVATE " + f"KEY-----\n{LETTERS}\n{LETTERS}\nQ7=\n"
    "-----END RSA PRIVATE KEY-----",
}
WRITINGS = {
    "plain": str,
    "JSON": lambda text: json.dumps(text)[1:-1],
    "escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "percent": lambda text: quote(text, safe=""),
    "zero width": "\u200b".join,
    "zero width in JSON": lambda text: json.dumps("\u200b".join(text))[1:-1],
    "percent in JSON": lambda text: json.dumps("é\n" + quote(text, safe=""))[1:-1],
    "Base64": lambda text: base64.b64encode(f"user:{text}".encode()).decode(),
}


@pytest.mark.parametrize("writing", WRITINGS)
@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_of_a_known_kind_is_replaced_alone(kind: str, writing: str) -> None:
    """In any writing; the text around it stays."""
    written = WRITINGS[writing](SECRETS[kind])
    (secret,) = secrets_in(f"before {written} after", [])
    assert secret.kind.startswith(kind)
    told = without_secrets(f"before {written} after", [], "scrubbed")
    assert told in ("before scrubbed after", "before \\u00e9\\nscrubbed after")


@pytest.mark.parametrize("writing", WRITINGS)
def test_a_secret_of_the_environment_is_replaced_alone(writing: str) -> None:
    """Whatever its shape."""
    written = WRITINGS[writing]("blue/horse+battery")
    assert secrets_in(
        f"before {written} after",
        ["Blue/Horse+battery"] if writing != "Base64" else ["blue/horse+battery"],
    )[0].kind.startswith(OWN)


@pytest.mark.parametrize(
    "text",
    [
        "sk-your-api-key-here", "AKIAIOSFODNN7EXAMPLE", "ghp_" + "x" * 36, "sk-..." , "org-chart1",
        "-----BEGIN PRIVATE KEY-----\\n...\\n-----END PRIVATE KEY-----",
        "user-profile-settings-page",
        "sk_test_" + "your" + "0" * 20, "jo@example.com", "proj_" + "a" * 30, "ft:gpt-4o:acme::x",
    ],
)  # fmt: skip
def test_a_placeholder_in_generated_code_stays(text: str) -> None:
    """It opens nothing."""
    assert not secrets_in(f'KEY = "{text}"', [])


@pytest.mark.parametrize("kind", SECRETS)
def test_an_answer_loses_the_secret_and_nothing_else(kind: str) -> None:
    """Also inside generated code, and as valid JSON."""
    body = {"choices": [{"message": {"content": f"a = 1\n{SECRETS[kind]}\nb"}}], "n": 1.0}
    told = scrub.scrub_answer(json.dumps(body).encode(), [], is_error=False)
    body["choices"] = [{"message": {"content": "a = 1\nscrubbed\nb"}}]
    assert told == json.dumps(body).encode()
