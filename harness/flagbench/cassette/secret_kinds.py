"""Secrets in a text: the shapes of well-known keys, and the values of this process's own.

A shape is the prefix, the alphabet and the length of a provider's key. Scanners of source code
give lines; here the place in an escaped text is needed, so that only the secret is replaced.
"""

import base64
import binascii
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import unquote

OWN = "value of an environment variable"
PRIVATE_KEY = "private key"

KINDS = {
    "AWS key": r"\b(?:A3T[A-Z0-9]|AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}\b",
    "GitHub token": r"\b(?:gh[opsur]_[A-Za-z0-9]{36,}|github_pat_\w{22,})",
    "Anthropic key": r"\bsk-ant-(?:\w+-)?[\w-]{20,}",
    "OpenAI key": r"\bsk-(?:(?:proj|svcacct|admin|None)-[\w-]{20,}|or-v1-[0-9a-f]{40,}"
    r"|[A-Za-z0-9]{32,})",
    "Google key": r"\bAIza[\w-]{35}|\bya29\.[\w-]{20,}|\bGOCSPX-[\w-]{28}",
    "Slack token": r"\bxox[abeoprs]-(?:\d+-)+[A-Za-z0-9-]{6,}"
    r"|\bhttps://hooks\.slack\.com/services/T\w+/B\w+/\w{16,}",
    "Stripe key": r"\b(?:[rs]k_(?:live|test)|whsec)_[A-Za-z0-9]{16,}",
    "JWT": r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}",
    "OpenAI identity": r"\b(?:org|user|sess|proj)[-_](?=[A-Za-z]*\d)[A-Za-z0-9]{20,}\b",
    PRIVATE_KEY: r"-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----"
    r"(?:\s+[\w-]+: [^\r\n]*)*(?:\s*[A-Za-z0-9+/=]{16,})+"
    r"(?:\s*[A-Za-z0-9+/=]*\s*-----END (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----)?",
}
_KINDS = re.compile(
    "|".join(f"(?P<k{place}>{pattern})" for place, pattern in enumerate(KINDS.values()))
)
_NAMES = tuple(KINDS)
# What documentation and generated code write in place of a key.
_PLACEHOLDER = re.compile(
    r"example|placeholder|replace|change|your|dummy|fake|redacted|scrubbed|x{4}|\*{3}|\.{3}",
    re.IGNORECASE,
)
_FEWEST_CHARACTERS = 8

_ZERO_WIDTH = "\u00ad\u180e\u200b-\u200f\u2060-\u2064\ufeff"
_JSON_ESCAPE = re.compile(r'\\(?:u[0-9a-fA-F]{4}|["\\/bfnrt])')
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2})+")
_INVISIBLE = re.compile(f"[{_ZERO_WIDTH}]+")
_BASE64_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}")
_SHORT = dict(zip('"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True))


class Secret(NamedTuple):
    """A secret in a text: its kind and its place, in characters."""

    kind: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _View:
    """A decoded text, whose places map to those of the text it was decoded from."""

    text: str
    decoded: list[int] = field(default_factory=lambda: [0])
    raw: list[int] = field(default_factory=lambda: [0])

    def place(self, place: int) -> int:
        """The place in the raw text of a place in the decoded one."""
        known = bisect_right(self.decoded, place) - 1
        return self.raw[known] + place - self.decoded[known]


def secrets_in(text: str, own: Iterable[str]) -> list[Secret]:
    """Secrets, in the order of the text and without overlaps.

    `own` are values of this process. They are searched for in any case; each kind also behind JSON
    escapes, percent-encoding, Base64 and characters without a width.
    """
    found = sorted(_secrets_in(text, _own_pattern(tuple(own))), key=lambda secret: secret.start)
    apart: list[Secret] = []
    for secret in found:
        if apart and secret.start < apart[-1].end:
            last = apart[-1]
            apart[-1] = Secret(last.kind, last.start, max(last.end, secret.end))
        else:
            apart.append(secret)
    return apart


def without_secrets(text: str, own: Iterable[str], replacement: str) -> str:
    """The text with a replacement for each secret; all else stays."""
    pieces, last = [], 0
    for secret in secrets_in(text, own):
        pieces += [text[last : secret.start], replacement]
        last = secret.end
    return "".join([*pieces, text[last:]])


def _forms(value: str) -> tuple[str, ...]:
    """A value as it is, in bytes read as Latin-1, and in Base64 within a longer run of letters."""
    encoded = value.encode("utf-8", "backslashreplace")
    in_base64 = base64.b64encode(encoded).decode().rstrip("=")
    return value, encoded.decode("latin-1"), in_base64


@lru_cache(maxsize=8)
def _own_pattern(own: tuple[str, ...]) -> re.Pattern[str] | None:
    forms = {form for value in own for form in _forms(value)}
    longest_first = sorted(forms, key=lambda form: (-len(form), form))
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if forms else None


def _secrets_in(text: str, own: re.Pattern[str] | None) -> Iterator[Secret]:
    views: list[_View] = [_View(text)]
    for unit, decode in (
        (_JSON_ESCAPE, _unescaped),
        (_PERCENT, lambda escape: unquote(escape, errors="replace")),
        (_INVISIBLE, lambda _: ""),
    ):
        if unit.search(views[-1].text):
            views.append(_decoded(views[-1], unit, decode))
    for view in views:
        for kind, start, end in _plain(view.text, own):
            yield Secret(kind, view.place(start), view.place(end))
    for kind, start, end in _in_base64(views[-1].text, own):
        yield Secret(kind, views[-1].place(start), views[-1].place(end))


def _unescaped(escape: str) -> str:
    return chr(int(escape[2:], 16)) if escape[1] == "u" else _SHORT[escape[1]]


def _decoded(view: _View, unit: re.Pattern[str], decode: Callable[[str], str]) -> _View:
    pieces, decoded, raw = [], [0], [view.place(0)]
    length, last = 0, 0
    # The earlier view's own breaks stay breaks of this one.
    breaks = iter(view.decoded[1:])
    following = next(breaks, None)
    for match in unit.finditer(view.text):
        while following is not None and following <= match.start():
            decoded.append(length + following - last)
            raw.append(view.place(following))
            following = next(breaks, None)
        replaced = decode(match[0])
        pieces += [view.text[last : match.start()], replaced]
        length += match.start() - last
        decoded.append(length)
        raw.append(view.place(match.start()))
        length += len(replaced)
        last = match.end()
        decoded.append(length)
        raw.append(view.place(last))
        while following is not None and following <= last:
            following = next(breaks, None)
    while following is not None:
        decoded.append(length + following - last)
        raw.append(view.place(following))
        following = next(breaks, None)
    return _View("".join([*pieces, view.text[last:]]), decoded, raw)


def _plain(text: str, own: re.Pattern[str] | None) -> Iterator[Secret]:
    if own is not None:
        for match in own.finditer(text):
            yield Secret(OWN, *match.span())
    for match in _KINDS.finditer(text):
        kind = _NAMES[int(str(match.lastgroup)[1:])]
        if not _is_placeholder(kind, match[0]):
            yield Secret(kind, *match.span())


def _is_placeholder(kind: str, text: str) -> bool:
    # A long key has such words by chance.
    has_word = kind != PRIVATE_KEY and _PLACEHOLDER.search(text)
    return bool(has_word) or len(set(text)) < _FEWEST_CHARACTERS


def _in_base64(text: str, own: re.Pattern[str] | None) -> Iterator[Secret]:
    for match in _BASE64_RUN.finditer(text):
        run = match[0].rstrip("=").replace("-", "+").replace("_", "/")
        run = run[: len(run) - (len(run) % 4 == 1)]
        try:
            content = base64.b64decode(run + "=" * (-len(run) % 4)).decode("latin-1")
        except binascii.Error:
            continue
        for secret in _plain(content, own):
            yield Secret(f"{secret.kind} (Base64)", *match.span())
            break
