"""Foreign text in a form that any terminal shows and any file holds."""

import sys
import unicodedata

import pytest

from flagbench.printable import printable, printable_fields, shorten
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


def test_every_control_character_and_every_half_is_unfit() -> None:
    """Of all characters; a tab and a newline are fit."""
    unfit = {"Cc", "Cs", "Zl", "Zp"}
    found = [
        letter
        for letter in map(chr, range(sys.maxunicode + 1))
        if unicodedata.category(letter) in unfit and printable(letter) == letter
    ]
    assert found == ["\t", "\n"]


@pytest.mark.parametrize("text", ["", "two\nlines\tand a tab", "Δ ü 名前 ☃ 👩‍👩‍👧", "a\\b"])
def test_all_other_text_stays(text: str) -> None:
    """Letters of any script, symbols, emoji that are joined, and lines."""
    assert printable(text) == text


def test_a_long_text_is_shortened() -> None:
    """In its middle, and what is left out is said; a text of the bound is whole."""
    text = "a" * 60_000 + "b" * 60_000
    assert shorten(text) == f"{'a' * 50_000}\n[20,000 characters left out]\n{'b' * 50_000}"
    assert shorten(text[:100_000]) == text[:100_000]


def test_every_text_in_a_document_is_printable() -> None:
    """In keys, lists, tuples and named tuples, which stay what they are."""
    document = {"\x1b": [("\x07", 1), Metric(1.0, "\ud83d")]}
    shown = printable_fields(document)
    assert shown == {r"\x1b": [(r"\x07", 1), Metric(1.0, r"\ud83d")]}
    assert type(shown[r"\x1b"][1]) is Metric
