"""Why a request is not on the tape: the nearest recorded one, and the words that differ."""

import json
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher

from flagbench.cassette.cassette import Cassette, Interaction
from flagbench.cassette.vcr_adapter import SentRequest
from flagbench.errors import NotRecorded, Problem

_CONTEXT_WORDS = 4
_SHOWN_DIFFERENCES = 6


def explain(tape: Cassette, asked: SentRequest, *, where: str, record_command: str) -> NotRecorded:
    """The error for a request that the tape lacks.

    `where` names the scenario, the series and the trial, `record_command` what records it.
    """
    same = tape.index.get(asked.key, [])
    if same:
        what = (
            f"the subject asks the same for the {asked.occurrence + 1}. time, and "
            f"{len(same)} answer(s) are recorded (interaction {same[0] + 1})"
        )
    elif not tape.interactions:
        what = "the cassette is empty"
    else:
        place = nearest(tape, asked)
        recorded = tape.interactions[place]
        shown = list(differences(asked.path, _parsed(asked.body), recorded))
        more = len(shown) - _SHOWN_DIFFERENCES
        lines = shown[:_SHOWN_DIFFERENCES] + ([f"and {more} more"] if more > 0 else [])
        what = (
            f"{asked.method} {asked.path} is not recorded; the nearest is interaction {place + 1}, "
            "which differs at\n      " + "\n      ".join(lines)
        )
    return NotRecorded(
        Problem(
            what,
            where=f"{where} ({tape.path})",
            expected="the prompt as it was recorded, or a recording of the prompt as it is now",
            fix=record_command,
        )
    )


def nearest(tape: Cassette, asked: SentRequest) -> int:
    """The recorded request that shares the most lines, then the most words (Jaccard indices)."""
    wanted = list(_lines(_parsed(asked.body)))

    def likeness(place: int) -> tuple[float, float, int]:
        lines = list(_lines(_parsed(tape.interactions[place].request_body)))
        return _jaccard(wanted, lines), _jaccard(_all_words(wanted), _all_words(lines)), -place

    return max(range(len(tape.interactions)), key=likeness)


def differences(path: str, body: object, recorded: Interaction) -> Iterator[str]:
    """One line for every place where the request differs from the recorded one."""
    if path != recorded.path:
        yield f"path: recorded {recorded.path}, asked {path}"
    yield from _differences("$", _parsed(recorded.request_body), body)


def _differences(at: str, recorded: object, asked: object) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(asked, dict):
        for name in sorted(recorded.keys() | asked.keys()):
            if name not in asked:
                yield f"{at}.{name}: recorded {_short(recorded[name])}, asked without it"
            elif name not in recorded:
                yield f"{at}.{name}: recorded without it, asked {_short(asked[name])}"
            else:
                yield from _differences(f"{at}.{name}", recorded[name], asked[name])
    elif isinstance(recorded, list) and isinstance(asked, list):
        for place in range(max(len(recorded), len(asked))):
            if place >= len(asked):
                yield f"{at}[{place}]: recorded {_short(recorded[place])}, asked without it"
            elif place >= len(recorded):
                yield f"{at}[{place}]: recorded without it, asked {_short(asked[place])}"
            else:
                yield from _differences(f"{at}[{place}]", recorded[place], asked[place])
    elif isinstance(recorded, str) and isinstance(asked, str) and recorded != asked:
        yield from _changed_words(at, recorded, asked)
    elif recorded != asked:
        yield f"{at}: recorded {_short(recorded)}, asked {_short(asked)}"


def _changed_words(at: str, recorded: str, asked: str) -> Iterator[str]:
    """Each changed run of words with its line and a few words before it."""
    old, new = _words(recorded), _words(asked)
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            continue
        line = "".join(new[:j1]).count("\n") + 1
        before = "".join(old[max(0, i1 - 2 * _CONTEXT_WORDS) : i1]).strip()
        was, now = "".join(old[i1:i2]).strip(), "".join(new[j1:j2]).strip()
        change = f"recorded {_short(was)}, asked {_short(now)}"
        yield f"{at} line {line}: after {_short(before)}: {change}"


def _words(text: str) -> list[str]:
    """Words and the blanks between them, so that joining gives the text again."""
    words: list[str] = []
    for line in text.splitlines(keepends=True):
        for word in line.split(" "):
            words += [word, " "]
        words.pop()
    return words


def _jaccard(first: Iterable[str], second: Iterable[str]) -> float:
    one, other = set(first), set(second)
    return len(one & other) / max(1, len(one | other))


def _all_words(lines: Iterable[str]) -> Iterator[str]:
    return (word for line in lines for word in line.split())


def _lines(value: object) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            for line in _lines(one):
                yield f"{name}:{line}"
    elif isinstance(value, list):
        for one in value:
            yield from _lines(one)
    else:
        yield from str(value).splitlines()


def _parsed(body: bytes) -> object:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _short(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 90 else text[:60] + " … " + text[-25:]
