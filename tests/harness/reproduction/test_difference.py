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


def test_the_difference_of_a_long_line_is_shown() -> None:
    """With what is before it: a chart is a line of a page."""
    line = "<svg>" + "".join(f"L {number} 7 " for number in range(500))
    _, stated, made = first_difference(line, line.replace("L 400 7", "L 400 8"))
    assert "L 399 7 L 400 7 L 401" in stated and "L 399 7 L 400 8 L 401" in made
    assert max(len(stated), len(made)) < 200
    _, stated, made = first_difference(line, line[:3000])
    assert stated != made
