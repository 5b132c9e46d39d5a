"""The first difference of two texts, with and without elided parts."""

import pytest

from flagbench.reproduction.difference import first_byte, first_difference


@pytest.mark.parametrize(
    ("stated", "made", "place"),
    [
        ("a\nb\n", "a\nb\n", ""),
        ("a\nb\n", "a\nc\n", "line 2"),
        ("a\nb\n", "a\n", "line 2"),
        ("a\n", "a\nb\n", "line 2"),
        ("a\n", "a", "byte 1"),
        ("a … d\n", "a b c d\n", ""),
        ("a … d\n", "a b c\n", "line 1"),
        ("a … a\n", "a \n", "line 1"),
        ("a\n…\nd\n", "a\nb\nc\nd\n", ""),
        ("a\n…\nd\n", "a\nb\nc\n", "line 3"),
        ("a\n…\n", "a\nb\nc\n", ""),
    ],
)
def test_the_first_difference_is_named(stated: str, made: str, place: str) -> None:
    """A line is named by its number; an ellipsis stands for any text, or for any lines."""
    difference = first_difference(stated, made)
    assert bool(difference) == bool(place)
    assert place in "\n".join(difference)


def test_the_first_byte_is_named() -> None:
    """Also where one of them ends."""
    assert first_byte(b"abc", b"abc") == ()
    assert first_byte(b"abc", b"abd") == ("first difference at byte 2 of 3",)
    assert first_byte(b"abc", b"ab") == ("first difference at byte 2 of 3",)
