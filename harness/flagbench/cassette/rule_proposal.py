"""Proposal of rules for `match`, where a request differs from a recorded one in what varies."""

import json
from collections.abc import Iterator, Sequence
from itertools import combinations

from flagbench.cassette.cassette import Cassette, Interaction, request_digest
from flagbench.cassette.normalising import Rules, normalised
from flagbench.cassette.vcr_adapter import SentRequest
from flagbench.errors import CouldNotRun, Place
from flagbench.scenario import json_path
from flagbench.scenario.match_rules import BUILT_IN, PATH, QUERY, MatchRule

Request = SentRequest | Interaction
# More differences are rules for the whole body.
_MOST_RULES = 6
_WIDEST = tuple(MatchRule(use=use, where=at) for use in BUILT_IN for at in ("$", PATH, QUERY))  # type: ignore[arg-type]


def propose(cassette: Cassette, request: SentRequest, places: Sequence[int]) -> Rules:
    """Built-in rules under which a recorded request, the first of `places`, matches this one.

    They are for the places that differ alone; none if no built-in rules explain the differences.
    """
    rules = cassette.rules
    try:
        key = _key(rules + _WIDEST, request)
        for recorded in (cassette.interactions[place] for place in places):
            if _key(rules + _WIDEST, recorded) == key:
                return _narrow(rules, request, recorded)
    except CouldNotRun:  # a rule of the scenario takes too long on texts that are mixed with others
        return ()
    return ()


def in_yaml(rules: Rules, known: Rules) -> str:
    """The lines to add to a scenario that has the `known` rules."""
    lines = [f"  - {{use: {rule.use}, where: {json.dumps(rule.where)}}}" for rule in rules]
    return "\n".join(lines if known else ["match:", *lines])


def _key(rules: Rules, request: Request) -> str:
    body = request.body if isinstance(request, SentRequest) else request.request_body
    normal = normalised(rules, request.path, body)
    return request_digest(request.method, normal.path, normal.body)


def _narrow(known: Rules, request: SentRequest, recorded: Interaction) -> Rules:
    """The rules for the places that differ, or for the whole body if these are many."""
    found = dict.fromkeys(
        rule
        for place in _places(known, request, recorded)
        for rule in _rules_at(known, place, request, recorded)
    )
    uses = {rule.use: None for rule in found if rule.where.startswith("$")}
    others = [rule for rule in found if not rule.where.startswith("$")]
    whole = (*(MatchRule(use=use) for use in uses), *others)
    for rules in (tuple(found), whole):
        fits = 0 < len(rules) <= _MOST_RULES
        if fits and _key(known + rules, request) == _key(known + rules, recorded):
            return rules
    return ()


def _rules_at(
    known: Rules, place: Place | str, request: SentRequest, recorded: Interaction
) -> Rules:
    """The fewest built-in rules under which a place of two requests is the same."""
    where = place if isinstance(place, str) else json_path.written(place)
    for count in range(1, len(BUILT_IN) + 1):
        for uses in combinations(BUILT_IN, count):
            rules = tuple(MatchRule(use=use, where=where) for use in uses)  # type: ignore[arg-type]
            ours, theirs = (_parts(known + rules, each) for each in (request, recorded))
            if ours.get(place) == theirs.get(place):
                return rules
    return ()


def _places(known: Rules, request: SentRequest, recorded: Interaction) -> Iterator[Place | str]:
    ours, theirs = (_parts(known, each) for each in (request, recorded))
    places = dict.fromkeys((*ours, *theirs))
    return (place for place in places if ours.get(place) != theirs.get(place))


def _parts(rules: Rules, request: Request) -> dict[Place | str, object]:
    """The texts and numbers of a request by their place, in its normal form."""
    body = request.body if isinstance(request, SentRequest) else request.request_body
    normal = normalised(rules, request.path, body)
    path, _, query = normal.path.partition("?")
    parts: dict[Place | str, object] = {PATH: path, QUERY: query}
    try:
        parts.update(_leaves((), json.loads(normal.body)))
    except (ValueError, RecursionError):
        parts[()] = normal.body
    return parts


def _leaves(place: Place, value: object) -> Iterator[tuple[Place, object]]:
    if isinstance(value, dict):
        for name, item in value.items():
            yield from _leaves((*place, name), item)
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from _leaves((*place, number), item)
    else:
        yield place, value
