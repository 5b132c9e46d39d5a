"""Normalisation of requests by the rules of a scenario, before they are matched.

The normal form of a text has `<name>` in place of what a rule matches; rules are applied until none
of them changes it, so a normal form stays as it is. Places that no rule names are untouched.
"""

import json
import re
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote_plus, unquote_plus

import regex

from flagbench.cassette import multipart, scrub
from flagbench.errors import CouldNotRun, Place, Problem
from flagbench.scenario import json_path
from flagbench.scenario.match_rules import PATH, QUERY, MatchRule

Rules = tuple[MatchRule, ...]
# CPU seconds of a pattern on one text, and rounds until a text is at rest. A good pattern needs
# microseconds and one round.
MOST_SECONDS = 1.0
_MOST_ROUNDS = 50


@dataclass(frozen=True, slots=True)
class Normalised:
    """A request in its normal form; `removed` has the rule's number and each text it replaced."""

    path: str
    body: bytes
    removed: tuple[tuple[int, str], ...] = ()


@lru_cache(maxsize=1024)  # pure; a request is looked up several times
def normalised(rules: Rules, path: str, body: bytes) -> Normalised:
    """The normal form of a request. Raises `CouldNotRun` for a pattern that takes too long."""
    if not rules:
        return Normalised(path, body)
    work = _Work(rules)
    plain, mark, query = path.partition("?")
    plain = work.text(plain, [n for n, rule in enumerate(rules) if rule.where == PATH])
    path = f"{plain}{mark}{_query(query, work)}"
    return Normalised(path, _body(body, work), tuple(work.removed))


def places_of(rules: Rules, path: str, body: bytes) -> tuple[tuple[str, int], ...]:
    """The number of places in a request that each rule matched, by the name of the rule."""
    counts = Counter(str(rules[number]) for number, _ in normalised(rules, path, body).removed)
    return tuple(sorted(counts.items()))


def restored(rules: Rules, sent: Normalised, recorded: Normalised, answer: bytes) -> bytes:
    """An answer with the texts of the sent request in place of those of the recorded one.

    Only texts of rules with `restore`, as they are or escaped in JSON.
    """
    numbers = [[number for number, _ in request.removed] for request in (sent, recorded)]
    if numbers[0] != numbers[1]:  # a request has a rule's `<name>` literally
        return answer
    new: dict[bytes, bytes] = {}
    for (number, ours), (_, theirs) in zip(sent.removed, recorded.removed, strict=True):
        if rules[number].restore and ours != theirs:
            for form in (str, _in_json):
                new.setdefault(
                    form(theirs).encode("utf-8", "surrogatepass"),
                    form(ours).encode("utf-8", "surrogatepass"),
                )
    if not new:
        return answer
    longest_first = sorted(new, key=lambda text: (-len(text), text))
    known = re.compile(b"|".join(map(re.escape, longest_first)))
    return known.sub(lambda match: new[match[0]], answer)


def _in_json(text: str) -> str:
    return json.dumps(text)[1:-1]


class _Work:
    """Rules at work on a request; `removed` collects what they replaced."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules
        self.removed: list[tuple[int, str]] = []
        names = sorted({rule.placeholder for rule in rules}, key=lambda name: (-len(name), name))
        self._ours = re.compile(f"<(?:number )?(?:{'|'.join(map(re.escape, names))})>")

    def covering(self, place: Place) -> list[int]:
        """The numbers of the rules for a place of the body."""
        return [
            number
            for number, rule in enumerate(self.rules)
            if rule.where not in (PATH, QUERY) and json_path.covers(_steps(rule.where), place)
        ]

    def text(self, text: str, numbers: list[int], prefix: str = "") -> str:
        """A text in its normal form under some of the rules."""
        for _ in range(_MOST_ROUNDS):
            before = text
            for number in numbers:
                text = self._once(text, number, prefix)
            if text == before:
                return text
        raise _refused(self.rules[numbers[-1]], "replaces what another one, or it, has left")

    def _once(self, text: str, number: int, prefix: str) -> str:
        """A text after one rule; a match that begins or ends in a placeholder is none."""
        rule = self.rules[number]
        taken = [match.span() for match in self._ours.finditer(text)]
        pieces, last = [], 0
        try:
            for match in _compiled(rule.expression).finditer(text, timeout=MOST_SECONDS):
                start, end = match.span()
                if start == end or any(
                    (first < start < after)
                    or (first < end < after)
                    or (first <= start and end <= after)
                    for first, after in taken
                ):
                    continue
                pieces += [text[last:start], f"<{prefix}{rule.placeholder}>"]
                self.removed.append((number, text[start:end]))
                last = end
        except TimeoutError as error:
            raise _refused(rule, f"takes more than {MOST_SECONDS:g} s on one text") from error
        return "".join([*pieces, text[last:]]) if pieces else text


def _body(body: bytes, work: _Work) -> bytes:
    """A body in its normal form: each text and number of a JSON body, any other as one text."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return _plain(body, work)
    before = len(work.removed)
    document = _value(document, (), work)
    return json.dumps(document).encode() if len(work.removed) > before else body


def _plain(body: bytes, work: _Work) -> bytes:
    text, encoding = scrub.text_of(multipart.with_normal_boundary(body))
    normal = work.text(text, work.covering(()))
    return body if normal == text else normal.encode(encoding)


def _value(value: object, place: Place, work: _Work) -> object:
    if isinstance(value, dict):
        return {name: _value(item, (*place, name), work) for name, item in value.items()}
    if isinstance(value, list):
        return [_value(item, (*place, number), work) for number, item in enumerate(value)]
    if isinstance(value, str):
        return work.text(value, work.covering(place))
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        text = json.dumps(value)
        # A number is not the text of the same digits.
        normal = work.text(text, work.covering(place), "number ")
        return value if normal == text else normal
    return value


def _query(query: str, work: _Work) -> str:
    """A query in its normal form; rules see the values without their escapes."""
    numbers = [number for number, rule in enumerate(work.rules) if rule.where == QUERY]
    if not numbers or not query:
        return query
    pairs = []
    for pair in query.split("&"):
        name, sign, value = pair.partition("=")
        plain = unquote_plus(value)
        normal = work.text(plain, numbers)
        pairs.append(pair if normal == plain else f"{name}{sign}{quote_plus(normal)}")
    return "&".join(pairs)


@lru_cache(maxsize=256)
def _compiled(expression: str) -> "regex.Pattern[str]":
    return regex.compile(expression)


_steps = json_path.parse


def _refused(rule: MatchRule, what: str) -> CouldNotRun:
    return CouldNotRun(
        Problem(
            f"the rule of match ({rule}) {what}",
            expected="a pattern that is matched in a moment, without nested repetition",
        )
    )
