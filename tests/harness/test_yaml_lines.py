"""YAML with the line of every key, and every way in which a file is no such."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from flagbench import yaml_lines
from flagbench.errors import InputError

# An error of its own where it is read: what comes before it was told before it.
UNREAD = "'\n: }\n"


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


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n\tb: 2\n", "spaces in place of the tab"),
        ("title: a: b\n", "quotes around a text with `: `, keys one below the other"),
        ("a: 1\n---\nb: 2\n", "one document, without a second ---"),
    ],
    ids=["a tab", "a colon", "two documents"],
)
def test_frequent_mistakes_have_their_remedy(
    refused: Callable[..., str], text: str, expected: str
) -> None:
    """Where the words of the parser do not say it."""
    assert refused(text).endswith(f"\n    expected: {expected}")


def test_repeated_keys_are_all_told_with_their_lines(refused: Callable[..., str]) -> None:
    """Also deep inside, also in lists."""
    told = refused("a: 1\nb: {c: 1,\n  c: 2}\na: 3\nd:\n- {e: 1, e: 2}\n")
    assert told.splitlines() == [
        "x.yaml:3: duplicate key 'c'",
        "    expected: each key once",
        "x.yaml:4: duplicate key 'a'",
        "    expected: each key once",
        "x.yaml:6: duplicate key 'e'",
        "    expected: each key once",
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


def test_values_arrive_as_they_are_typed(tmp_path: Path) -> None:
    """Numbers, truth values, dates and text; also merged keys, of which the own ones win."""
    path = tmp_path / "x.yaml"
    path.write_text(
        "a: true\nb: '1'\nc: ''\nd: [-3, .5, 1.5e+3, 1.]\ne: 2024-05-13\nf: 'no'\n"
        "g: &g {x: 1, y: 2}\nh: {<<: *g, y: 3}\n"
    )
    assert yaml_lines.read(path)[0] == {
        "a": True, "b": "1", "c": "", "d": [-3, 0.5, 1500.0, 1.0], "e": date(2024, 5, 13),
        "f": "no", "g": {"x": 1, "y": 2}, "h": {"x": 1, "y": 3},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("scalar", "told"),
    [
        ("010", "'010' is 8 in YAML 1.1"),
        ("-0x1F", "'-0x1F' is -31 in YAML 1.1"),
        ("0b11", "'0b11' is 3 in YAML 1.1"),
        ("1:30", "'1:30' is 90 in YAML 1.1"),
        ("1_000", "'1_000' is 1000 in YAML 1.1"),
        ("!!int '010'", "'010' is 8 in YAML 1.1"),
        ("yes", "'yes' is a truth value in YAML 1.1"),
        ("Off", "'Off' is a truth value in YAML 1.1"),
        (".nan", "'.nan' is not a finite decimal number"),
        ("-.inf", "'-.inf' is not a finite decimal number"),
        ("1.0e+999", "'1.0e+999' is not a finite decimal number"),
        ("1:30.5", "'1:30.5' is not a finite decimal number"),
        ("1_0.5", "'1_0.5' is not a finite decimal number"),
        ("1e3", "'1e3' is text in YAML 1.1, and a number elsewhere"),
        ("0o17", "'0o17' is text in YAML 1.1, and a number elsewhere"),
    ],
)
@pytest.mark.parametrize("form", ["a: {}\n", "a: [x, {}]\n", "? {}\n: x\n"])
def test_a_scalar_with_two_readings_is_told(
    refused: Callable[..., str], form: str, scalar: str, told: str
) -> None:
    """YAML 1.1 and the rest of the world differ on it: as a value, in a list, and as a key."""
    message = refused("first: line\n" + form.format(scalar))
    assert message.startswith(f"x.yaml:2: {told}\n    expected: ")
    assert "quotes" in message


def test_every_scalar_with_two_readings_is_told_at_once(refused: Callable[..., str]) -> None:
    """Beside duplicate keys, by line."""
    told = refused("a: 010\nb: yes\nb: 1\n").splitlines()[::2]
    assert [line.partition(" ")[0] for line in told[:2]] == ["x.yaml:1:", "x.yaml:2:"]


@pytest.mark.parametrize("form", ["[{}]", "{{{}}}"])
def test_an_alias_bomb_is_told_at_once(refused: Callable[..., str], form: str) -> None:
    """Nine levels of nine aliases, in lists and in mappings: the line where they become too many.

    A document without aliases may be too large as well.
    """
    levels = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    for level in range(1, 10):
        aliases = [f"*a{level - 1}" for _ in range(9)]
        if "{" in form[0]:
            aliases = [f"k{place}: {alias}" for place, alias in enumerate(aliases)]
        levels.append(f"a{level}: &a{level} {form.format(', '.join(aliases))}")
    told = refused("\n".join(levels) + "\n")
    assert told.startswith("x.yaml:5: not valid YAML: more than 20,000 values")
    assert "more than 20,000 values" in refused("- x\n" * 20_001)


@pytest.mark.parametrize(
    "text",
    ["[" * 100_000, "- " * 100_000 + "x\n", "a: " + "[" * 3000 + "]" * 3000, "[x, " * 60_000],
)
def test_values_too_deep_or_too_many_are_told_before_the_rest_is_read(
    refused: Callable[..., str], text: str
) -> None:
    """With the line, and before Python's own limit or the end of the file."""
    told = refused(f"{text}\n{UNREAD}")
    assert told == "x.yaml:1: not valid YAML: values in values, more than 100 deep"


def test_a_file_that_never_ends_is_not_read() -> None:
    """A device, and a pipe that nobody writes to."""
    with pytest.raises(InputError, match="cannot be read: not a regular file"):
        yaml_lines.read(Path("/dev/zero"))


DOCUMENTS = (
    "a: &x [1, 'b', {c: no-one}]\nd: |\n  two\n  lines\ne:\n- *x\n- f: 2.5\n",
    "a: 1e3\nb: '1e3'\nc: yes\na: 010\n",  # with ambiguous values and a key twice
)


@given(
    document=st.sampled_from(DOCUMENTS),
    place=st.integers(0, 60),
    left_out=st.integers(0, 2),
    put_in=st.text(":-[]{}&*!|>'\"%@`#,? \n\tx0é😀\x07\u2028", max_size=2),
)
def test_both_parsers_read_the_same(document: str, place: int, left_out: int, put_in: str) -> None:
    """What both take has the same values or faults at the same lines, whatever was edited."""
    text = document[:place] + put_in + document[place + left_out :]
    found = []
    for loader in (yaml_lines._Loader, yaml_lines._ExplainingLoader):
        try:
            found.append(yaml_lines._parse_by(loader, text))
        except (yaml.YAMLError, ValueError, TypeError):
            return
    assert found[0] == found[1]
