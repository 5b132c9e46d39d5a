"""JSON paths of a scenario: which places of a body they name."""

import re
from functools import lru_cache

from flagbench.errors import Place

EXPECTED = "a JSON path such as $, $.messages[*].content, $..arguments or $['a key'][0]"

_STEP = re.compile(
    r"(?P<deep>\.\.)?(?:(?<=\.\.)|(?P<dot>\.)|(?=\[))"
    r"(?:(?P<name>[^\W\d][\w-]*)|(?P<all>\*)"
    r"|\[(?:(?P<index>\d{1,9})|(?P<every>\*)|'(?P<single>[^']*)'|\"(?P<double>[^\"]*)\")\])"
)
_EVERY = None
_PLAIN_NAME = re.compile(r"[^\W\d][\w-]*")
Step = tuple[bool, str | int | None]


@lru_cache(maxsize=256)  # a scenario has a few, and every value of a body is held against them
def parse(text: str) -> tuple[Step, ...]:
    """Parse a path: for each step, whether it is at any depth, and its key, index, or None for all.

    Raises `ValueError`.
    """
    steps: list[Step] = []
    at = 1
    while text.startswith("$") and at < len(text):
        match = _STEP.match(text, at)
        if match is None or (match["dot"] and match["index"]):
            break
        names = [match[name] for name in ("name", "single", "double") if match[name] is not None]
        selected = names[0] if names else int(match["index"]) if match["index"] else _EVERY
        steps.append((match["deep"] is not None, selected))
        at = match.end()
    if not text.startswith("$") or at < len(text):
        raise ValueError(f"{text!r} is not {EXPECTED}")
    return tuple(steps)


def covers(steps: tuple[Step, ...], place: Place) -> bool:
    """True for a place that a path names, and for every place in it."""
    if not steps:
        return True
    is_deep, selected = steps[0]
    starts = range(len(place) if is_deep else min(1, len(place)))
    return any(
        (selected is _EVERY or _is_same(place[start], selected))
        and covers(steps[1:], place[start + 1 :])
        for start in starts
    )


def written(place: Place) -> str:
    """The path of a place, with any index in a list."""
    return "$" + "".join(
        "[*]"
        if isinstance(part, int)
        else f".{part}"
        if _PLAIN_NAME.fullmatch(part)
        else f"[{_quoted(part)}]"
        for part in place
    )


def _is_same(part: str | int, selected: str | int) -> bool:
    return type(part) is type(selected) and part == selected


def _quoted(name: str) -> str:
    return f'"{name}"' if "'" in name else f"'{name}'"
