"""Strict replay of a cassette, and recording into it: the only file that imports vcrpy.

While a cassette is open, vcrpy intercepts every HTTP library of the process, so a subject cannot
bypass its client and reach the network. Requests are looked up in the cassette's index by digest,
in place of vcrpy's comparison with every recorded request.
"""

import time
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import urlsplit

from vcr.cassette import Cassette as VcrCassette
from vcr.filters import decode_response
from vcr.record_mode import RecordMode
from vcr.request import Request

from flagbench import headers as header_names
from flagbench.cassette import journal, retry_after, scrub
from flagbench.cassette.cassette import Cassette, Interaction, request_digest
from flagbench.errors import CellStopped, CouldNotRun, Problem

_KNOWN_STATUS = frozenset(HTTPStatus)
_NEVER_RECORDED = {401: "the API key was rejected", 403: "the API key lacks this permission"}


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request of the subject; `occurrence` is the number of identical ones before it."""

    method: str
    path: str
    body: bytes
    key: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request and the place of its answer in the cassette, None until it is recorded."""

    request: SentRequest
    began_at_seconds: float
    place: int | None


class IndexedCassette(VcrCassette):
    """vcrpy's view of a `Cassette`: the n-th identical request gets the n-th answer."""

    def __init__(
        self,
        path: str,
        *,
        cassette: Cassette,
        base_url: str,
        explain: Callable[[Cassette, SentRequest], CouldNotRun],
        secrets: tuple[str, ...] = (),
        record_mode: RecordMode = RecordMode.NONE,
    ) -> None:
        super().__init__(path, record_mode=record_mode)
        self._cassette = cassette
        self._base = urlsplit(base_url)
        self._explain = explain
        self._secrets = secrets
        self._sent: Counter[str] = Counter()
        # vcrpy looks up, plays and appends in separate calls and passes nothing from one to the
        # next, nor to the client's transport: the latest exchange is stored in between.
        self._exchange: _Exchange | None = None
        self.stopped: CellStopped | None = None
        # Set before a call: the seconds since an identical one was refused, None for any other.
        self.waited_seconds: float | None = None

    def _load(self) -> None:
        """Do nothing: the cassette was read once and is shared by all cells of its trial."""

    def _save(self, force: bool = False) -> None:
        """Do nothing: a replay never writes, and a recorder saves the cassette itself."""

    @property
    def is_recording(self) -> bool:
        """True if a request that is not in the cassette goes to the provider."""
        return bool(self.record_mode != RecordMode.NONE)

    @property
    def last_played(self) -> tuple[Interaction, int]:
        """The last interaction played or recorded, and its place in the cassette."""
        assert self._exchange is not None  # noqa: S101  read after an exchange
        place = self._exchange.place
        assert place is not None  # noqa: S101  a request without an answer raised
        return self._cassette.interactions[place], place

    @property
    def plays(self) -> int:
        """The number of calls through this cassette, of any client."""
        return self._sent.total()

    def stop(self, reason: CouldNotRun) -> NoReturn:
        """End the cell. The reason is stored too: a subject may gather exceptions as results."""
        self.stopped = CellStopped(reason)
        raise self.stopped

    def sent_request(self, method: str, url: str, body: bytes) -> SentRequest:
        """Convert a request to the cassette's form. Ends the cell if it is not to the provider."""
        parts = urlsplit(url)
        if parts.netloc != self._base.netloc or not parts.path.startswith(self._base.path):
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the subject sent {method} {url}, which is not its provider",
                        expected="all calls through the client passed to the subject",
                    )
                )
            )
        path = "/v1" + parts.path.removeprefix(self._base.path.rstrip("/"))
        key = request_digest(method, path, body)
        return SentRequest(method, path, body, key, self._sent[key])

    def recorded_answer(self, sent: SentRequest) -> Interaction | None:
        """The interaction that answers a request, or None if there is none yet."""
        place = self._cassette.find(sent.key, sent.occurrence)
        return None if place is None else self._cassette.interactions[place]

    def can_play_response_for(self, request: Request) -> bool:
        """True if the answer is recorded; in a replay any other request ends the cell."""
        sent = self.sent_request(request.method, request.uri, request.body or b"")
        place = self._cassette.find(sent.key, sent.occurrence)
        if place is None and self.record_mode == RecordMode.NONE:
            self.stop(self._explain(self._cassette, sent))
        self._sent[sent.key] += 1
        self._exchange = _Exchange(sent, time.perf_counter(), place)
        return place is not None

    def play_response(self, request: Request) -> dict[str, Any]:  # noqa: ARG002  vcrpy's signature
        """The answer found by `can_play_response_for`, which vcrpy calls just before."""
        interaction, _ = self.last_played
        return {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "body": {"string": interaction.response_body},
        }

    def append(self, request: Request, response: dict[str, Any]) -> None:  # noqa: ARG002
        """Record a live answer: scrubbed, with its measured or declared latency."""
        assert self._exchange is not None  # noqa: S101  `can_play_response_for` came before
        sent = self._exchange.request
        elapsed_seconds = time.perf_counter() - self._exchange.began_at_seconds
        response = decode_response(response)
        headers = {name.lower(): values for name, values in response["headers"].items()}
        if header_names.ELAPSED in headers:
            elapsed_seconds = float(headers[header_names.ELAPSED][0]) / 1000
        status = response["status"]["code"]
        if status in _NEVER_RECORDED:
            answer = scrub.scrub_answer(response["body"]["string"], self._secrets, is_error=True)
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the provider answered {status}: {_NEVER_RECORDED[status]}: "
                        f"{answer.decode()[:300]}",
                        fix="check OPENAI_API_KEY, --base-url and --model; nothing was recorded",
                    )
                )
            )
        if scrub.holds_secret(sent.body, self._secrets):
            self.stop(
                CouldNotRun(
                    Problem(
                        "a prompt contains a key or an organisation's name; it was not recorded",
                        expected="prompts without secrets",
                    )
                )
            )
        headers = {name: tuple(values) for name, values in headers.items()}
        kept = scrub.scrub_headers(retry_after.without_date(headers), scrub.KEPT_RESPONSE_HEADERS)
        if self.waited_seconds is not None:
            kept[header_names.WAITED] = (f"{self.waited_seconds:.6f}",)
        interaction = Interaction(
            method=sent.method,
            path=sent.path,
            request_body=sent.body,
            status=status,
            # The standard phrase, since the provider's own text may contain a name.
            reason=HTTPStatus(status).phrase if status in _KNOWN_STATUS else "",
            headers=kept,
            response_body=scrub.scrub_answer(
                response["body"]["string"], self._secrets, is_error=status >= 400
            ),
            elapsed_seconds=round(elapsed_seconds, 6),
        )
        try:
            journal.append(self._cassette.path, interaction)
        except CouldNotRun as reason:
            self.stop(reason)
        self._exchange = replace(self._exchange, place=len(self._cassette.interactions))
        self._cassette.add(interaction)


def replaying(
    cassette: Cassette, base_url: str, explain: Callable[[Cassette, SentRequest], CouldNotRun]
) -> AbstractContextManager[IndexedCassette]:
    """Open a cassette for strict replay, one at a time per process: vcrpy patches globally."""
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(cassette.path), cassette=cassette, base_url=base_url, explain=explain
    )
    return opened


def recording(
    cassette: Cassette,
    base_url: str,
    explain: Callable[[Cassette, SentRequest], CouldNotRun],
    secrets: tuple[str, ...],
) -> AbstractContextManager[IndexedCassette]:
    """Open a cassette for playing what it has and recording what it lacks."""
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(cassette.path),
        cassette=cassette,
        base_url=base_url,
        explain=explain,
        secrets=secrets,
        record_mode=RecordMode.NEW_EPISODES,
    )
    return opened
