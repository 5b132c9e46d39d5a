"""Requests for the rest of an answer that was cut off."""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

from flagbench.simulator.prompt_parser import message_texts

MOST_OCCURRENCES = 8
"""Answers that are compared with the part shown: it may be of the n-th identical request."""
_SHORTEST_OVERLAP = 16
_GO_ON = re.compile(
    r"\b(?:go on|continue|carry on|keep going|resume)\b|\b(?:left off|stopped|was cut|the rest)\b",
    re.I,
)
_LONGEST_REQUEST = 500


class CutOffAnswer(NamedTuple):
    """The request whose answer was cut off, and the part of the answer that arrived."""

    body: dict[str, Any]
    shown: str


def cut_off_answer(body: Mapping[str, Any]) -> CutOffAnswer | None:
    """The answer that the messages ask to continue; None where they are a request in themselves.

    The messages end with parts of an answer, each followed by a short user message that asks to go
    on; the last part may lack that message.
    """
    texts = message_texts(body)
    end, parts = len(texts), list[str]()
    while end > 1:
        role, text = texts[end - 1]
        if role == "assistant":
            parts.insert(0, text)
            end -= 1
        elif role == "user" and texts[end - 2][0] == "assistant" and _asks_to_go_on(text):
            end -= 1
        else:
            break
    if not parts:
        return None
    return CutOffAnswer({**body, "messages": list(body["messages"][:end])}, "".join(parts))


def _asks_to_go_on(text: str) -> bool:
    return len(text) <= _LONGEST_REQUEST and _GO_ON.search(text) is not None


def rest_of(shown: str, answer_to: Callable[[int], str]) -> str:
    """The rest of the text that begins with `shown`; `answer_to` gives the n-th answer.

    The part may lack the fence or its outer spaces. A part that is in no answer is continued after
    its last words; where these do not occur either, the whole first answer is returned.
    """
    answers = [answer_to(number) for number in range(1, MOST_OCCURRENCES + 1)]
    rests = (_after(text, shown) for text in answers)
    rest = next((rest for rest in rests if rest is not None), None)
    return _by_last_words(shown, answers) if rest is None else rest


def _after(text: str, part: str) -> str | None:
    place = text.find(part) if part else -1
    return text[place + len(part) :] if place >= 0 else None


def _by_last_words(shown: str, answers: Iterable[str]) -> str:
    """The text after the longest end of `shown` that an answer has; else the first answer."""
    texts = list(answers)
    length = min(len(shown), 400)
    while length >= _SHORTEST_OVERLAP:
        end = shown[-length:]
        for text in texts:
            rest = _after(text, end)
            if rest is not None:
                return rest
        length = length * 9 // 10
    return texts[0]
