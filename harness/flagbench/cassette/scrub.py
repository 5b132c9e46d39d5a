"""Redaction of secrets and dropping of headers before a cassette is written."""

import json
import re
from collections.abc import Iterable, Mapping

from flagbench.headers import OUTCOME

# An allow-list: no other header is stored.
KEPT_RESPONSE_HEADERS = ("content-type", "retry-after", "retry-after-ms", OUTCOME)

SCRUBBED = "scrubbed"

# Environment variables of the OpenAI client that hold secrets or identities.
SECRET_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")

# Patterns of identifiers that providers put into error messages.
_IDENTIFIER = re.compile(
    r"\b(?:sk-[A-Za-z0-9_*-]{8,}|org-[A-Za-z0-9]{6,}|proj_[A-Za-z0-9]{6,}|req_[A-Za-z0-9]{8,}"
    r"|chatcmpl-[A-Za-z0-9]{6,}|fp_[A-Za-z0-9]{4,}|__\w+=[^;\s\"<]+)"
)


def secrets_of(environment: Mapping[str, str], *more: str) -> tuple[str, ...]:
    """Secret values of this process, longest first; those under 6 characters are not secrets."""
    values = {environment.get(name, "") for name in SECRET_VARIABLES} | set(more)
    secrets = [value for value in values if len(value) >= 6]
    return tuple(sorted(secrets, key=lambda secret: (-len(secret), secret)))


def holds_secret(body: bytes, secrets: Iterable[str]) -> bool:
    """True for a request that contains one of the secrets, which is never recorded."""
    return any(form.encode() in body for secret in secrets for form in _forms(secret))


def _forms(secret: str) -> tuple[str, str, str]:
    """A secret verbatim, and as JSON escapes it."""
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def scrub_answer(body: bytes, secrets: Iterable[str], *, is_error: bool) -> bytes:
    """Redact secrets and the completion's own `id` in the body of an answer.

    Everything that looks like a provider's identifier is redacted in errors only: in a completion
    it may be part of the generated code.
    """
    text = body.decode("utf-8", "replace")
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, SCRUBBED)
    if is_error:
        text = _IDENTIFIER.sub(SCRUBBED, text)
    try:
        parsed = json.loads(text)
    except ValueError:
        return text.encode()
    if isinstance(parsed, dict):
        for name in ("id", "system_fingerprint"):
            if name in parsed:
                parsed[name] = SCRUBBED
    return json.dumps(parsed, ensure_ascii=False, separators=(",", ":")).encode(
        "utf-8", "backslashreplace"
    )


def scrub_headers(
    headers: Mapping[str, Iterable[str]], kept: Iterable[str]
) -> dict[str, tuple[str, ...]]:
    """Select the headers of the allow-list `kept`, with lower-case names."""
    lowered = {name.lower(): tuple(values) for name, values in headers.items()}
    return {name: lowered[name] for name in kept if name in lowered}
