"""YAML with the line of every key, and every way in which a file is no such."""

from collections.abc import Callable
from pathlib import Path

import pytest

from flagbench import yaml_lines
from flagbench.errors import InputError


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str | bytes], str]:
    """Reads a file with this content and gives the error's text, its folder cut off."""
    path = tmp_path / "x.yaml"

    def read(content: str | bytes) -> str:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        with pytest.raises(InputError) as caught:
            yaml_lines.read(path)
        return str(caught.value).replace(f"{tmp_path}/", "")

    return read


def test_every_place_has_its_line(tmp_path: Path) -> None:
    """Keys have the line of the key, items of lists their own."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\n\nb:\n  # a comment\n  c: [1,\n    2]\n  d:\n    - x\n    - y: z\n")
    document, lines = yaml_lines.read(path)
    assert document == {"a": 1, "b": {"c": [1, 2], "d": ["x", {"y": "z"}]}}
    assert lines.line(("a",)) == 1
    assert lines.line(("b",)) == 3
    assert lines.line(("b", "c")) == 5
    assert lines.line(("b", "c", 1)) == 6
    assert lines.line(("b", "d", 1, "y")) == 9


def test_a_place_that_is_not_there_is_told_by_what_is_around_it(tmp_path: Path) -> None:
    """A missing key is reported at its parent, a missing top key at the first line."""
    path = tmp_path / "x.yaml"
    path.write_text("a: 1\nb:\n  c: 2\n")
    _, lines = yaml_lines.read(path)
    assert lines.line(("b", "missing", "deeper")) == 2
    assert lines.line(("missing",)) == 1


def test_repeated_keys_are_all_told_with_their_lines(refused: Callable[..., str]) -> None:
    """Also deep inside, also in lists."""
    told = refused("a: 1\nb: {c: 1,\n  c: 2}\na: 3\nd:\n- {e: 1, e: 2}\n")
    assert told.splitlines() == [
        "x.yaml:3: duplicate key 'c'",
        "x.yaml:4: duplicate key 'a'",
        "x.yaml:6: duplicate key 'e'",
    ]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "x.yaml: the file is empty"),
        ("# only a comment\n", "x.yaml: the file is empty"),
        ("a: [1\nb: 2\n", "x.yaml:2: not valid YAML: "),
        ("a: 1\n\tb: 2\n", "x.yaml:2: not valid YAML: found character '\\t' that cannot start"),
        ("a: 1\n---\nb: 2\n", "x.yaml:2: not valid YAML: but found another document"),
        ("a: !!python/object:os.system x\n", "x.yaml:1: not valid YAML: could not determine a c"),
        ("a: *b\n", "x.yaml:1: not valid YAML: found undefined alias 'b'"),
        (b"a: \xff\n", "x.yaml: cannot be read: 'utf-8' codec can't decode byte 0xff"),
    ],
)
def test_what_is_no_yaml_is_told_with_its_line(
    refused: Callable[..., str], content: str | bytes, told: str
) -> None:
    """Each in one line."""
    assert refused(content).startswith(told)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        pytest.param('a: 1\nb: "x\x07"\n', 2, id="control character"),
        pytest.param("a: 1\nb: 2024-99-99\n", 2, id="impossible date"),
        pytest.param("a: 1\n? [b]\n: c\n", 2, id="key that is a list"),
        pytest.param("a: &x [*x]\n", 1, id="alias of itself"),
        pytest.param("a: " + "[" * 2000 + "]" * 2000 + "\n", 1, id="too deep"),
    ],
)
def test_odd_documents_are_wrong_input_too(
    refused: Callable[..., str], content: str, line: int
) -> None:
    """A file that a person could have written by mistake never ends in a traceback."""
    assert refused(content).startswith("x.yaml")


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    """A folder, or nothing at all."""
    with pytest.raises(InputError, match=r"cannot be read: .*No such file"):
        yaml_lines.read(tmp_path / "missing.yaml")
    with pytest.raises(InputError, match=r"cannot be read: .*Is a directory"):
        yaml_lines.read(tmp_path)


def test_names_are_not_numbers_or_truths(tmp_path: Path) -> None:
    """YAML's own types arrive as they are; the scenario's model refuses those it does not want."""
    path = tmp_path / "x.yaml"
    path.write_text("a: yes\nb: '1'\nc: ''\n")
    assert yaml_lines.read(path)[0] == {"a": True, "b": "1", "c": ""}
