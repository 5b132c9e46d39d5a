"""Patches: applied exactly, or refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flagbench_generators.kernel.patching import PatchRefused, apply_patch

TEXT = "id: int\ncourse_id: int\nname: str\nname_too: str\n"


def block(search: str, replace: str) -> str:
    """One search/replace block."""
    return f"<<<<<<< SEARCH\n{search}=======\n{replace}>>>>>>> REPLACE\n"


def test_a_block_replaces_its_lines() -> None:
    """Prose and fences round the blocks do not matter."""
    optional = block("name: str\n", "name: str | None\n")
    assert apply_patch(TEXT, f"Here:\n```\n{optional}```\n") == TEXT.replace(
        "name: str\n", "name: str | None\n"
    )


def test_blocks_are_applied_in_order() -> None:
    """A later block sees what an earlier one wrote."""
    answer = block("name: str\n", "title: str\n") + block("title: str\n", "title: int\n")
    assert apply_patch(TEXT, answer) == TEXT.replace("name: str\n", "title: int\n")


def test_lines_can_be_removed() -> None:
    """An empty replacement."""
    assert apply_patch(TEXT, block("name: str\n", "")) == "id: int\ncourse_id: int\nname_too: str\n"


def test_only_whole_lines_are_found() -> None:
    """`id: int` is the first line, and not the end of the second."""
    assert apply_patch(TEXT, block("id: int\n", "id: str\n")).splitlines()[:2] == [
        "id: str", "course_id: int",
    ]  # fmt: skip


def test_a_replacement_is_taken_literally() -> None:
    """Backslashes and group references are code here."""
    assert "pattern = r'\\1\\n'" in apply_patch(TEXT, block("name: str\n", "pattern = r'\\1\\n'\n"))


@pytest.mark.parametrize(
    ("answer", "why"),
    [("name: str | None", "no search/replace block"),
     (block("missing: str\n", "x\n"), "block 1 stands 0 times"),
     (block("", "x\n"), "block 1 stands 0 times"),
     (block("id: int\n", "name: str\n") + block("name: str\n", "x\n"), "block 2 stands 2 times")],
)  # fmt: skip
def test_a_patch_that_does_not_apply_once_is_refused(answer: str, why: str) -> None:
    """Nothing is guessed: the file is written whole instead."""
    with pytest.raises(PatchRefused, match=why):
        apply_patch(TEXT, answer)


@pytest.mark.parametrize(
    ("text", "search"), [("a\na\nb\n", "a\n"), ("a\nb\na\nb\na\n", "a\nb\na\n")]
)
def test_lines_that_follow_each_other_are_two_matches(text: str, search: str) -> None:
    """Which of them was meant is not to be guessed."""
    with pytest.raises(PatchRefused, match="block 1 stands 2 times"):
        apply_patch(text, block(search, "x\n"))


def test_a_part_of_a_patch_is_not_applied() -> None:
    """A good block before a bad one does not count: all or nothing."""
    answer = block("name: str\n", "title: str\n") + block("missing: str\n", "x\n")
    with pytest.raises(PatchRefused, match="block 2 stands 0 times"):
        apply_patch(TEXT, answer)


def test_other_line_ends_are_refused_and_not_mixed() -> None:
    """A patch with CRLF is no patch of a file without."""
    with pytest.raises(PatchRefused):
        apply_patch(TEXT, block("name: str\n", "title: str\n").replace("\n", "\r\n"))


@given(st.lists(st.text("ab \n", max_size=6), min_size=1, max_size=6), st.integers(0, 5))
def test_a_line_that_stands_once_is_replaced_and_nothing_else(lines: list[str], place: int) -> None:
    """Whatever stands around it."""
    numbered = [f"{number}{line}".replace("\n", "") for number, line in enumerate(lines)]
    place %= len(numbered)
    text = "".join(f"{line}\n" for line in numbered)
    after = apply_patch(text, block(f"{numbered[place]}\n", "new\n")).splitlines()
    assert after == [*numbered[:place], "new", *numbered[place + 1 :]]
