"""Wrapping of a long line at its longest outer bracket, one item a line."""

_PAIRS = {"(": ")", "[": "]", "{": "}"}


def wrapped(line: str) -> list[str]:
    """The line in several, or unchanged where it has no bracket with items in it."""
    span = _outermost(line)
    if span is None:
        return [line]
    start, end = span
    space = " " * (len(line) - len(line.lstrip()))
    items = _items(line[start + 1 : end])
    if not items or any(" for " in item for item in items):
        return [line]
    comma = "" if len(items) == 1 and line[start] == "(" else ","
    inner = [f"{space}    {item}," for item in items[:-1]] + [f"{space}    {items[-1]}{comma}"]
    return [line[: start + 1], *inner, space + line[end:]]


def _outermost(line: str) -> tuple[int, int] | None:
    """Columns at which the longest outer bracket outside strings opens and closes."""
    quote, opened = "", list[int]()
    best: tuple[int, int] | None = None
    for place, letter in enumerate(line):
        if quote:
            quote = "" if letter == quote and line[place - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter == "#":
            break
        elif letter in _PAIRS:
            opened.append(place)
        elif letter in _PAIRS.values() and opened:
            start = opened.pop()
            if not opened and (best is None or place - start > best[1] - best[0]):
                best = (start, place)
    return best if best and best[1] - best[0] > 1 else None


def _items(text: str) -> list[str]:
    """The text split at its commas, except those inside strings and brackets."""
    items, depth, quote, start = list[str](), 0, "", 0
    for place, letter in enumerate(text):
        if quote:
            quote = "" if letter == quote and text[place - 1] != "\\" else quote
        elif letter in "\"'":
            quote = letter
        elif letter in _PAIRS:
            depth += 1
        elif letter in _PAIRS.values():
            depth -= 1
        elif letter == "," and depth == 0:
            items.append(text[start:place].strip())
            start = place + 1
    return [item for item in [*items, text[start:].strip()] if item]
