"""Repeated runs of lines: texts come back from their pieces, and what repeats is one object."""

from hypothesis import given
from hypothesis import strategies as st

from flagbench.cassette.repeats import Piece, divide

LINES = st.sampled_from(
    ["a line that is long enough to count\n", "b" * 50 + "\n", "\n", "}\n", "é"]
)
TEXTS = st.lists(st.lists(LINES, max_size=30).map("".join), max_size=8)


def whole(piece: Piece) -> str:
    """The text of a piece."""
    return piece if isinstance(piece, str) else "".join(map(whole, piece))


def depth(piece: Piece) -> int:
    """The pieces in pieces."""
    return 0 if isinstance(piece, str) else 1 + max(map(depth, piece))


@given(TEXTS)
def test_every_text_comes_back_from_its_pieces(texts: list[str]) -> None:
    """Short ones are left out; a shared piece comes after those that it consists of."""
    shared, pieces = divide(texts)
    assert {text: whole(piece) for text, piece in pieces.items()} == {
        text: text for text in texts if len(text) >= 200
    }
    for place, piece in enumerate(shared):
        if not isinstance(piece, str):
            assert all(any(part is earlier for earlier in shared[:place]) for part in piece.shared)


def test_texts_that_grow_are_not_nested_without_end() -> None:
    """A conversation that is sent again with one line more each time."""
    lines = [f"This is what was said in line {number}.\n" for number in range(400)]
    texts = ["".join(lines[:length]) for length in range(10, 400)]
    _, pieces = divide(texts)
    assert [whole(pieces[text]) for text in texts] == texts
    assert max(map(depth, pieces.values())) < 60
