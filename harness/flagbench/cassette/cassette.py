"""A recording in memory: interactions, found by the digest of the request in constant time."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from flagbench.cassette.answer_check import fault_of
from flagbench.cassette.usage.call_usage import usage_of
from flagbench.cassette.usage.token_usage import TokenUsage, UnknownUsage, unbilled
from flagbench.errors import CouldNotRun, Problem
from flagbench.headers import CLOSED, OUTCOME

# In place of the latency in a cassette.
UNKNOWN_LATENCY = "unknown"


def canonical(value: object) -> str:
    """Format a value as JSON with sorted keys and no blanks: equal values give equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def sha256(text: str) -> str:
    """The hexadecimal SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def canonical_body(body: bytes | None) -> str:
    """The canonical JSON of a body, or its bytes in ASCII when it is not JSON."""
    try:
        return canonical(json.loads(body or b""))
    except (ValueError, RecursionError):
        return (body or b"").decode("ascii", "backslashreplace")


@lru_cache(maxsize=1024)  # pure; the combinations of a trial send many of the same bytes
def request_digest(method: str, path: str, body: bytes | None) -> str:
    """Digest of method, path and canonical body: the identity of a request."""
    return sha256(f"{method} {path}\n{canonical_body(body)}")


@dataclass(frozen=True)  # no slots: digests and usage are kept once computed
class Interaction:
    """A recorded call. `status` is the HTTP code, `elapsed_seconds` its recorded latency.

    The latency is None where it is unknown: in an imported recording that does not have it.
    `tokenizer` is the name of the project's choice, "" for that of the call's model; it belongs to
    the run and not to the recording.
    """

    method: str
    path: str
    request_body: bytes
    status: int
    reason: str
    headers: Mapping[str, tuple[str, ...]]
    response_body: bytes
    elapsed_seconds: float | None
    tokenizer: str = ""

    @cached_property
    def key(self) -> str:
        """The digest of the request."""
        return request_digest(self.method, self.path, self.request_body)

    @property
    def usage(self) -> TokenUsage:
        """The tokens of the call. Raises `CouldNotRun`, naming the call, where they are unknown."""
        if isinstance(self.known_usage, UnknownUsage):
            raise CouldNotRun(
                Problem(
                    f"{self.method} {self.path}: {self.known_usage.reason}",
                    expected="a call whose tokens can be counted, or an answer with its usage "
                    "(a stream sends it with stream_options: {include_usage: true})",
                    fix="name the model's tokenizer (`tokenizer:` in the scenario), "
                    "if that is what is missing",
                )
            )
        return self.known_usage

    @cached_property
    def known_usage(self) -> TokenUsage | UnknownUsage:
        """The tokens of the call, counted once for all cells that replay it."""
        if self.is_closed:
            return unbilled(self.status)
        return usage_of(
            self.method,
            self.path,
            self.status,
            self.request_body,
            self.response_body,
            tokenizer=self.tokenizer,
        )

    @cached_property
    def fault(self) -> str:
        """The reason for which no client can use it; "" for nothing."""
        if self.is_closed:
            return ""
        return fault_of(
            method=self.method,
            path=self.path,
            request_body=self.request_body,
            status=self.status,
            headers=self.headers,
            body=self.response_body,
        )

    @property
    def is_closed(self) -> bool:
        """True if the connection was closed in place of an answer."""
        return CLOSED in self.headers.get(OUTCOME, ())

    @property
    def is_answered(self) -> bool:
        """True for a good answer."""
        return 200 <= self.status < 300 and not self.is_closed

    @property
    def failure(self) -> str:
        """The HTTP code of an error, `closed`, or "" for a good answer."""
        return CLOSED if self.is_closed else str(self.status) if self.status >= 400 else ""

    @cached_property
    def digest(self) -> str:
        """The digest of request, answer and latency, which detects edits by hand."""
        headers = {name: list(values) for name, values in self.headers.items()}
        seconds = self.elapsed_seconds
        latency = UNKNOWN_LATENCY if seconds is None else f"{seconds:.6f}"
        return sha256(
            f"{self.key} {self.status} {self.reason} {canonical(headers)} "
            f"{latency} {canonical_body(self.response_body)}"
        )


@dataclass(slots=True)
class Cassette:
    """The recording of one trial: interactions and their index. A replay never changes it."""

    path: Path
    metadata: Mapping[str, Any]
    interactions: list[Interaction] = field(default_factory=list)
    index: dict[str, list[int]] = field(default_factory=dict)
    _digest: str | None = None

    @classmethod
    def of(
        cls, path: Path, metadata: Mapping[str, Any], interactions: Iterable[Interaction]
    ) -> "Cassette":
        """Build a cassette with its index."""
        cassette = cls(path, metadata)
        for interaction in interactions:
            cassette.add(interaction)
        return cassette

    def add(self, interaction: Interaction) -> None:
        """Append one interaction."""
        self.index.setdefault(interaction.key, []).append(len(self.interactions))
        self.interactions.append(interaction)
        self._digest = None

    def counted_by(self, tokenizer: str) -> "Cassette":
        """The recording with its tokens counted by another tokenizer, "" for that of the model."""
        if not tokenizer:
            return self
        return Cassette.of(
            self.path,
            self.metadata,
            (replace(interaction, tokenizer=tokenizer) for interaction in self.interactions),
        )

    def find(self, key: str, occurrence: int) -> int | None:
        """The place of the `occurrence`-th (from 0) answer to this request, or None."""
        places = self.index.get(key, ())
        return places[occurrence] if occurrence < len(places) else None

    @property
    def digest(self) -> str:
        """The digest of the whole recording.

        The order counts among answers to the same request, and not between different requests.
        """
        if self._digest is None:
            self._digest = sha256("\n".join(sorted(self._digests())))
        return self._digest

    def _digests(self) -> Iterator[str]:
        for places in self.index.values():
            for occurrence, place in enumerate(places):
                digest = self.interactions[place].digest
                yield sha256(f"{digest} {occurrence}") if occurrence else digest
