"""A running count of tokens that remembers what could not be counted."""

from collections.abc import Iterable, Mapping
from typing import Any

from flagbench.tokenizer import TokenCounter


class Tally:
    """A running count. Its total is None as soon as something in it cannot be counted."""

    def __init__(self, counter: TokenCounter | None, model: str) -> None:
        self._counter = counter
        self._model = model
        self._tokens = 0
        self._obstacles: list[str] = []

    @property
    def total(self) -> int | None:
        """The tokens so far, None if they are more than these."""
        return None if self._obstacles else self._tokens

    @property
    def obstacle(self) -> str:
        """The first thing that cannot be counted, "" for none."""
        return self._obstacles[0] if self._obstacles else ""

    @property
    def is_cl100k(self) -> bool:
        """True for the encoding of gpt-4 and gpt-3.5, whose formulas differ."""
        return self._counter is not None and self._counter.name == "cl100k_base"

    def add(self, tokens: int) -> None:
        """Add tokens of the format."""
        self._tokens += tokens

    def cannot_count(self, what: str) -> None:
        """Note something that cannot be counted."""
        self._obstacles.append(what)

    def text(self, value: object) -> None:
        """Add the tokens of a text; None and "" have none."""
        if value is None or value == "":
            return
        if not isinstance(value, str):
            self.cannot_count(f"a {type(value).__name__} in place of a text")
        elif self._counter is None:
            model = self._model or "a model"
            self.cannot_count(f"a text of {model}, whose tokenizer is not known,")
        else:
            self._tokens += self._counter.count(value)

    def texts(self, values: Iterable[object]) -> None:
        """Add the tokens of several texts."""
        for value in values:
            self.text(value)


def mappings(values: object, what: str, tally: Tally) -> list[Mapping[str, Any]]:
    """The mappings of a list, none for None; anything else cannot be counted."""
    if values is None:
        return []
    if not isinstance(values, list):
        tally.cannot_count(f"{what} that are no list")
        return []
    found: list[Mapping[str, Any]] = [value for value in values if isinstance(value, dict)]
    if len(found) < len(values):
        tally.cannot_count(f"{what} of an unknown kind")
    return found


def mapping(value: object) -> Mapping[str, Any]:
    """The value if it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def count_encoded_or_text(value: object, tally: Tally) -> None:
    """Add an input of the older APIs: a text, token ids, or a list of either."""
    if isinstance(value, list) and value and all(type(item) is int for item in value):
        tally.add(len(value))
    elif isinstance(value, list):
        for item in value:
            count_encoded_or_text(item, tally)
    else:
        tally.text(value)
