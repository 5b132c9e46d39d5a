"""Calls of a subject that names no agents and requests are paired by their prompts' lengths."""

from collections.abc import Sequence
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from flagbench.measurement.call_pairs import difference, paired
from flagbench.measurement.trace_rows import TraceStep

LENGTHS = st.lists(st.integers(0, 60), max_size=6)


def call(digest: str, prompt_tokens: int) -> TraceStep:
    """A call in the only place."""
    return TraceStep(1, 1, "", "", digest, prompt_tokens)


def pairs_of(
    old: Sequence[TraceStep], new: Sequence[TraceStep]
) -> list[tuple[TraceStep | None, TraceStep | None]]:
    """Pairs of the calls that differ."""
    return [
        (first, second)
        for _, first, second in paired(
            difference(old, new), difference(new, old), lambda step: step.prompt_tokens
        )
    ]


def test_an_edit_of_all_prompts_pairs_each_with_itself() -> None:
    """Whatever the order of their digests."""
    old = [call("a", 300), call("b", 100), call("c", 200)]
    new = [call("z", 303), call("y", 103), call("x", 203)]
    assert {(first, second) for first, second in pairs_of(old, new)} == set(
        zip(old, new, strict=True)
    )


def test_the_call_that_went_is_the_one_without_a_likeness() -> None:
    """Of three calls the long one; its tokens are not those of a longer prompt."""
    old = [call("a", 300), call("b", 100), call("c", 200)]
    new = [call("y", 103), call("x", 203)]
    assert (old[0], None) in pairs_of(old, new)
    assert (None, old[0]) in pairs_of(new, old)


@given(LENGTHS, LENGTHS)
def test_as_many_pairs_as_there_are_with_the_least_differences(
    lengths: list[int], others: list[int]
) -> None:
    """Each call once, no two pairs crossed."""
    old = [call(f"a{number}", size) for number, size in enumerate(sorted(lengths))]
    new = [call(f"b{number}", size) for number, size in enumerate(sorted(others))]
    pairs = pairs_of(old, new)
    assert [first for first, _ in pairs if first is not None] == old
    assert [second for _, second in pairs if second is not None] == new
    both = [
        abs(first.prompt_tokens - second.prompt_tokens)
        for first, second in pairs
        if first is not None and second is not None
    ]
    assert len(both) == min(len(old), len(new))
    few, many = sorted([sorted(lengths), sorted(others)], key=len)
    assert sum(both) == min(
        sum(abs(a - b) for a, b in zip(few, chosen, strict=True))
        for chosen in combinations(many, len(few))
    )
