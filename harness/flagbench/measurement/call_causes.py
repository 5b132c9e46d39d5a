"""Causes of calls that one side of a comparison alone made, as the steps beside them show."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from flagbench.measurement.trace_rows import CUT_OFF, CostedStep

UNKNOWN = "cause not known"
_CUT_OFF, _RETRY = "cut off", "retry"
# Names of decisions on the side of a call, and on the other side, and the cause they stand for.
_OWN = (
    (re.compile("cache_?miss"), "cache missed"),
    (re.compile("reject|refus"), "review refused"),
    (re.compile("cut|truncat|continu"), _CUT_OFF),
    (re.compile("retr(y|ied)"), _RETRY),
)
_OTHERS = ((re.compile("cache_?hit"), "cache hit"),)
# Of a decision that this side never takes: a review by rules stands for that of another agent.
_APPROVED = re.compile("approv|accept"), "approved without a call"
# A refusal is followed by a rewrite and another review; each of these by one call.
_ONCE = (_CUT_OFF, _RETRY)
Place = tuple[int, int]
"""Trial and request."""
Decisions = Counter[tuple[str, str]]
"""How often an agent took a decision of a name."""


class CallCauses:
    """The causes of the calls of `own` that `other` did not make, asked for one by one.

    An answer that was cut off or failed is followed by one call of its agent, so that it is the
    cause of one.
    """

    def __init__(self, own: Sequence[CostedStep], other: Sequence[CostedStep]) -> None:
        self._own, self._other = _by_request(own), _by_request(other)
        ended = (Counter(_end(row) for row in side if row.end) for side in (own, other))
        self._ends = next(ended) - next(ended)
        self._spent: defaultdict[Place, Decisions] = defaultdict(Counter)

    def of(self, step: CostedStep) -> str:
        """The cause of a call: its own side's first, then the other's."""
        place = step.trial, step.request
        failed = [
            row.end
            for row in (step, *self._own[place])
            if row.digest == step.digest and row.end != CUT_OFF
        ]
        for end in (*failed, CUT_OFF):
            key = (*place, step.agent, end)
            if self._ends[key] > 0:
                self._ends[key] -= 1
                for cause in _ONCE:
                    self._spend(place, step.agent, cause)
                return _CUT_OFF if end == CUT_OFF else f"retry after {end}"
        return self._by_decisions(step, place)

    def _by_decisions(self, step: CostedStep, place: Place) -> str:
        more, instead = self._more(place), self._other_decisions(place)
        agents = {agent for agent, _ in _decisions(self._own[place] + self._other[place])}
        counting = {step.agent, ""} if step.agent in agents else agents
        for decisions, known in ((more, _OWN), (instead, _OTHERS)):
            names = [name for agent, name in decisions if agent in counting]
            for pattern, cause in known:
                if any(map(pattern.search, names)):
                    if cause in _ONCE:
                        self._spend(place, step.agent, cause)
                    return cause
        # Of the rest, only the agent's own decisions are a cause, those in place of the call first.
        own_names = [
            name for side in (instead, more) for agent, name in side if agent == step.agent
        ]
        if own_names:
            return own_names[0]
        pattern, cause = _APPROVED
        never = {name for _, name in instead} - {name for _, name in _decisions(self._own[place])}
        return cause if any(map(pattern.search, never)) else UNKNOWN

    def _more(self, place: Place) -> Decisions:
        """The decisions that the other side did not take and that are no call's cause yet."""
        own, other = _decisions(self._own[place]), _decisions(self._other[place])
        return own - other - self._spent[place]

    def _other_decisions(self, place: Place) -> Decisions:
        return _decisions(self._other[place]) - _decisions(self._own[place])

    def _spend(self, place: Place, agent: str, cause: str) -> None:
        """Take one decision of the cause, the agent's first, as that of a call."""
        pattern = next(pattern for pattern, known in _OWN if known == cause)
        found = [each for each in self._more(place) if pattern.search(each[1])]
        for decision in sorted(found, key=lambda each: each[0] != agent)[:1]:
            self._spent[place][decision] += 1


def _by_request(rows: Iterable[CostedStep]) -> defaultdict[Place, list[CostedStep]]:
    groups: defaultdict[Place, list[CostedStep]] = defaultdict(list)
    for row in rows:
        groups[row.trial, row.request].append(row)
    return groups


def _end(row: CostedStep) -> tuple[int, int, str, str]:
    return row.trial, row.request, row.agent, row.end


def _decisions(rows: Iterable[CostedStep]) -> Decisions:
    return Counter((row.agent, row.what) for row in rows if not row.digest)
