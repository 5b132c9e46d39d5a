"""Redaction of secrets and identities, and dropping of headers, before an answer is stored."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flagbench.cassette.secret_kinds import without_secrets
from flagbench.headers import OUTCOME

# An allow-list: no other header is stored.
KEPT_RESPONSE_HEADERS = ("content-type", "retry-after", "retry-after-ms", OUTCOME)
KEPT_SERVICE_HEADERS = ("content-type", "location", "retry-after", "retry-after-ms")

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
SHORTEST_OTHER_SECRET = 12

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
# A string of JSON, alone or with the colon behind a name, or a bracket.
_TOKEN = re.compile(r'(?P<name>"(?:[^"\\]|\\.)*+")\s*:|"(?:[^"\\]|\\.)*+"|[][{}]')
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
        if len(value) >= SHORTEST_OTHER_SECRET and is_secret(name)
    }
    return tuple(sorted(secrets, key=lambda secret: (-len(secret), secret)))


def is_secret(name: str) -> bool:
    """True for the name of a variable that says key, token, secret or password."""
    name = name.upper()
    return bool(_SECRET_NAME.search(name)) and not _PLACE_NAME.search(name)


def scrub_answer(body: bytes, secrets: Iterable[str], *, is_error: bool) -> bytes:
    """Redact secrets, and the identities of call and caller, in the body of an answer.

    Everything that looks like an identifier is redacted in errors only: in a completion it may be
    part of the generated code. All else stays byte for byte, but JSON becomes UTF-8.
    """
    body = _as_utf8(body)
    text, encoding = text_of(body)
    text = without_secrets(text, secrets, SCRUBBED)
    if is_error:
        text = _identifiers_scrubbed(text)
    if encoding == "utf-8":
        text = _structure_scrubbed(text)
    return text.encode(encoding, "backslashreplace")


def text_of(body: bytes) -> tuple[str, str]:
    """A body as text, and the encoding that gives its bytes again."""
    try:
        return body.decode(), "utf-8"
    except UnicodeDecodeError:
        return body.decode("latin-1"), "latin-1"


def _as_utf8(body: bytes) -> bytes:
    """JSON in UTF-16, or with a byte order mark, as plain UTF-8; any other body as it is."""
    encoding = json.detect_encoding(body)
    if encoding == "utf-8":
        return body
    try:
        text = body.decode(encoding)
        json.loads(text)
        return text.encode()
    except (ValueError, RecursionError):
        return body


def scrub_text(text: str, secrets: Iterable[str]) -> str:
    """Redact secrets and identifiers in a text that is not an answer, such as a header."""
    return scrub_answer(text.encode("utf-8", "backslashreplace"), secrets, is_error=True).decode()


def _identifiers_scrubbed(text: str) -> str:
    return _IDENTIFIER.sub(SCRUBBED, _models_scrubbed(text))


def _models_scrubbed(text: str) -> str:
    return _FINE_TUNED.sub(rf"ft:\1:{SCRUBBED}:\2:{SCRUBBED}", text)


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
        lines.append(line if event is None else f"data:{event}")
    return "".join(lines)


def _json_scrubbed(text: str) -> str | None:
    """JSON without identities, else byte for byte; None for a text that is not JSON."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return None
    pieces, last = [], 0
    for start, end, replacement in _replacements(text, parsed):
        pieces += [text[last:start], replacement]
        last = end
    return "".join([*pieces, text[last:]])


def _replacements(text: str, parsed: Any) -> Iterator[tuple[int, int, str]]:
    """The string tokens to replace in a text that is JSON: start, end and the new token."""
    is_error = isinstance(parsed, dict) and bool(parsed.get("error"))
    is_call = isinstance(parsed, dict) and str(parsed.get("object", "response")).startswith(_CALLS)
    # The name of the field of each object around the token; None for a list.
    path: list[str | None] = []
    for token in _TOKEN.finditer(text):
        match token[0][0]:
            case "{":
                path.append("")
            case "[":
                path.append(None)
            case "}" | "]":
                path.pop()
            case _ if token["name"]:
                path[-1] = json.loads(token["name"])
            case _ if path:
                new = _value_scrubbed(
                    token[0],
                    path[-1],
                    is_error=is_error and path[0] == "error",
                    is_call_id=is_call and path == ["id"],
                )
                if new != token[0]:
                    yield *token.span(), new


def _value_scrubbed(token: str, name: str | None, *, is_error: bool, is_call_id: bool) -> str:
    """A string token that is the value of a field, or of a list's for None, without identities."""
    if is_error:
        return _identifiers_scrubbed(token)
    if name is None or name in _GENERATED_FIELDS:
        return token
    is_identity = is_call_id or name in _IDENTITY_FIELDS or _IDENTIFIER.fullmatch(token[1:-1])
    return f'"{SCRUBBED}"' if is_identity else _models_scrubbed(token)


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
