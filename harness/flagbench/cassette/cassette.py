"""A recording in memory: interactions, found by the digest of the request in constant time."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

from flagbench.cassette import chunks as chunks_module
from flagbench.cassette.addresses import service_of
from flagbench.cassette.answer_check import fault_of, streams_error
from flagbench.cassette.chunks import Chunk
from flagbench.cassette.normalising import Rules, normalised
from flagbench.cassette.usage import streamed_content
from flagbench.cassette.usage.call_usage import usage_of
from flagbench.cassette.usage.token_usage import TokenUsage, UnknownUsage, unbilled
from flagbench.errors import CouldNotRun, Problem
from flagbench.headers import CLOSED, CUT, OUTCOME, RESET

# In place of the latency in a cassette.
UNKNOWN_LATENCY = "unknown"
# The failure of a stream with an event that is an error, whose status is that of its beginning.
STREAM_ERROR = "stream error"


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
    the run and not to the recording. `chunks` are those of a streamed answer, () where their times
    are unknown; the latency is that of its end.
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
    chunks: tuple[Chunk, ...] = ()

    @cached_property
    def key(self) -> str:
        """The digest of the request as it was sent, whatever the rules of the scenario."""
        return request_digest(self.method, self.path, self.request_body)

    @property
    def service(self) -> str:
        """The name of the service that answered, "" for a provider of models."""
        return service_of(self.path)

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
        if self.is_closed or self.service:
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
        if self.is_closed or self.is_cut or self.service:  # a service may answer anything
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
    def cut(self) -> str:
        """The way in which a stream was ended early, `cut` or `reset`; "" for a whole answer."""
        outcomes = self.headers.get(OUTCOME, ())
        return next((outcome for outcome in (CUT, RESET) if outcome in outcomes), "")

    @property
    def is_cut(self) -> bool:
        """True if the connection ended in the middle of a streamed answer."""
        return bool(self.chunks and self.cut)

    @property
    def is_answered(self) -> bool:
        """True for a good answer."""
        return 200 <= self.status < 300 and not self.failure

    @cached_property
    def failure(self) -> str:
        """The HTTP code of an error, or what else failed: `closed`, `cut`, `reset`, `stream error`.

        "" for a good answer.
        """
        if self.is_closed:
            return CLOSED
        if self.is_cut:
            return self.cut
        if self.status >= 400:
            return str(self.status)
        is_error = not self.service and streams_error(self.response_body)
        return STREAM_ERROR if is_error else ""

    @cached_property
    def content_seconds(self) -> tuple[float, float] | None:
        """The times of the first and of the last chunk that brought generated content.

        None for an answer without chunks, or whose content is not recognised.
        """
        ends = streamed_content.ends_of(self.response_body) if self.chunks else None
        if ends is None:
            return None
        first, last = (chunks_module.seconds_at(self.chunks, end) for end in ends)
        return first, last

    @cached_property
    def digest(self) -> str:
        """The digest of request, answer and latencies, which detects edits by hand."""
        headers = {name: list(values) for name, values in self.headers.items()}
        chunks = f" {chunks_module.text_of(self.chunks)}" if self.chunks else ""
        seconds = self.elapsed_seconds
        latency = UNKNOWN_LATENCY if seconds is None else f"{seconds:.6f}"
        return sha256(
            f"{self.key} {self.status} {self.reason} {canonical(headers)} "
            f"{latency} {canonical_body(self.response_body)}{chunks}"
        )


@dataclass(slots=True)
class Cassette:
    """The recording of one trial: interactions and their index. A replay never changes it.

    The index has the digests of requests in their normal form, under the `rules` of the scenario.
    These belong to the run and not to the recording.
    """

    path: Path
    metadata: Mapping[str, Any]
    rules: Rules = ()
    interactions: list[Interaction] = field(default_factory=list)
    index: dict[str, list[int]] = field(default_factory=dict)
    _digest: str | None = None

    @classmethod
    def of(
        cls,
        path: Path,
        metadata: Mapping[str, Any],
        interactions: Iterable[Interaction],
        rules: Rules = (),
    ) -> "Cassette":
        """Build a cassette with its index. Raises `CouldNotRun` for a rule that takes too long."""
        cassette = cls(path, metadata, rules)
        for interaction in interactions:
            cassette.add(interaction)
        return cassette

    def add(self, interaction: Interaction) -> None:
        """Append one interaction."""
        request = interaction.method, interaction.path, interaction.request_body
        self.index.setdefault(self.key_of(*request), []).append(len(self.interactions))
        self.interactions.append(interaction)
        self._digest = None

    def key_of(self, method: str, path: str, body: bytes) -> str:
        """The digest by which a request is matched: that of its normal form."""
        normal = normalised(self.rules, path, body)
        return request_digest(method, normal.path, normal.body)

    def matched_by(self, rules: Rules) -> "Cassette":
        """The recording with its requests matched by the rules of a scenario."""
        if rules == self.rules:
            return self
        return Cassette.of(self.path, self.metadata, self.interactions, rules)

    def counted_by(self, tokenizer: str) -> "Cassette":
        """The recording with its tokens counted by another tokenizer, "" for that of the model."""
        if not tokenizer:
            return self
        return Cassette.of(
            self.path,
            self.metadata,
            (replace(interaction, tokenizer=tokenizer) for interaction in self.interactions),
            self.rules,
        )

    def find(self, key: str, occurrence: int) -> int | None:
        """The place of the `occurrence`-th (from 0) answer to this request, or None."""
        places = self.index.get(key, ())
        return places[occurrence] if occurrence < len(places) else None

    @property
    def digest(self) -> str:
        """The digest of the whole recording, whatever the rules.

        The order counts among answers to the same request, and not between different requests.
        """
        if self._digest is None:
            self._digest = sha256("\n".join(sorted(self._digests())))
        return self._digest

    def _digests(self) -> Iterator[str]:
        seen = Counter[str]()
        for interaction in self.interactions:
            occurrence = seen[interaction.key]
            seen[interaction.key] += 1
            digest = interaction.digest
            yield sha256(f"{digest} {occurrence}") if occurrence else digest
