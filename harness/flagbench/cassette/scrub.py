"""Redaction of secrets and identities, and dropping of headers, before an answer is stored."""

import base64
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from flagbench.headers import OUTCOME

# An allow-list: no other header is stored.
KEPT_RESPONSE_HEADERS = ("content-type", "retry-after", "retry-after-ms", OUTCOME)

SCRUBBED = "scrubbed"

# Environment variables of the OpenAI client that hold secrets or identities.
SECRET_VARIABLES = ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID")

# The name of any other variable that holds a secret, unless it only says where the secret is.
_SECRET_NAME = re.compile(
    r"(?:^|_)(?:CREDENTIALS?|JWT|KEY|PASS|PASSPHRASE|PAT)(?:_|$)"
    r"|(?:APIKEY|PASSWD|PASSWORD|SECRET|TOKEN)(?:_|$)|^AWS_ACCESS_KEY_ID$"
)
_PLACE_NAME = re.compile(r"_(?:DIR|FILE|HOME|PATH|SOCK|URL)(?:_|$)")
# Shorter values of such variables may be words that a prompt has by chance.
_SHORTEST_OTHER_SECRET = 12

# Identifiers that providers put into errors, and into the fields beside what was generated.
_IDENTIFIER = re.compile(
    r"\b(?:sk-[A-Za-z0-9_*-]{8,}|(?:org|user|sess|proj|acct)[-_][A-Za-z0-9]{6,}"
    r"|(?:req|resp|msg)_[A-Za-z0-9]{8,}|(?:chatcmpl|cmpl)-[A-Za-z0-9]{6,}|fp_[A-Za-z0-9]{4,}"
    r"|__\w+=[^;\s\"<]+|gh[opsur]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|(?:AKIA|ASIA)[A-Z0-9]{16}"
    r"|eyJ[\w-]{5,}\.eyJ[\w-]{5,}\.[\w-]*|[\w.+-]+@[\w-]+\.[\w.-]*\w)"
)
# The owner in the name of a fine-tuned model: `ft:<base>:<owner>:<suffix>:<id>`.
_FINE_TUNED = re.compile(r"\bft:([\w.-]+):[^:\s\"]*:([^:\s\"]*):[\w-]*")

# Fields that say who called or which call it was.
_IDENTITY_FIELDS = frozenset(
    (
        "account_id",
        "email",
        "organization",
        "organization_id",
        "project",
        "project_id",
        "request_id",
        "safety_identifier",
        "session_id",
        "system_fingerprint",
        "user",
        "user_id",
    )
)
# The objects whose own `id` is that of a call; a file or a batch is asked for by its id.
_CALLS = ("chat.completion", "text_completion", "response")
# Fields with what was generated.
_GENERATED_FIELDS = frozenset(
    ("arguments", "content", "delta", "reasoning_content", "refusal", "text")
)


def secrets_of(environment: Mapping[str, str], *more: str) -> tuple[str, ...]:
    """Secret values of this process, longest first.

    They are those of the OpenAI client's variables from 6 characters on, and from 12 on those of
    every variable whose name says key, token, secret or password.
    """
    values = {environment.get(name, "") for name in SECRET_VARIABLES} | set(more)
    secrets = {value for value in values if len(value) >= 6} | {
        value
        for name, value in environment.items()
        if len(value) >= _SHORTEST_OTHER_SECRET and _is_secret(name)
    }
    return tuple(sorted(secrets, key=lambda secret: (-len(secret), secret)))


def _is_secret(name: str) -> bool:
    name = name.upper()
    return bool(_SECRET_NAME.search(name)) and not _PLACE_NAME.search(name)


def holds_secret(body: bytes, secrets: Iterable[str]) -> bool:
    """True for a request that contains one of the secrets, which is never sent."""
    pattern = _pattern(secrets)
    return pattern is not None and pattern.search(body.decode("latin-1")) is not None


def _pattern(secrets: Iterable[str]) -> re.Pattern[str] | None:
    """A pattern of the secrets in bytes that were decoded as Latin-1, in any case; None without."""
    forms = {form for secret in secrets for form in _forms(secret)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    escaped = (re.escape(form.encode().decode("latin-1")) for form in longest_first)
    return re.compile("|".join(escaped), re.IGNORECASE) if forms else None


def _forms(secret: str) -> tuple[str, ...]:
    """A secret verbatim, as JSON escapes it, as a URL does, and in Base64."""
    return (
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        quote(secret, safe=""),
        base64.b64encode(secret.encode()).decode().rstrip("="),
    )


def scrub_answer(body: bytes, secrets: Iterable[str], *, is_error: bool) -> bytes:
    """Redact secrets, and the identities of call and caller, in the body of an answer.

    Everything that looks like an identifier is redacted in errors only: in a completion it may be
    part of the generated code. JSON becomes UTF-8; other bytes that are not UTF-8 stay.
    """
    body = _as_utf8(body)
    pattern = _pattern(secrets)
    if pattern is not None:
        body = pattern.sub(SCRUBBED, body.decode("latin-1")).encode("latin-1")
    try:
        text, encoding = body.decode(), "utf-8"
    except UnicodeDecodeError:
        text, encoding = body.decode("latin-1"), "latin-1"
    if is_error:
        text = _identifiers_scrubbed(text)
    if encoding == "utf-8":
        text = _structure_scrubbed(text)
    return text.encode(encoding, "backslashreplace")


def _as_utf8(body: bytes) -> bytes:
    """JSON in UTF-16, or with a byte order mark, as plain UTF-8; any other body as it is."""
    if json.detect_encoding(body) == "utf-8":
        return body
    try:
        return json.dumps(json.loads(body)).encode()
    except (ValueError, RecursionError):
        return body


def scrub_text(text: str, secrets: Iterable[str]) -> str:
    """Redact secrets and identifiers in a text that is not an answer, such as a header."""
    return scrub_answer(text.encode("utf-8", "backslashreplace"), secrets, is_error=True).decode()


def _identifiers_scrubbed(text: str) -> str:
    return _IDENTIFIER.sub(SCRUBBED, _FINE_TUNED.sub(rf"ft:\1:{SCRUBBED}:\2:{SCRUBBED}", text))


def _structure_scrubbed(text: str) -> str:
    """Scrub JSON, or the JSON of each event in an event stream; leave other texts alone."""
    scrubbed = _json_scrubbed(text)
    if scrubbed is not None:
        return scrubbed
    if "data:" not in text[:1000]:
        return text
    lines = []
    for line in re.split(r"(\r\n|\r|\n)", text):
        event = _json_scrubbed(line[5:]) if line.startswith("data:") else None
        lines.append(line if event is None else f"data: {event}")
    return "".join(lines)


def _json_scrubbed(text: str) -> str | None:
    """Compact JSON without identities; None for a text that is not JSON."""
    try:
        parsed = json.loads(text)
        scrubbed = _scrubbed(parsed, is_top=True)
    except (ValueError, RecursionError):
        return None
    written = json.dumps(scrubbed, ensure_ascii=False, separators=(",", ":"))
    return written.encode("utf-8", "backslashreplace").decode()


def _scrubbed(value: Any, *, is_top: bool = False) -> Any:
    if isinstance(value, list):
        return [_scrubbed(item) for item in value]
    if not isinstance(value, dict):
        return value
    is_error = bool(value.get("error")) and is_top
    result = {}
    for name, item in value.items():
        if is_error and name == "error":
            result[name] = json.loads(_identifiers_scrubbed(json.dumps(item)))
        elif name in _GENERATED_FIELDS:
            result[name] = item if isinstance(item, str) else _scrubbed(item)
        elif name == "id" and is_top and str(value.get("object", "response")).startswith(_CALLS):
            result[name] = SCRUBBED
        elif isinstance(item, str):
            is_identity = name in _IDENTITY_FIELDS or _IDENTIFIER.fullmatch(item)
            fine_tuned = _FINE_TUNED.sub(rf"ft:\1:{SCRUBBED}:\2:{SCRUBBED}", item)
            result[name] = SCRUBBED if is_identity else fine_tuned
        else:
            result[name] = _scrubbed(item)
    return result


def scrub_headers(
    headers: Mapping[str, Iterable[str]], kept: Iterable[str], secrets: Iterable[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Select the headers of the allow-list `kept`, with lower-case names and scrubbed values."""
    lowered = {name.lower(): tuple(values) for name, values in headers.items()}
    return {
        name: tuple(scrub_text(value, secrets) for value in lowered[name])
        for name in kept
        if name in lowered
    }
