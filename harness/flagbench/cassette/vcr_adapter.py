"""Strict replay of a cassette, and recording into it.

While a cassette is open, vcrpy intercepts the HTTP libraries that `run/own_clients.py` does not, so
a subject cannot bypass its client and reach the network. Requests are looked up in the cassette's
index by digest, in place of vcrpy's comparison with every recorded request. vcrpy only plays: what
is missing is sent by the recorder, added here, and then played like the rest, so that a subject
sees the same answer while it is recorded and in every replay.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Set
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any, NoReturn

from flagbench.cassette import (
    address,
    intake,
    journal,
    received,
    refused_requests,
    scrub,
    service_answers,
    unusable_answers,
)
from flagbench.cassette.addresses import Addresses, service_of
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.normalising import normalised, places_of, restored
from flagbench.cassette.received import Received
from flagbench.cassette.secret_kinds import secrets_in
from flagbench.cassette.vcrpy import SKIPPED_PATCHERS, RecordMode, Request, VcrCassette
from flagbench.errors import CellStopped, CouldNotRun
from flagbench.scenario.services import ServicePart
from flagbench.simulator.settings import SIMULATED

# Gemini's answer 400 to a wrong key.
_REFUSED_KEY = b'"API_KEY_INVALID"'
# A request that refers to an answer whose id was scrubbed.
_CONTINUED = re.compile(rb'"previous_response_id"\s*:\s*"%s"' % scrub.SCRUBBED.encode())


@dataclass(frozen=True, slots=True)
class SentRequest:
    """A request of the subject; `occurrence` is the number of identical ones before it.

    `key` is the digest of its normal form, in which `places` were replaced: rule -> number.
    """

    method: str
    path: str
    body: bytes
    key: str
    occurrence: int
    places: tuple[tuple[str, int], ...] = ()


Caller = tuple[str, str]
"""The agent and the phase of a call."""

# How a recorded call was found for a request that is not recorded.
PAIRED, NEAREST = "paired", "nearest"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """The recorded call at `place` that answers a request which is not recorded."""

    place: int
    how: str


FindCounterpart = Callable[[Cassette, SentRequest, Caller, Set[int]], Counterpart | None]
"""Function from a request, its caller and the places played so far to its counterpart."""


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
        services: Mapping[str, ServicePart] | None = None,
        asks_services: bool = True,
        counterpart: FindCounterpart | None = None,
    ) -> None:
        super().__init__(path, record_mode=RecordMode.NONE, skip_patchers=SKIPPED_PATCHERS)
        self._cassette = cassette
        # The subject may work in another folder while it is recorded.
        self._file = cassette.path.absolute()
        self._addresses = Addresses(base_url, services or {})
        self._asks_services = asks_services
        self._explain = explain
        model = str(cassette.metadata.get("model", ""))
        in_address = [key for key in address.keys_of(base_url) if key not in model]
        self._secrets: tuple[str, ...] = ()
        self.keep_out((*secrets, *in_address))
        self._sent: Counter[str] = Counter()
        self._find_counterpart = counterpart
        self._counterparts = dict[tuple[str, int], Counterpart | None]()
        self._made = set[int]()
        # vcrpy looks up and plays in separate calls and passes nothing from one to the next, nor to
        # the client's transport: the place of the latest answer is stored in between.
        self._place: int | None = None
        self._played: Interaction | None = None
        self.is_recording = is_recording
        self.stopped: CellStopped | None = None
        # Set before a call.
        self.caller: Caller = ("", "")
        # Set before a call: the seconds since an identical one was refused, None for any other.
        self.waited_seconds: float | None = None

    def _load(self) -> None:
        """Do nothing: the cassette was read once and is shared by all cells of its trial."""

    def _save(self, force: bool = False) -> None:
        """Do nothing: a replay never writes, and a recorder saves the cassette itself."""

    @property
    def last_played(self) -> tuple[Interaction, int]:
        """The last interaction played, and its place in the cassette.

        The interaction of a counterpart is the request as it was sent, with the recorded answer.
        """
        assert self._place is not None  # noqa: S101  read after an exchange
        assert self._played is not None  # noqa: S101
        return self._played, self._place

    @property
    def plays(self) -> int:
        """The number of calls through this cassette, of any client."""
        return self._sent.total()

    def stop(self, reason: CouldNotRun) -> NoReturn:
        """End the cell. The reason is stored too: a subject may gather exceptions as results."""
        self.stopped = CellStopped(reason)
        raise self.stopped

    def sent_request(self, method: str, url: str, body: bytes) -> SentRequest:
        """Convert a request to the cassette's form.

        Ends the cell if it is neither to the provider nor to a declared service.
        """
        path = self._addresses.path_of(url)
        if path is None:
            self.stop(refused_requests.undeclared(method, url))
        try:
            key = self._cassette.key_of(method, path, body)
        except CouldNotRun as reason:
            self.stop(reason)
        places = places_of(self._cassette.rules, path, body)
        return SentRequest(method, path, body, key, self._sent[key], places)

    @property
    def restores(self) -> bool:
        """True if a rule puts the texts of a request back into its answer."""
        return any(rule.restore for rule in self._cassette.rules)

    def restored(self, sent: SentRequest, place: int, answer: bytes) -> bytes:
        """The answer to a request, recorded at `place`, with what the rules put back into it."""
        rules, interaction = self._cassette.rules, self._cassette.interactions[place]
        ours = normalised(rules, sent.path, sent.body)
        theirs = normalised(rules, interaction.path, interaction.request_body)
        return restored(rules, ours, theirs, answer)

    def is_of_model(self, url: str) -> bool:
        """True for the URL of a call that is not one of a service."""
        return not service_of(self._addresses.path_of(url) or "")

    def recorded_answer(self, sent: SentRequest) -> Interaction | None:
        """The interaction that answers a request, or None if there is none yet."""
        place = self._place_of(sent)
        return None if place is None else self._cassette.interactions[place]

    def counterpart_of(self, sent: SentRequest) -> Counterpart | None:
        """The recorded call that answers a request which is not recorded; None for any other."""
        return self._counterparts.get((sent.key, sent.occurrence))

    def _place_of(self, sent: SentRequest) -> int | None:
        place = self._cassette.find(sent.key, sent.occurrence)
        if place is not None or self._find_counterpart is None:
            return place
        key = sent.key, sent.occurrence
        if key not in self._counterparts:
            made = frozenset(self._made)
            found = self._find_counterpart(self._cassette, sent, self.caller, made)
            self._counterparts[key] = found
        counterpart = self._counterparts[key]
        return None if counterpart is None else counterpart.place

    def can_play_response_for(self, request: Request) -> bool:
        """True; a request without a usable answer ends the cell."""
        sent = self.sent_request(request.method, request.uri, request.body or b"")
        place = self._place_of(sent)
        if place is None and self.is_recording:
            self.stop(refused_requests.past_client(sent.method, sent.path))
        if place is None or self._cassette.interactions[place].fault:
            self.stop(self._explain(self._cassette, sent))
        self._sent[sent.key] += 1
        self._place, self._played = place, self._cassette.interactions[place]
        if self.counterpart_of(sent) is not None:
            request = {"method": sent.method, "path": sent.path, "request_body": sent.body}
            self._played = replace(self._played, **request)
        self._made.add(place)
        return True

    def play_response(self, request: Request) -> dict[str, Any]:  # noqa: ARG002  vcrpy's signature
        """The answer found by `can_play_response_for`, which vcrpy calls just before."""
        interaction, _ = self.last_played
        return {
            "status": {"code": interaction.status, "message": interaction.reason},
            "headers": service_answers.played_headers(interaction.headers, self._addresses),
            "body": {"string": interaction.response_body},
        }

    def keep_out(self, secrets: tuple[str, ...]) -> None:
        """Treat further values as secrets, such as the key that a client has by itself."""
        known = {*self._secrets, *secrets}
        self._secrets = tuple(sorted(known, key=lambda secret: (-len(secret), secret)))

    def lacks(self, sent: SentRequest) -> bool:
        """True if a request must be sent to the provider. Ends the cell if it holds a secret."""
        if self._cassette.find(sent.key, sent.occurrence) is not None:
            return False
        name = service_of(sent.path)
        if name and not self._asks_services:
            self.stop(refused_requests.service_of_forecast(name))
        if name and secrets_in(sent.path, self._secrets):
            self.stop(refused_requests.secret_in_query(sent.method, sent.path))
        if not name and secrets_in(sent.path, self._secrets):
            self.stop(refused_requests.secret_in_path(sent.method))
        if kinds := intake.kinds_of_secrets(sent.body, self._secrets):
            self.stop(refused_requests.secret_in_prompt(sent.method, sent.path, kinds))
        if _CONTINUED.search(sent.body):
            self.stop(refused_requests.continued())
        return True

    def record(self, sent: SentRequest, answer: Received) -> None:
        """Add an answer, scrubbed, to journal and cassette.

        Ends the cell for an answer that no client can use, or that is about the key; neither is
        kept.
        """
        is_refused = answer.status == 400 and _REFUSED_KEY in answer.body
        status = 401 if is_refused else answer.status
        if status in intake.NEVER_KEPT and not service_of(sent.path):
            said = scrub.scrub_answer(answer.body, self._secrets, is_error=True)
            self.stop(unusable_answers.about_key(status, intake.NEVER_KEPT[status], said))
        interaction = received.stored(
            answer,
            method=sent.method,
            path=sent.path,
            request_body=sent.body,
            secrets=self._secrets,
            is_simulated=self._cassette.metadata.get("provider") == SIMULATED,
            waited_seconds=self.waited_seconds,
            addresses=self._addresses,
        )
        if interaction.fault:
            self.stop(unusable_answers.faulty(sent.method, sent.path, interaction.fault))
        try:
            journal.append(self._file, interaction)
        except CouldNotRun as reason:
            self.stop(reason)
        self._cassette.add(interaction)


def replaying(
    cassette: Cassette,
    base_url: str,
    explain: Callable[[Cassette, SentRequest], CouldNotRun],
    services: Mapping[str, ServicePart] | None = None,
    counterpart: FindCounterpart | None = None,
) -> AbstractContextManager[IndexedCassette]:
    """Open a cassette for replay, one at a time per process: vcrpy patches globally.

    It is strict, unless `counterpart` finds recorded calls for requests that are not recorded.
    """
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(cassette.path),
        cassette=cassette,
        base_url=base_url,
        explain=explain,
        services=services,
        counterpart=counterpart,
    )
    return opened


def recording(
    cassette: Cassette,
    base_url: str,
    explain: Callable[[Cassette, SentRequest], CouldNotRun],
    secrets: tuple[str, ...],
    services: Mapping[str, ServicePart] | None = None,
    *,
    asks_services: bool = True,
) -> AbstractContextManager[IndexedCassette]:
    """Open a cassette for playing what it has and recording what it lacks."""
    opened: AbstractContextManager[IndexedCassette] = IndexedCassette.use(
        path=str(cassette.path),
        cassette=cassette,
        base_url=base_url,
        explain=explain,
        secrets=secrets,
        is_recording=True,
        services=services,
        asks_services=asks_services,
    )
    return opened
