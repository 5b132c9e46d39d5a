"""What a cassette may know: no key, no identity, no header that nobody asked for."""

import json
import re
from collections.abc import Iterable, Mapping

from flagbench.headers import OUTCOME

# An allow-list: a header that is not named here is not stored, whatever a provider invents.
KEPT_RESPONSE_HEADERS = ("content-type", "retry-after", "retry-after-ms", OUTCOME)

SCRUBBED = "scrubbed"

# Variables of the OpenAI client whose values are secrets or identities.
SECRET_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")

# Shapes of identifiers that providers put into error messages.
_IDENTIFIER = re.compile(
    r"\b(?:sk-[A-Za-z0-9_*-]{8,}|org-[A-Za-z0-9]{6,}|proj_[A-Za-z0-9]{6,}|req_[A-Za-z0-9]{8,}"
    r"|chatcmpl-[A-Za-z0-9]{6,}|fp_[A-Za-z0-9]{4,}|__\w+=[^;\s\"<]+)"
)


def secrets_of(environment: Mapping[str, str], *more: str) -> tuple[str, ...]:
    """The secret values known to this process, longest first; short ones are no secrets."""
    found = {environment.get(name, "") for name in SECRET_VARIABLES} | set(more)
    return tuple(sorted((one for one in found if len(one) >= 6), key=lambda one: (-len(one), one)))


def holds_secret(body: bytes, secrets: Iterable[str]) -> bool:
    """Whether a request carries one of the secrets; such a request is never recorded."""
    return any(form.encode() in body for secret in secrets for form in _forms(secret))


def _forms(secret: str) -> tuple[str, str, str]:
    """A secret as it is, and as JSON escapes it."""
    return secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]


def scrub_answer(body: bytes, secrets: Iterable[str], *, is_error: bool) -> bytes:
    """The body of an answer as it may be stored.

    The completion's own `id` is an identity too. In an error, everything shaped like a provider's
    identifier goes; in a completion such a shape may be part of the generated code.
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
    """Only the headers of the allow-list, with lower-case names."""
    lowered = {name.lower(): tuple(values) for name, values in headers.items()}
    return {name: lowered[name] for name in kept if name in lowered}
