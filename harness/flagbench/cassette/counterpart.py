"""Counterparts of requests that are not recorded: the recorded calls that a replay takes for them.

A changed prompt has no recording. Its counterpart is a call that the cell has not made yet: of the
same agent and phase in the accepted trace, the nearest by content and then the first in order; else
the nearest of the whole cassette. The request as such is in the prompt, so that content tells the
requests of a session apart, and the order tells equal ones apart.
"""

import json
from collections.abc import Iterable, Set

from flagbench.cassette import mismatch
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import NEAREST, PAIRED, Caller, Counterpart, SentRequest


class Counterparts:
    """The accepted calls of a cell: the beginnings of their digests, by agent and phase."""

    def __init__(self, calls: Iterable[tuple[Caller, str]]) -> None:
        self._digests: dict[Caller, set[str]] = {}
        for caller, digest in calls:
            self._digests.setdefault(caller, set()).add(digest)

    def find(
        self, cassette: Cassette, sent: SentRequest, caller: Caller, made: Set[int]
    ) -> Counterpart | None:
        """The counterpart of a request; None if the cassette has no similar call left.

        `made` are the places that the cell has played.
        """
        recorded = cassette.interactions
        free = [place for place in range(len(recorded)) if place not in made]
        digests = tuple(self._digests.get(caller, ()))
        paired = [place for place in free if recorded[place].key.startswith(digests)]
        for how, places in ((PAIRED, paired if digests else []), (NEAREST, free)):
            usable = (place for place in places if _is_usable(sent, recorded[place]))
            place = mismatch.nearest(cassette, sent, usable)
            if place is not None and (
                how == PAIRED or mismatch.has_same_instructions(sent, recorded[place])
            ):
                return Counterpart(place, how)
        return None


def _is_usable(sent: SentRequest, recorded: Interaction) -> bool:
    """True for a recorded answer that a client which sent the request can read."""
    return not recorded.fault and (
        sent.method,
        sent.path.partition("?")[0],
        _is_streamed(sent.body),
    ) == (
        recorded.method,
        recorded.path.partition("?")[0],
        _is_streamed(recorded.request_body),
    )


def _is_streamed(body: bytes) -> bool:
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return False
    return isinstance(document, dict) and bool(document.get("stream"))
