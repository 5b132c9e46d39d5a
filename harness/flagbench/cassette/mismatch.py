"""Explanation of a request that is not recorded: the nearest recorded one, and the differences."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from functools import lru_cache, partial
from textwrap import indent

from flagbench.cassette import rule_proposal, store
from flagbench.cassette.addresses import service_of
from flagbench.cassette.answer_check import EXPECTED
from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import SentRequest
from flagbench.errors import CouldNotRun, NotRecorded, Problem
from flagbench.scenario.designs import Combination
from flagbench.scenario.loading import Scenario
from flagbench.shown_numbers import rate

_CONTEXT_WORDS = 4
_SHOWN_DIFFERENCES = 6
# Prompts whose instructions share less of their words are of other agents or phases.
_RELATED = 0.5


def explainer(
    scenario: Scenario, combination: Combination, trial: int
) -> Callable[[Cassette, SentRequest], CouldNotRun]:
    """Build the function that explains the requests of a cell which are not recorded."""
    where = f"{scenario.path}::{combination.id} trial {trial}"
    command = store.record_command(scenario)
    return partial(explain, where=where, record_command=command)


def explain(
    cassette: Cassette, request: SentRequest, *, where: str, record_command: str
) -> CouldNotRun:
    """Build the error for a request that the cassette lacks, or to which it has no usable answer.

    `where` names the scenario, the series and the trial; `record_command` is the fix.
    """
    answered = cassette.find(request.key, request.occurrence)
    if answered is not None:
        return CouldNotRun(
            Problem(
                f"the provider's answer cannot be used: {cassette.interactions[answered].fault} "
                f"(interaction {answered + 1})",
                where=f"{where} ({cassette.path})",
                expected=EXPECTED,
                fix=f"{record_command} (which asks for this answer again)",
            )
        )
    same = cassette.index.get(request.key, [])
    fix = record_command
    if same:
        what = (
            f"the subject sent the same request {request.occurrence + 1} times; "
            f"recorded answers: {len(same)} (interaction {same[0] + 1})"
        )
    elif not cassette.interactions:
        what = "the cassette is empty"
    elif (place := nearest(cassette, request)) is None:
        what = f"{request.method} {request.path} is not recorded, nor any call of this service"
    else:
        recorded = cassette.interactions[place]
        what = (
            f"{request.method} {request.path} is not recorded; the nearest is "
            f"interaction {place + 1}, which {_comparison(request, recorded)}"
        )
        places = [place, *range(len(cassette.interactions))]
        if rules := rule_proposal.propose(cassette, request, places):
            fix = _proposed(rule_proposal.in_yaml(rules, cassette.rules), record_command)
    return NotRecorded(
        Problem(
            what,
            where=f"{where} ({cassette.path})",
            expected="the prompt as it was recorded, or a recording of the prompt as it is now",
            fix=fix,
        )
    )


def _proposed(lines: str, record_command: str) -> str:
    return (
        "add to the scenario, if what differs there does not matter:\n"
        f"{indent(lines, ' ' * 6)}\n    or: {record_command}"
    )


def _comparison(request: SentRequest, recorded: Interaction) -> str:
    """The differences, unless the recorded request is another one altogether."""
    sent, body = _parse(request.body), _parse(recorded.request_body)
    if not recorded.service and not _is_related(sent, body):
        shared = _jaccard(_instruction_words(sent), _instruction_words(body))
        return f"has other instructions: {rate(shared)} of their words are the same"
    found = list(differences(request.path, sent, recorded, request.method))
    more = len(found) - _SHOWN_DIFFERENCES
    lines = found[:_SHOWN_DIFFERENCES] + ([f"and {more} more"] if more > 0 else [])
    return "differs at\n      " + "\n      ".join(lines)


def nearest(
    cassette: Cassette, request: SentRequest, among: Iterable[int] | None = None
) -> int | None:
    """The place of the most similar recorded request of the provider or service; None without any.

    One with the same instructions by and large comes before others; then it is the Jaccard index
    of lines, then of words. `among` are the places to choose from, None for all.
    """
    sent = _content(request.body)

    def similarity(place: int) -> tuple[bool, float, float, float, int]:
        interaction = cassette.interactions[place]
        recorded = _content(interaction.request_body)
        address = _jaccard(_address_parts(request), _address_parts(interaction))
        instructions, lines, words = map(_jaccard, sent, recorded)
        return instructions >= _RELATED, lines, words, address, -place

    service = service_of(request.path)
    places = range(len(cassette.interactions)) if among is None else among
    comparable = (place for place in places if cassette.interactions[place].service == service)
    return max(comparable, key=similarity, default=None)


@lru_cache(maxsize=512)  # a provisional replay compares each call with many of a cassette
def _content(body: bytes) -> tuple[frozenset[str], frozenset[str], frozenset[str]]:
    """The words of the instructions of a body, its lines, and its words."""
    parsed = _parse(body)
    lines = list(_lines(parsed))
    return frozenset(_instruction_words(parsed)), frozenset(lines), frozenset(_all_words(lines))


def has_same_instructions(request: SentRequest, recorded: Interaction) -> bool:
    """True for a recorded request with the same instructions by and large, or of a service."""
    if recorded.service:
        return True
    return _is_related(_parse(request.body), _parse(recorded.request_body))


def _address_parts(request: SentRequest | Interaction) -> list[str]:
    """The method and the parts of the path and the query."""
    return [request.method, *re.split("[/?&]", request.path)]


def _is_related(body: object, other: object) -> bool:
    return _jaccard(_instruction_words(body), _instruction_words(other)) >= _RELATED


def _instruction_words(body: object) -> Sequence[str]:
    """The words of the first line of the first message, or of a body without messages.

    It says who the model is to be and what to do.
    """
    messages = body.get("messages") if isinstance(body, dict) else None
    first = messages[0] if isinstance(messages, list) and messages else body
    content = first.get("content") if isinstance(first, dict) else None
    return list(
        _all_words(
            [content.partition("\n")[0]] if content and isinstance(content, str) else _lines(first)
        )
    )


def differences(path: str, body: object, recorded: Interaction, method: str = "") -> Iterator[str]:
    """Describe each difference between a request and a recorded one in a line."""
    if method and method != recorded.method:
        yield f"method: recorded {recorded.method}, sent {method}"
    if path != recorded.path:
        yield f"path: recorded {recorded.path}, sent {path}"
    yield from _differences("$", _parse(recorded.request_body), body)


def _differences(at: str, recorded: object, sent: object) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(sent, dict):
        for name in sorted(recorded.keys() | sent.keys()):
            if name not in sent:
                yield f"{at}.{name}: recorded {_short(recorded[name])}, not sent"
            elif name not in recorded:
                yield f"{at}.{name}: not recorded, sent {_short(sent[name])}"
            else:
                yield from _differences(f"{at}.{name}", recorded[name], sent[name])
    elif isinstance(recorded, list) and isinstance(sent, list):
        for place in range(max(len(recorded), len(sent))):
            if place >= len(sent):
                yield f"{at}[{place}]: recorded {_short(recorded[place])}, not sent"
            elif place >= len(recorded):
                yield f"{at}[{place}]: not recorded, sent {_short(sent[place])}"
            else:
                yield from _differences(f"{at}[{place}]", recorded[place], sent[place])
    elif isinstance(recorded, str) and isinstance(sent, str) and recorded != sent:
        yield from _changed_words(at, recorded, sent)
    elif recorded != sent:
        yield f"{at}: recorded {_short(recorded)}, sent {_short(sent)}"


def _changed_words(at: str, recorded: str, sent: str) -> Iterator[str]:
    """Describe each changed run of words, with its line and a few words before it."""
    old, new = _words(recorded), _words(sent)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        line = "".join(new[:j1]).count("\n") + 1
        before = "".join(old[max(0, i1 - 2 * _CONTEXT_WORDS) : i1]).strip()
        was, now = "".join(old[i1:i2]).strip(), "".join(new[j1:j2]).strip()
        change = f"recorded {_short(was)}, sent {_short(now)}"
        yield f"{at} line {line}: after {_short(before)}: {change}"


def _words(text: str) -> list[str]:
    """Split a text into words and the blanks between them; joined, they are the text."""
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        for word in line.split(" "):
            words += [word, " "]
        words.pop()
    return words


def _jaccard(first: Iterable[str], second: Iterable[str]) -> float:
    left, right = set(first), set(second)
    return len(left & right) / max(1, len(left | right))


def _all_words(lines: Iterable[str]) -> Iterator[str]:
    return (word for line in lines for word in line.split())


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, item in value.items():
            for line in _lines(item):
                yield f"{name}:{line}"
    elif isinstance(value, list):
        for item in value:
            yield from _lines(item)
    else:
        yield from str(value).splitlines()


def _parse(body: bytes) -> object:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return body.decode(errors="replace")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 90 else text[:60] + " … " + text[-25:]
