"""The only file that imports vcrpy: strict replay of a tape, and recording onto it.

While a cassette is open, vcrpy intercepts every HTTP library of the process, so a subject cannot
reach a network past the client it was given. What is looked up is the tape's index by request
digest, not vcrpy's comparison with every recorded request.
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
from flagbench.cassette import journal, scrub
from flagbench.cassette.cassette import Cassette, Interaction, request_digest
from flagbench.errors import CellStopped, CouldNotRun, Problem

_KNOWN_STATUS = frozenset(HTTPStatus)
_NEVER_RECORDED = {401: "the key was refused", 403: "the key may not do this"}


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request as the subject sent it: `occurrence` counts the identical ones before (from 0)."""

    method: str
    path: str
    body: bytes
    key: str
    occurrence: int


@dataclass(frozen=True, slots=True)
class _Exchange:
    """A request and where its answer stands on the tape: `place`, None until it is recorded."""

    asked: SentRequest
    began_at_seconds: float
    place: int | None


class IndexedCassette(VcrCassette):
    """A vcrpy cassette over a `Cassette`: the n-th identical request gets the n-th answer."""

    def __init__(
        self,
        path: str,
        *,
        tape: Cassette,
        base_url: str,
        explain: Callable[[Cassette, SentRequest], CouldNotRun],
        secrets: tuple[str, ...] = (),
        record_mode: RecordMode = RecordMode.NONE,
    ) -> None:
        super().__init__(path, record_mode=record_mode)
        self._tape = tape
        self._base = urlsplit(base_url)
        self._explain = explain
        self._secrets = secrets
        self._asked: Counter[str] = Counter()
        # vcrpy looks up, plays and appends in separate calls, hands nothing from one to the next,
        # and gives the client's transport an HTTP response: the latest exchange is kept between.
        self._exchange: _Exchange | None = None
        self.stopped: CellStopped | None = None

    def _load(self) -> None:
        """Nothing: the tape was read once and is shared by all cells of its trial."""

    def _save(self, force: bool = False) -> None:
        """Nothing: a replay never writes, a recorder saves the tape itself."""

    @property
    def is_recording(self) -> bool:
        """Whether a request that is not on the tape goes to the provider."""
        return bool(self.record_mode != RecordMode.NONE)

    @property
    def played(self) -> tuple[Interaction, int]:
        """The interaction that was played or recorded last, and its place on the tape."""
        assert self._exchange is not None  # noqa: S101  asked for after an exchange
        place = self._exchange.place
        assert place is not None  # noqa: S101  a request without an answer raised
        return self._tape.interactions[place], place

    @property
    def plays(self) -> int:
        """How many calls went through this cassette, whichever client made them."""
        return self._asked.total()

    def stop(self, reason: CouldNotRun) -> NoReturn:
        """End the cell. It is noted too, because a subject may gather exceptions as results."""
        self.stopped = CellStopped(reason)
        raise self.stopped

    def asked(self, method: str, url: str, body: bytes) -> SentRequest:
        """The request in the terms of the tape. Ends the cell if it is not for the provider."""
        parts = urlsplit(url)
        if parts.netloc != self._base.netloc or not parts.path.startswith(self._base.path):
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the subject asked {method} {url}, which is not its provider",
                        expected="every call goes through the client that the subject was given",
                    )
                )
            )
        path = "/v1" + parts.path.removeprefix(self._base.path.rstrip("/"))
        key = request_digest(method, path, body)
        return SentRequest(method, path, body, key, self._asked[key])

    def can_play_response_for(self, request: Request) -> bool:
        """Whether the answer is recorded; in a replay anything else ends the cell here."""
        asked = self.asked(request.method, request.uri, request.body or b"")
        place = self._tape.find(asked.key, asked.occurrence)
        if place is None and self.record_mode == RecordMode.NONE:
            self.stop(self._explain(self._tape, asked))
        self._asked[asked.key] += 1
        self._exchange = _Exchange(asked, time.perf_counter(), place)
        return place is not None

    def play_response(self, request: Request) -> dict[str, Any]:  # noqa: ARG002  vcrpy's signature
        """The answer found by `can_play_response_for`, which vcrpy calls right before."""
        interaction, _ = self.played
        return {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "body": {"string": interaction.response_body},
        }

    def append(self, request: Request, response: dict[str, Any]) -> None:  # noqa: ARG002
        """Keep a live answer: scrubbed, with the latency that was measured or declared."""
        assert self._exchange is not None  # noqa: S101  `can_play_response_for` came before
        asked = self._exchange.asked
        elapsed_seconds = time.perf_counter() - self._exchange.began_at_seconds
        response = decode_response(response)
        headers = {name.lower(): values for name, values in response["headers"].items()}
        if header_names.ELAPSED in headers:
            elapsed_seconds = float(headers[header_names.ELAPSED][0]) / 1000
        status = response["status"]["code"]
        if status in _NEVER_RECORDED:
            answer = scrub.scrub_answer(response["body"]["string"], self._secrets, is_error=True)
            said = answer.decode()[:300]
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the provider answered {status}: {_NEVER_RECORDED[status]}: {said}",
                        fix="check OPENAI_API_KEY, --base-url and --model; nothing was recorded",
                    )
                )
            )
        if scrub.holds_secret(asked.body, self._secrets):
            self.stop(
                CouldNotRun(
                    Problem(
                        "a prompt contains a key or an organisation's name; it was not recorded",
                        expected="prompts without secrets",
                    )
                )
            )
        interaction = Interaction(
            method=asked.method,
            path=asked.path,
            request_body=asked.body,
            status=status,
            # Not the provider's own words, which may name anybody.
            reason=HTTPStatus(status).phrase if status in _KNOWN_STATUS else "",
            headers=scrub.scrub_headers(headers, scrub.KEPT_RESPONSE_HEADERS),
            response_body=scrub.scrub_answer(
                response["body"]["string"], self._secrets, is_error=status >= 400
            ),
            elapsed_seconds=round(elapsed_seconds, 6),
        )
        try:
            journal.append(self._tape.path, interaction)
        except CouldNotRun as reason:
            self.stop(reason)
        self._exchange = replace(self._exchange, place=len(self._tape.interactions))
        self._tape.add(interaction)


def replaying(
    tape: Cassette, base_url: str, explain: Callable[[Cassette, SentRequest], CouldNotRun]
) -> AbstractContextManager[IndexedCassette]:
    """Open a tape for strict replay; one at a time per process, as vcrpy patches globally."""
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(tape.path), tape=tape, base_url=base_url, explain=explain
    )
    return opened


def recording(
    tape: Cassette,
    base_url: str,
    explain: Callable[[Cassette, SentRequest], CouldNotRun],
    secrets: tuple[str, ...],
) -> AbstractContextManager[IndexedCassette]:
    """Open a tape for adding what it lacks; what it has is played."""
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(tape.path),
        tape=tape,
        base_url=base_url,
        explain=explain,
        secrets=secrets,
        record_mode=RecordMode.NEW_EPISODES,
    )
    return opened
