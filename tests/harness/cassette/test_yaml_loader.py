"""YAML of cassettes that expands without end is refused soon, with its line."""

import re
from collections.abc import Callable

import pytest
import yaml
from house import House

from flagbench.cassette import file, yaml_loader
from flagbench.errors import CouldNotRun


def laughs(levels: int, row: Callable[[str], str]) -> str:
    """Rows of ten aliases to the row before."""
    rows = [f"a0: &a0 [{', '.join(['lol'] * 10)}]"]
    rows += [f"a{n}: &a{n} {row(f'*a{n - 1}')}" for n in range(1, levels)]
    return "\n".join(rows)


ROWS = {
    "lists": lambda alias: f"[{', '.join([alias] * 10)}]",
    "objects": lambda alias: "{" + ", ".join(f"k{n}: {alias}" for n in range(10)) + "}",
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
@pytest.mark.parametrize("head", ["", "texts:\n"])
def test_an_alias_bomb_is_refused_soon(row: Callable[[str], str], head: str) -> None:
    """Nine levels are a thousand million words; the line is that of an alias."""
    text = head + laughs(9, row) + "\nmetadata: *a8\n"
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        yaml_loader.load(text)
    assert caught.value.problem_mark is not None
    assert caught.value.problem_mark.line >= 4


def test_a_text_of_too_many_pieces_is_refused_soon() -> None:
    """Before it is joined."""
    rows = laughs(9, ROWS["lists"]).replace("a0: ", "- ")
    rows = re.sub(r"^a\d: ", "- ", rows, flags=re.MULTILINE)
    with pytest.raises(yaml.MarkedYAMLError) as caught:
        yaml_loader.load(f"texts:\n{rows}\nmetadata: {{joined: [*a8]}}\n")
    assert caught.value.problem_mark is not None


def test_merge_keys_are_refused() -> None:
    """They copy what they refer to while the document is read."""
    with pytest.raises(yaml.MarkedYAMLError, match="merge"):
        yaml_loader.load("a: &a {x: 1}\nb: {<<: *a}\n")


@pytest.mark.parametrize("text", ["&a [*a]", "a: &a {joined: [*a]}", "&a {x: {y: *a}}"])
def test_a_value_within_itself_is_refused(text: str) -> None:
    """However it is written."""
    with pytest.raises((yaml.MarkedYAMLError, TypeError)):
        yaml_loader.load(text)


def test_a_cassette_that_is_a_bomb_is_an_error_with_its_line(house: House) -> None:
    """For whoever edited it by hand."""
    path = house.cassette()
    text = path.read_text()
    path.write_text(laughs(9, ROWS["lists"]) + "\n" + text)
    with pytest.raises(CouldNotRun, match=r"1\.yaml:\d+: not readable as YAML \(aliases that exp"):
        file.load(path, record_command="flagbench record")


@pytest.mark.parametrize(
    "text",
    ["a:\n  " + "[" * 100_000, "a:\n  " + "- " * 100_000 + "x\n", "a:\n  " + "{a: " * 3000],
    ids=["lists", "lists in lines", "objects"],
)
def test_values_too_deep_are_refused_before_the_stack_ends(text: str) -> None:
    """With their line: the parser is C and would end the whole process."""
    with pytest.raises(yaml.MarkedYAMLError, match="more than 100 deep") as caught:
        yaml_loader.load(text)
    assert caught.value.problem_mark.line == 1
