"""Foreign text in a form that any terminal shows and any file holds."""

import pytest

from flagbench.printable import printable, printable_fields
from flagbench.subject import Metric


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a \ud83d b", r"a \ud83d b"),
        ("\x1b[31mred\x07", r"\x1b[31mred\x07"),
        ("a\rb\x00", r"a\rb\x00"),
        ("\x9b1m", r"\x9b1m"),
        ("user\u202etxt.exe", r"user\u202etxt.exe"),
    ],
)
def test_an_unfit_character_is_shown_as_its_escape(text: str, shown: str) -> None:
    """Halves of surrogate pairs, control characters, and those that reorder what is read."""
    assert printable(text) == shown
    shown.encode()


@pytest.mark.parametrize("text", ["", "two\nlines\tand a tab", "Δ ü 名前 ☃ 👩‍👩‍👧", "a\\b"])
def test_all_other_text_stays(text: str) -> None:
    """Letters of any script, symbols, emoji that are joined, and lines."""
    assert printable(text) == text


def test_every_text_in_a_document_is_printable() -> None:
    """In keys, lists, tuples and named tuples, which stay what they are."""
    document = {"\x1b": [("\x07", 1), Metric(1.0, "\ud83d")]}
    shown = printable_fields(document)
    assert shown == {r"\x1b": [(r"\x07", 1), Metric(1.0, r"\ud83d")]}
    assert type(shown[r"\x1b"][1]) is Metric
