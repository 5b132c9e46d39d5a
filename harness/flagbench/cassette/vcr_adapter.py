"""Strict replay of a cassette, and recording into it: the only file that imports vcrpy.

While a cassette is open, vcrpy intercepts every HTTP library of the process, so a subject cannot
bypass its client and reach the network. Requests are looked up in the cassette's index by digest,
in place of vcrpy's comparison with every recorded request. vcrpy only plays: what is missing is
sent by the recorder, added here, and then played like the rest, so that a subject sees the same
answer while it is recorded and in every replay.
"""

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from vcr.cassette import Cassette as VcrCassette
from vcr.record_mode import RecordMode
from vcr.request import Request

from flagbench import headers as header_names
from flagbench.cassette import intake, journal, scrub
from flagbench.cassette.answer_check import EXPECTED
from flagbench.cassette.cassette import Cassette, Interaction, request_digest
from flagbench.errors import CellStopped, CouldNotRun, Problem
from flagbench.simulator.settings import SIMULATED

# A request that refers to an answer whose id was scrubbed.
_CONTINUED = re.compile(rb'"previous_response_id"\s*:\s*"%s"' % scrub.SCRUBBED.encode())
# Longer than any declared latency; the header of a faulty server may say anything.
_LONGEST_LATENCY_SECONDS = 86_400.0


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request of the subject; `occurrence` is the number of identical ones before it."""

    method: str
    path: str
    body: bytes
    key: str
    occurrence: int


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
        is_recording: bool = False,
    ) -> None:
        super().__init__(path, record_mode=RecordMode.NONE)
        self._cassette = cassette
        self._base = urlsplit(base_url)
        self._explain = explain
        self._secrets = secrets
        self._sent: Counter[str] = Counter()
        # vcrpy looks up and plays in separate calls and passes nothing from one to the next, nor to
        # the client's transport: the place of the latest answer is stored in between.
        self._place: int | None = None
        self.is_recording = is_recording
        self.stopped: CellStopped | None = None
        # Set before a call: the seconds since an identical one was refused, None for any other.
        self.waited_seconds: float | None = None

    def _load(self) -> None:
        """Do nothing: the cassette was read once and is shared by all cells of its trial."""

    def _save(self, force: bool = False) -> None:
        """Do nothing: a replay never writes, and a recorder saves the cassette itself."""

    @property
    def last_played(self) -> tuple[Interaction, int]:
        """The last interaction played, and its place in the cassette."""
        assert self._place is not None  # noqa: S101  read after an exchange
        return self._cassette.interactions[self._place], self._place

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
        """True; a request without a usable answer ends the cell."""
        sent = self.sent_request(request.method, request.uri, request.body or b"")
        place = self._cassette.find(sent.key, sent.occurrence)
        if place is None and self.is_recording:
            what = f"the subject sent {sent.method} {sent.path} past its client; it was not sent"
            expected = "all calls through the client passed to the subject"
            self.stop(CouldNotRun(Problem(what, expected=expected)))
        if place is None or self._cassette.interactions[place].fault:
            self.stop(self._explain(self._cassette, sent))
        self._sent[sent.key] += 1
        self._place = place
        return True

    def play_response(self, request: Request) -> dict[str, Any]:  # noqa: ARG002  vcrpy's signature
        """The answer found by `can_play_response_for`, which vcrpy calls just before."""
        interaction, _ = self.last_played
        return {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": {name: list(values) for name, values in interaction.headers.items()},
            "body": {"string": interaction.response_body},
        }

    def lacks(self, sent: SentRequest) -> bool:
        """True if a request must be sent to the provider. Ends the cell if it holds a secret."""
        if self._cassette.find(sent.key, sent.occurrence) is not None:
            return False
        if kinds := intake.kinds_of_secrets(sent.body, self._secrets):
            self.stop(
                CouldNotRun(
                    Problem(
                        f"a prompt contains a secret; it was not sent: {kinds}",
                        where=f"{sent.method} {sent.path}",
                        expected="prompts without keys, passwords and names of an organisation",
                    )
                )
            )
        if _CONTINUED.search(sent.body):
            self.stop(
                CouldNotRun(
                    Problem(
                        "the subject continues an earlier response by its id, which is not stored; "
                        "it was not sent",
                        expected="the whole conversation in every request",
                    )
                )
            )
        return True

    def record(
        self,
        sent: SentRequest,
        *,
        status: int,
        headers: Mapping[str, tuple[str, ...]],
        body: bytes,
        elapsed_seconds: float,
    ) -> None:
        """Add an answer, scrubbed, to journal and cassette.

        `body` is decoded, `headers` have lower-case names, `elapsed_seconds` is measured. Ends the
        cell for an answer that no client can use, or that is about the key; neither is kept.
        """
        if status in intake.NEVER_KEPT:
            answer = scrub.scrub_answer(body, self._secrets, is_error=True)
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the provider answered {status}: {intake.NEVER_KEPT[status]}: "
                        f"{answer.decode(errors='replace')[:300]}",
                        fix="check OPENAI_API_KEY, --base-url and --model; nothing was recorded",
                    )
                )
            )
        is_simulated = self._cassette.metadata.get("provider") == SIMULATED
        if is_simulated:
            elapsed_seconds = _declared_seconds(headers, otherwise=elapsed_seconds)
        interaction = intake.interaction_of(
            sent.method,
            sent.path,
            sent.body,
            status=status,
            headers=headers,
            body=body,
            elapsed_seconds=elapsed_seconds,
            secrets=self._secrets,
            is_simulated=is_simulated,
        )
        if self.waited_seconds is not None:
            waited = {header_names.WAITED: (f"{self.waited_seconds:.6f}",)}
            interaction = replace(interaction, headers={**interaction.headers, **waited})
        if interaction.fault:
            self.stop(
                CouldNotRun(
                    Problem(
                        f"the provider's answer cannot be used: {interaction.fault}",
                        where=f"{sent.method} {sent.path}",
                        expected=EXPECTED,
                        fix="check --base-url and --model, and run the same command again: this "
                        "answer was not kept, earlier ones were",
                    )
                )
            )
        try:
            journal.append(self._cassette.path, interaction)
        except CouldNotRun as reason:
            self.stop(reason)
        self._cassette.add(interaction)


def _declared_seconds(headers: Mapping[str, tuple[str, ...]], *, otherwise: float) -> float:
    """The latency that the simulated provider declares, or another if it declares none."""
    try:
        seconds = float(headers[header_names.ELAPSED][0]) / 1000
    except (LookupError, ValueError):
        return otherwise
    is_latency = math.isfinite(seconds) and 0 <= seconds <= _LONGEST_LATENCY_SECONDS
    return seconds if is_latency else otherwise


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
        is_recording=True,
    )
    return opened
